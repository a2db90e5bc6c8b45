"""The central service: MQTT messages become committed series, receipts and released trends."""
