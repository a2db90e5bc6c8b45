"""The subcommands: each module has `run(options)` and imports what only it needs."""
