"""Station occupancy: sensors of several makes, their pure parsers and readers, and the windows."""
