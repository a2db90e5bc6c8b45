"""The four buckets of the production store, and which of them a dashboard may read. Pure."""

RAW, TRENDS, USAGE, FLEET = "kiosk_raw", "kiosk_trends", "kiosk_usage", "kiosk_fleet"

BUCKETS = (RAW, TRENDS, USAGE, FLEET)

READABLE = (TRENDS, USAGE, FLEET)
"""Not the raw bucket: it holds single sessions."""
