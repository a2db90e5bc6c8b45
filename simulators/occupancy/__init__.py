"""Virtual occupancy sensors: on the virtual radio, on mock pins, on a serial line, on a broker."""
