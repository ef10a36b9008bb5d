"""The model host: a pure speech server. Text in, audio out; it knows nothing of AWS."""

VERSION = "0.1.0"
"""Version of the host's own behaviour, shown by `/info`."""
