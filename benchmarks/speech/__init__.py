"""What stands between an engine and its listeners: how long it takes, and what it does."""
