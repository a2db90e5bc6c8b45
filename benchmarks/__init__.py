"""Benchmarks: what the platform costs, measured here and compared within one run."""
