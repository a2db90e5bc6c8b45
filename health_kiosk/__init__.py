"""The command line and the demo, which wire the packages together from the outside."""
