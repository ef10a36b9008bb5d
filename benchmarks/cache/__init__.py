"""The hit path and the miss path of the public API, against reading the object and returning it."""
