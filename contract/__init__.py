"""The words every part shares: messages, topics, errors, quantities and screening categories."""
