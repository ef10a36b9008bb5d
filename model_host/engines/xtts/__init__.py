"""XTTS-v2 as C-TV serves it (`ENGINE=xtts`): packed once, then spoken without torch.

`python -m model_host.engines.xtts pack` turns a checkpoint into a pack (`convert`, `pack`; these
need torch and TTS); everything the server loads reads packs only and imports neither.
"""
