"""The built-in page: reads the ingest HTTP API and renders charts, in Chinese and English."""
