"""Follows up what the cache's lifecycle removed."""
