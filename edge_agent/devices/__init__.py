"""Pure drivers: the bytes of a peripheral become a reading, and back for the simulators."""
