"""Who goes next: which candidates enter the decoder, which step, which piece is voiced.

Continuous batching (Yu et al., "Orca", OSDI 2022): sequences join and leave between steps. Live
passages come before bulk ones throughout; bulk keeps its place in the key-value cache while it
waits, so letting a live call past costs it nothing but time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from model_host.engines.xtts.passages import (
    COMFORTABLE_SLACK_S,
    Candidate,
    Passage,
    PassagePiece,
)

PROMPT_TOKENS_A_STEP = 160
"""Prompts admitted in one step, together: a longer step would hold up streams."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be decoded at once.

    Attributes:
        rows: candidates in the decoder, of all passages together.
        live_reserve: of these, how many bulk may not take.
    """

    rows: int
    live_reserve: int


def is_urgent(passage: Passage, now: float) -> bool:
    """Whether people are waiting for it right now, or its player is about to run dry."""
    return passage.live and (not passage.streaming or passage.slack_s(now) < COMFORTABLE_SLACK_S)


def to_admit(
    passages: Iterable[Passage], limits: Limits, now: float
) -> list[tuple[Passage, PassagePiece, Candidate]]:
    """The candidates to prompt in the next step.

    Live before bulk; within each, the passage that holds the fewest rows first, so that one long
    text does not keep out short ones; then first come first served.
    """
    passages = list(passages)
    rows = {id(passage): len(passage.active()) for passage in passages}
    waiting = {id(passage): passage.waiting(now) for passage in passages}
    held = sum(rows.values())
    bulk_held = sum(rows[id(passage)] for passage in passages if not passage.live)
    admitted: list[tuple[Passage, PassagePiece, Candidate]] = []
    prompt_tokens = 0
    while held < limits.rows:
        bulk_open = bulk_held < limits.rows - limits.live_reserve
        open_to = [p for p in passages if waiting[id(p)] and (p.live or bulk_open)]
        if not open_to:
            break
        passage = min(open_to, key=lambda p: (not p.live, rows[id(p)]))
        piece, candidate = waiting[id(passage)][0]
        prompt_tokens += len(piece.text_tokens) + 3
        if admitted and prompt_tokens > PROMPT_TOKENS_A_STEP:
            break
        waiting[id(passage)].pop(0)
        admitted.append((passage, piece, candidate))
        rows[id(passage)] += 1
        held += 1
        bulk_held += not passage.live
    return admitted


def to_step(
    passages: Iterable[Passage], now: float
) -> list[tuple[Passage, PassagePiece, Candidate]]:
    """The candidates that get their next token: all, or live ones only while one is urgent."""
    passages = list(passages)
    urgent = _any_urgent(passages, now)
    return [
        (passage, piece, candidate)
        for passage in passages
        if passage.live or not urgent
        for piece, candidate in passage.stepping(now)
    ]


def to_voice(passages: Iterable[Passage], now: float) -> Passage | None:
    """The passage whose current piece is voiced next; None where there is nothing to voice.

    The stream that would run dry first; then live passages; then bulk, unless a live passage that
    is being decoded cannot wait.
    """
    passages = list(passages)
    urgent = _any_urgent(passages, now)
    ready = [p for p in passages if not p.done and is_voiceable(p) and (p.live or not urgent)]
    return min(
        ready,
        key=lambda p: (not p.live, not p.streaming, p.slack_s(now), p.started_at),
        default=None,
    )


def is_voiceable(passage: Passage) -> bool:
    """Whether the current piece has audio to make, or to end, now."""
    rendering = passage.current.rendering
    return rendering is not None and (rendering.frames_ready > 0 or rendering.done)


def _any_urgent(passages: Iterable[Passage], now: float) -> bool:
    return any(is_urgent(passage, now) and passage.active() for passage in passages)
