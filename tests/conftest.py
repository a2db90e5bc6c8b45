"""How often properties are tried: often in every run, very often in `make fuzz`."""

import os

from hypothesis import settings

settings.register_profile("test", max_examples=200, deadline=None)
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))
