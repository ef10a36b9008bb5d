"""Portuguese text to XTTS-v2's text tokens, without TTS.

Follows `TTS.tts.layers.xtts.tokenizer.VoiceBpeTokenizer` (coqui-tts 0.28.0) for Portuguese: equal
tokens for every text of words and `, . ? !`.

Numbers, symbols and abbreviations are the normaliser's business (`model_host.text`): it knows that
a ticket's digits are said one by one. What slips through is treated here as follows: integers are
spelt out in Brazilian Portuguese (TTS uses Portugal's), symbols become words as in TTS, and what
the vocabulary cannot say is left out (TTS says its token for the unknown).
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from tokenizers import Tokenizer

from model_host.engines.base import EngineUnavailableError

CHARACTERS_MAX = 203
"""Above this, XTTS-v2 tends to break off Portuguese speech (`char_limits` in TTS)."""

_LANGUAGE = "[pt]"
_SPACE = "[SPACE]"
_UNKNOWN = "[UNK]"

_ABBREVIATIONS = {
    "sra": "senhora",
    "sr": "senhor",
    "dr": "doutor",
    "dra": "doutora",
    "st": "santo",
    "co": "companhia",
    "jr": "júnior",
    "ltd": "limitada",
}
"""TTS's own; each counts only before a full stop, which it swallows."""

_SYMBOLS = {
    "&": " e ",
    "@": " arroba ",
    "%": " por cento ",
    "#": " cardinal ",
    "$": " dólar ",
    "£": " libra ",
    "°": " graus ",
}

_DIGITS_MAX = 15
"""Longer integers are no amounts; they are said digit by digit."""

_ABBREVIATION = re.compile(rf"\b({'|'.join(_ABBREVIATIONS)})\.")
_SYMBOL = re.compile(f"[{re.escape(''.join(_SYMBOLS))}]")
_INTEGER = re.compile(r"[0-9]+")
_BLANKS = re.compile(r"\s+")
_MARKUP = re.compile(r'[\[\]"]')
"""Quotes, which TTS drops too, and what would let a text spell a special token such as [STOP]."""


class XttsTokenizer:
    """Encodes texts; safe to use from several threads."""

    def __init__(self, tokenizer_json: Path, max_text_tokens: int = 402) -> None:
        """Read a vocabulary.

        Args:
            tokenizer_json: a checkpoint's `vocab.json`.
            max_text_tokens: a text must have fewer tokens.

        Raises:
            EngineUnavailableError: not a vocabulary, or one without Portuguese.
        """
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer_json))
        except Exception as error:
            # tokenizers raises plain Exception.
            message = f"{tokenizer_json} is not a vocabulary: {error}"
            raise EngineUnavailableError(message) from error
        for token in (_LANGUAGE, _SPACE, _UNKNOWN):
            if self._tokenizer.token_to_id(token) is None:
                message = f"{tokenizer_json} is not of XTTS-v2: its vocabulary lacks {token}"
                raise EngineUnavailableError(message)
        self._unknown_id = self._tokenizer.token_to_id(_UNKNOWN)
        self._max_text_tokens = max_text_tokens

    def encode(self, text: str) -> list[int]:
        """Encode a text, without the start and stop that the model wants around it.

        Args:
            text: Portuguese, any case.

        Returns:
            Ids; the first is the language's. Never a special token that the text itself spelt.
        """
        marked = f"{_LANGUAGE}{_clean(text)}".replace(" ", _SPACE)
        return [token for token in self._tokenizer.encode(marked).ids if token != self._unknown_id]

    def fits(self, text: str) -> bool:
        """Whether a text can be spoken in one go: within the characters and the tokens allowed."""
        return len(text) <= CHARACTERS_MAX and len(self.encode(text)) < self._max_text_tokens


def _clean(text: str) -> str:
    """As TTS's `multilingual_cleaners`, in its order."""
    text = _MARKUP.sub("", unicodedata.normalize("NFC", text)).lower().strip()
    text = _INTEGER.sub(_spelt, text)
    text = _ABBREVIATION.sub(lambda match: _ABBREVIATIONS[match[1]], text)
    text = _SYMBOL.sub(lambda match: _SYMBOLS[match[0]], text)
    return _BLANKS.sub(" ", text).strip()


def _spelt(match: re.Match[str]) -> str:
    # Imported for the rare text that needs it: the package reads forty languages.
    from num2words import num2words  # noqa: PLC0415

    digits = match[0]
    numbers = [digits] if len(digits) <= _DIGITS_MAX else list(digits)
    return " ".join(str(num2words(int(number), lang="pt_BR")) for number in numbers)
