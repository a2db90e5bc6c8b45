"""The demo: a simulated city and the whole platform, started and ended by one command."""
