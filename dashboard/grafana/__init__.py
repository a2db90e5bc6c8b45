"""Grafana: boards, alerts and provisioning as code, and the way to push them."""
