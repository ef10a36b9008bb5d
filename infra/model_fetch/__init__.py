"""Brings the model from S3 to where the host reads it; what a pod's init container runs."""
