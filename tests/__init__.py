"""What must hold, from single functions to the whole city."""
