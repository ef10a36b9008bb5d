"""Measurements; each compares with a reference in the same run."""
