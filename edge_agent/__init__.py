"""The agent at one station: from Bluetooth frames to anonymous batches in a durable outbox."""
