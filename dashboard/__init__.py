"""What health programme officers look at: boards for Grafana and the built-in page."""
