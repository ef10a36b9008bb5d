"""Speed changes how long a text takes and nothing else, over real HTTP with the real engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.integration.host.running_host import RunningHost

RATE_HZ = 24_000
TEXT = "atenção, maria da silva, favor comparecer ao consultório três no segundo andar."
_FRAME = 960
_HOP = 480
_PITCH_HZ = (60, 350)


def heard(host: RunningHost, **fields: Any) -> np.ndarray:
    answer = host.synthesize(TEXT, format="pcm", **fields)
    assert answer.status_code == 200
    return np.frombuffer(answer.content, "<i2") / 32767


def pitch_hz(samples: np.ndarray) -> float:
    """The median of the voiced frames' fundamental, by autocorrelation."""
    lags = slice(RATE_HZ // _PITCH_HZ[1], RATE_HZ // _PITCH_HZ[0])
    found = []
    for start in range(0, len(samples) - 2 * _FRAME, _HOP):
        frame = samples[start : start + 2 * _FRAME]
        if np.sqrt(np.mean(frame**2)) < 0.03:
            continue
        correlation = np.correlate(frame, frame, "full")[len(frame) - 1 :]
        lag = int(np.argmax(correlation[lags])) + lags.start
        if correlation[lag] > 0.5 * correlation[0]:
            found.append(RATE_HZ / lag)
    assert len(found) > 10
    return float(np.median(found))


@pytest.mark.parametrize("voice", ["default", "female"])
@pytest.mark.parametrize("speed", [0.5, 0.75, 1.5, 2.0])
def test_given_a_speed_when_spoken_then_the_length_follows_and_the_pitch_stays(
    host: RunningHost, speed: float, voice: str
) -> None:
    usual, changed = heard(host, voice=voice), heard(host, voice=voice, speed=speed)

    assert len(changed) / len(usual) == pytest.approx(1 / speed, rel=0.06)
    assert pitch_hz(changed) == pytest.approx(pitch_hz(usual), rel=0.04)
