"""What the host answers over HTTP."""
