"""What is wrong with a field, said without repeating what the caller sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMATS = ("wav", "pcm", "flac", "mp3", "opus", "aac")
RETENTIONS = ("phrase", "personal")
LANGUAGES = ("pt", "pt-BR")
TEXT_CHARS_MAX = 1000
SPEED_MIN = 0.5
SPEED_MAX = 2.0

_ALLOWED: Mapping[str, Sequence[str]] = {
    "format": FORMATS,
    "response_format": FORMATS,
    "retention": RETENTIONS,
    "language": LANGUAGES,
    "speed": (f"{SPEED_MIN} to {SPEED_MAX}",),
    "text": (f"1 to {TEXT_CHARS_MAX} characters",),
    "input": (f"1 to {TEXT_CHARS_MAX} characters",),
    "texts": (f"1 to {TEXT_CHARS_MAX} characters",),
}
# Errors about several fields together are told at the first of them.
_ABOUT_THE_WHOLE = {"text_or_call": "text", "prewarm_size": "texts"}
# A field's own name is the caller's to choose when it is unknown; only a plain one is repeated.
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field, what is wrong with it, and what it may be."""

    field: str
    message: str
    allowed: tuple[str, ...] = ()


def field_problems(errors: Iterable[Mapping[str, Any]]) -> tuple[FieldProblem, ...]:
    """Translate pydantic's errors; neither `input` nor `ctx` is looked at."""
    return tuple(
        _field_problem(error["loc"], error["msg"], _ABOUT_THE_WHOLE.get(error["type"], "body"))
        for error in errors
    )


def _field_problem(location: Sequence[str | int], message: str, whole: str) -> FieldProblem:
    steps = [step for step in location if step != "body"]
    field = ""
    for step in steps:
        if isinstance(step, int):
            field += f"[{step}]"
        else:
            name = step if _PLAIN_NAME.fullmatch(step) else "?"
            field += f".{name}" if field else name
    names = [step for step in steps if isinstance(step, str)]
    allowed = tuple(_ALLOWED.get(names[-1], ())) if names else ()
    return FieldProblem(field or whole, message.removeprefix("Value error, "), allowed)
