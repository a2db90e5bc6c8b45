"""What must not be found: on the wire, in the log, on the disk, and in the hours of traffic."""
