"""The steps by which the operational database came to its present form."""
