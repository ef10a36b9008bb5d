"""A BPE vocabulary with XTTS-v2's special tokens, trained on Portuguese calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SENTENCES = Path(__file__).with_name("sentences_pt_br.txt")
"""Sixty sentences written for this: one a line."""

_SPECIAL_IDS = {"[STOP]": 0, "[UNK]": 1, "[SPACE]": 2, "[pt]": 260, "[START]": 261}
"""Start, stop and the unknown have the ids of the published vocabulary."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyzáâãàçéêíóôõúü,.?!;:-'0123456789"
_LEARNED_MAX = 400
"""More would make whole words of the calls, and texts shorter in tokens than they really are."""


def write_vocabulary(path: Path, tokens: int) -> None:
    """Train and write a `vocab.json`.

    Args:
        path: where to.
        tokens: size of the vocabulary; what training does not fill is never produced.
    """
    learned = min(_LEARNED_MAX, tokens - len(_SPECIAL_IDS))
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))  # noqa: S106 - a token of text
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=learned, initial_alphabet=list(_ALPHABET), show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES.read_text("utf-8").lower().splitlines(), trainer)
    document = json.loads(tokenizer.to_str())
    _renumber(document, tokens)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


def _renumber(document: dict[str, Any], tokens: int) -> None:
    """Give the special tokens their ids, the learned ones the ids left, and fill up."""
    learned = sorted(document["model"]["vocab"], key=document["model"]["vocab"].__getitem__)
    taken = set(_SPECIAL_IDS.values())
    free = (number for number in range(tokens) if number not in taken)
    ids = {**_SPECIAL_IDS, **dict(zip(learned, free, strict=False))}
    ids |= {f"<unused {number}>": number for number in free}
    document["model"]["vocab"] = dict(sorted(ids.items(), key=lambda item: item[1]))
    document["added_tokens"] = [
        {
            "id": number,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for token, number in _SPECIAL_IDS.items()
    ]
