"""Portuguese text to XTTS-v2's text tokens, without TTS.

The normaliser (`model_host.text`) hands over nothing but lower-case words and `, . ? !`. Of such a
text `TTS.tts.layers.xtts.tokenizer.VoiceBpeTokenizer` (coqui-tts 0.28.0) makes the same tokens. The
rest of TTS's cleaner (European numbers, abbreviations, symbols) would have nothing to do.
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

_BLANKS = re.compile(r"\s+")
_MARKUP = re.compile(r"[\[\]]")
"""Would let a text spell a special token such as [STOP]."""


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
            text: words and `, . ? !`; what the vocabulary cannot say is left out (TTS says its
                token for the unknown).

        Returns:
            Ids; the first is the language's. Never a special token that the text itself spelt.
        """
        marked = f"{_LANGUAGE}{_clean(text)}".replace(" ", _SPACE)
        return [token for token in self._tokenizer.encode(marked).ids if token != self._unknown_id]

    def fits(self, text: str) -> bool:
        """Whether a text can be spoken in one go: within the characters and the tokens allowed."""
        return len(text) <= CHARACTERS_MAX and len(self.encode(text)) < self._max_text_tokens


def _clean(text: str) -> str:
    text = _MARKUP.sub("", unicodedata.normalize("NFC", text)).lower()
    return _BLANKS.sub(" ", text).strip()
