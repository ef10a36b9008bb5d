"""XTTS-v2 checkpoints in the real on-disk format with random weights, made through TTS itself.

For tests (tiny, seconds) and for parity, speed and the demo (full size). What they say is noise;
how they are loaded, packed, tokenized, decoded and vocoded is what the published model goes
through. Needs torch and TTS (requirements/coqui.txt).
"""
