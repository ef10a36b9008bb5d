"""Bring panels back out of the state table's point-in-time recovery."""
