"""The shared heart of the functions: from a request for speech to an object in the cache."""

VERSION = "0.1.0"
"""Version of the functions, told to Sentry with each fault."""
