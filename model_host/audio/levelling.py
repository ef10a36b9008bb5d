"""Every clip at one loudness, whoever speaks: EBU R 128 for whole recordings, close to it live."""

from __future__ import annotations

import numpy as np

from model_host.audio.filtering import samples_of
from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.audio.loudness import LoudnessMeter, integrated_lufs, limited, limiter
from model_host.engines.base import Samples
from model_host.recent import RecentMedians

_GAIN_MAX_DB = 30.0
"""More would only raise noise: what is so quiet is no speech."""

_ROUNDS_MAX = 3
"""A clip whose peaks are limited comes within 0.5 LU, which EBU R 128 allows, by then or never."""

_CLIPS_REMEMBERED = 32
_GLIDE_DB_PER_S = 6.0
"""How fast a stream's gain may move: slower than syllables, so that nobody hears it pump."""


class Leveller:
    """Brings recordings to one loudness; remembers each voice's gain for its streams."""

    def __init__(self, target_lufs: float) -> None:
        """Remember nothing yet.

        Args:
            target_lufs: integrated loudness of every whole recording.
        """
        self._target_lufs = target_lufs
        self._gains_db = RecentMedians(_CLIPS_REMEMBERED)

    def whole(self, voice: str, samples: Samples) -> Samples:
        """Level a whole recording.

        Args:
            voice: who speaks.
            samples: shape (n,), float32; silence stays as it is.

        Returns:
            As long as before, within 0.5 LU of the target; less loud only where its peaks, which
            stay below `TRUE_PEAK_MAX_DBTP`, leave no room.
        """
        gain_db = self.gain_db(integrated_lufs(samples))
        if gain_db is None:
            return samples
        self._gains_db.add(voice, gain_db)
        for _ in range(_ROUNDS_MAX):
            gained = samples * _amplitude(gain_db)
            levelled = limited(gained)
            if levelled is gained:
                break
            # With its peaks, it has lost loudness.
            gain_db += self.gain_db(integrated_lufs(levelled)) or 0.0
        return levelled

    def stream(self, voice: str) -> StreamLeveller:
        """Begin to level a stream of a voice."""
        return StreamLeveller(self, voice)

    def remembered_gain_db(self, voice: str) -> float | None:
        """What a voice's recordings lately needed; None of a voice that was not heard yet."""
        return self._gains_db.median(voice)

    def remember(self, voice: str, lufs: float | None) -> None:
        """Note how loud a voice was in a stream, before its gain."""
        if (gain_db := self.gain_db(lufs)) is not None:
            self._gains_db.add(voice, gain_db)

    def gain_db(self, lufs: float | None) -> float | None:
        """The gain that leads from a loudness to the target; None where none was measured."""
        if lufs is None:
            return None
        return min(max(self._target_lufs - lufs, -_GAIN_MAX_DB), _GAIN_MAX_DB)


class StreamLeveller:
    """Levels one stream, whose loudness is known only when it is over.

    A voice that was heard before keeps the gain that it had. The first stream of a voice takes one
    from its own first sound and glides to what the rest needs.
    """

    def __init__(self, leveller: Leveller, voice: str) -> None:
        self._leveller = leveller
        self._voice = voice
        self._meter = LoudnessMeter()
        self._limiter = limiter()
        self._fixed_db = leveller.remembered_gain_db(voice)
        self._current_db = self._fixed_db

    def push(self, samples: Samples) -> Samples:
        """Level a piece, shape (n,), float32; some milliseconds stay in the limiter."""
        self._meter.push(samples)
        gained = samples * self._gains(samples)
        return samples_of(self._limiter.push(gained))

    def finish(self) -> Samples:
        """Return what stayed behind; the voice's gain is remembered."""
        self._leveller.remember(self._voice, self._meter.lufs)
        return samples_of(self._limiter.flush())

    def _gains(self, samples: Samples) -> Samples:
        """The gain of each sample, as an amplitude."""
        wanted_db = self._wanted_db(samples)
        if wanted_db is None:
            return np.ones(len(samples), np.float32)
        before_db = wanted_db if self._current_db is None else self._current_db
        furthest_db = _GLIDE_DB_PER_S * len(samples) / SAMPLE_RATE_HZ
        after_db = min(max(wanted_db, before_db - furthest_db), before_db + furthest_db)
        self._current_db = after_db
        glide_db = np.linspace(before_db, after_db, len(samples), dtype=np.float32)
        return np.power(np.float32(10), glide_db / 20)

    def _wanted_db(self, samples: Samples) -> float | None:
        """Where the gain should go; None while nothing was heard of a new voice."""
        if self._fixed_db is not None:
            return self._fixed_db
        lufs = self._meter.lufs
        if lufs is None:
            lufs = integrated_lufs(samples)
        measured_db = self._leveller.gain_db(lufs)
        return self._current_db if measured_db is None else measured_db


def _amplitude(gain_db: float) -> np.float32:
    return np.float32(10 ** (gain_db / 20))
