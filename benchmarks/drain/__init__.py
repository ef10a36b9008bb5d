"""What SIGTERM does to eight callers of the packed XTTS engine who hear streams."""
