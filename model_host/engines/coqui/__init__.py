"""The reference engine (`ENGINE=coqui`): the unmodified XTTS-v2 of the `coqui-tts` package.

It exists for parity, benchmarks and doubt: what it says is by definition what the model says.
Nothing here imports torch or TTS until the engine loads (`engine.CoquiEngine.load`).
"""
