"""Sampling: each rule by itself. Equality with `transformers` is in tests/integration/xtts."""

from __future__ import annotations

import numpy as np
import pytest

from model_host.engines.xtts.sampling import Sampler, SamplingSettings

PLAIN = SamplingSettings(temperature=1.0, top_k=0, top_p=1.0, repetition_penalty=1.0)
START = 6


def sampler(**changes: float) -> Sampler:
    fields = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0} | changes
    return Sampler(SamplingSettings(**fields), 8, START, seed=1)  # type: ignore[arg-type]


def logits(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


EVEN = logits(0, 0, 0, 0, 0, 0, 0, 0)
RISING = np.log(np.arange(1, 9, dtype=np.float32))


def test_given_no_rules_when_asked_then_it_is_the_softmax() -> None:
    np.testing.assert_allclose(sampler().distribution(RISING), np.arange(1, 9) / 36, rtol=1e-6)


def test_given_a_temperature_when_asked_then_odds_are_raised_to_its_inverse() -> None:
    odds = np.arange(1, 9.0) ** 2

    found = sampler(temperature=0.5).distribution(RISING)

    np.testing.assert_allclose(found, odds / odds.sum(), rtol=1e-6)


def test_given_top_k_when_asked_then_only_the_likeliest_are_eligible() -> None:
    found = sampler(top_k=3).distribution(RISING)

    np.testing.assert_allclose(found, np.array([0, 0, 0, 0, 0, 6, 7, 8]) / 21, rtol=1e-6)


def test_given_top_p_when_asked_then_the_tail_within_the_rest_is_left_out() -> None:
    # Given 1 - top_p = 10/36 and tails of 1, 3, 6, 10 and 15 thirty-sixths
    found = sampler(top_p=26 / 36 - 1e-6).distribution(RISING)

    np.testing.assert_allclose(found, np.array([0, 0, 0, 0, 5, 6, 7, 8]) / 26, rtol=1e-6)


def test_given_a_tiny_top_p_when_asked_then_the_likeliest_stays() -> None:
    assert sampler(top_p=1e-9).distribution(RISING)[7] == 1


def test_given_a_penalty_when_a_token_was_chosen_then_it_and_the_prompts_ids_lose_odds() -> None:
    # Given a sampler that just chose token 3
    drawn = sampler(repetition_penalty=2.0)
    assert drawn.choose(logits(-99, -99, -99, 99, -99, -99, -99, -99)).token == 3

    # When all have the same positive score, and then the same negative one
    high = drawn.distribution(EVEN + 4)
    low = drawn.distribution(EVEN - 4)

    # Then 3, the start token and the id that stands for the prompt are halved, or doubled below 0
    penalised = [1, 3, START]
    others = [0, 2, 4, 5, 7]
    np.testing.assert_allclose(high[penalised] / high[others[0]], np.exp(-2))
    np.testing.assert_allclose(low[penalised] / low[others[0]], np.exp(-4))
    np.testing.assert_allclose(high[others], high[others[0]])


def test_given_a_seed_when_drawn_twice_then_the_tokens_are_the_same() -> None:
    def draw(seed: int) -> list[int]:
        drawn = Sampler(PLAIN, 8, START, seed=seed)
        return [drawn.choose(RISING).token for _ in range(50)]

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)


def test_given_many_draws_when_counted_then_they_follow_the_distribution() -> None:
    drawn = sampler()
    counts = np.bincount([drawn.choose(RISING).token for _ in range(20_000)], minlength=8)

    np.testing.assert_allclose(counts / 20_000, np.arange(1, 9) / 36, atol=0.015)


def test_given_a_choice_when_made_then_its_log_probability_is_the_distributions() -> None:
    drawn = sampler(temperature=0.7)
    expected = drawn.distribution(RISING)

    choice = drawn.choose(RISING)

    assert choice.log_probability == pytest.approx(np.log(expected[choice.token]))
