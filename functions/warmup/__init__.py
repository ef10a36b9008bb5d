"""Keeps the manifest fresh and the pinned phrases rendered."""
