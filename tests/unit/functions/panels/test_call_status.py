"""What may become of a call, and how its patient is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.calls import CANCEL_WITHIN_S, PanelCall
from panels.errors import NotPossibleError
from panels.moments import epoch_s, timestamp
from panels.names import short_name

CALLED_AT = 1_763_816_400.0
CALL = PanelCall(id="0" * 32, seq=1, status="calling", called_at=timestamp(CALLED_AT), name="Ana")


def test_given_a_slip_noticed_within_five_seconds_then_the_call_can_be_undone() -> None:
    assert CALL.after("cancel", CALLED_AT + CANCEL_WITHIN_S).status == "cancelled"


def test_given_a_call_the_room_has_heard_then_it_cannot_be_undone() -> None:
    with pytest.raises(NotPossibleError) as refused:
        CALL.after("cancel", CALLED_AT + CANCEL_WITHIN_S + 0.001)

    assert refused.value.possible == ("recall", "attended", "no_show", "transfer")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Maria da Silva", "Maria S."),
        ("Ana", "Ana"),
        ("JOÃO PEDRO ÁVILA", "JOÃO Á."),
    ],
)
def test_given_a_name_then_it_is_shortened_to_what_a_neighbour_may_know(
    name: str, short: str
) -> None:
    assert short_name(name) == short


@given(st.integers(0, 4_000_000_000_000))
def test_given_any_millisecond_then_it_is_read_back_as_it_was_written(at_ms: int) -> None:
    assert round(epoch_s(timestamp(at_ms / 1000)) * 1000) == at_ms
