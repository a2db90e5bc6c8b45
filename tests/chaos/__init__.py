"""Chaos: the station's real parts, killed, starved and cut off, must lose and double nothing."""
