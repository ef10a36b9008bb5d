"""The packed XTTS engine against the reference (`TTS`), in one run, on the same checkpoint."""
