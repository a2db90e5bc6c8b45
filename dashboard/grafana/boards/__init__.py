"""The boards, each a function of the language, rendered from one source."""
