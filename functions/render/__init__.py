"""Renders queued speech."""
