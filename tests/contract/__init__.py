"""Each implementation of a protocol in turn, and documents against the code they describe."""
