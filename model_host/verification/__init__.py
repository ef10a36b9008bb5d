"""Is it what was asked for? Checks of what an engine said, before anyone hears or keeps it.

What is looked for, how often it is tried again and what cannot be noticed: docs/speech-checks.md.
"""
