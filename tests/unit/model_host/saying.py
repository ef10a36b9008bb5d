"""What the host says for what is written, without a lexicon."""

from __future__ import annotations

from model_host.request import Said
from model_host.text.normalizer import Normalizer, Written

_NORMALIZER = Normalizer()


def say(written: Written) -> Said:
    return Said(_NORMALIZER.normalize(written))
