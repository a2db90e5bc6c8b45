"""The options of every command, in the order of the help; nothing here imports a command."""
