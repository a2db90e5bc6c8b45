"""One function or class at a time, with nothing outside the process."""
