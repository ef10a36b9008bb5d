"""API keys: create, list, rotate and revoke them."""
