"""Full stops as XTTS must see them."""

from __future__ import annotations


def set_off_full_stops(text: str) -> str:
    """Put a blank before each full stop: "três." → "três .".

    XTTS says "três ponto" for the first (coqui-ai/TTS issue 2952, where one of its authors names
    this cure).

    Args:
        text: words and `, . ? !`, as the normaliser makes it.
    """
    return text.replace(".", " .")
