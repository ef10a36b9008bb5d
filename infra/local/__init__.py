"""The whole system on one machine: MiniStack for AWS, the model host beside it, no Docker."""
