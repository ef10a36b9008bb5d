"""What the host tells its operator: log lines, metrics, and the record of each request."""
