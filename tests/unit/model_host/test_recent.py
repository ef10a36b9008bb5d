"""What is remembered of each voice, and for how long."""

from __future__ import annotations

from model_host.recent import RecentMedians


def test_given_one_value_far_off_when_asked_then_the_middle_stays() -> None:
    recent = RecentMedians(5)
    for value in (1.0, 1.1, 90.0, 0.9, 1.0):
        recent.add("a", value)

    assert recent.median("a") == 1.0


def test_given_more_values_than_are_kept_when_asked_then_the_first_are_forgotten() -> None:
    recent = RecentMedians(3)
    for value in (1.0, 1.0, 1.0, 5.0, 5.0):
        recent.add("a", value)

    assert recent.median("a") == 5.0


def test_given_too_few_values_when_asked_then_there_is_no_middle() -> None:
    recent = RecentMedians(3)
    recent.add("a", 1.0)

    assert recent.median("a", at_least=2) is None
    assert recent.median("b") is None


def test_given_more_keys_than_are_kept_when_asked_then_the_one_idle_for_longest_is_forgotten() -> (
    None
):
    recent = RecentMedians(3, keys=2)
    for key in ("a", "b", "a", "c"):
        recent.add(key, 1.0)

    assert [recent.median(key) for key in "abc"] == [1.0, None, 1.0]
