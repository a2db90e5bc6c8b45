"""The outside world on one machine: a virtual radio, virtual meters and those who use them."""
