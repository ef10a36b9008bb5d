"""Expands uploaded files of phrases into the render queue."""
