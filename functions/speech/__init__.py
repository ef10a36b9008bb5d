"""The shared heart of the functions: from a request for speech to an object in the cache."""
