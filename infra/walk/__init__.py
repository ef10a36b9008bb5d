"""The stranger's walk: docs/deploy.md followed to the letter, as far as one machine can."""
