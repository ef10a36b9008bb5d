"""What `verify` measures of each side: the reference, then every pack against it.

One side is in memory at a time. Importing this needs neither torch nor TTS; the reference does.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model_host.engines.base import EngineUnavailableError, Samples, Utterance
from model_host.engines.xtts.decoder import Decoder
from model_host.engines.xtts.engine import XttsEngine, XttsOptions
from model_host.engines.xtts.measuring import speak
from model_host.engines.xtts.mel import MelParameters, mel_power
from model_host.engines.xtts.pack_format import Pack
from model_host.engines.xtts.teacher_forcing import Agreement, force
from model_host.engines.xtts.vocoder import Vocoder, VocoderPrecision
from model_host.engines.xtts.voice_latents import VoiceLatents
from model_host.text.pieces import piece_texts

if TYPE_CHECKING:
    from model_host.engines.xtts.reference_model import GreedySpeech, ReferenceModel

REFERENCE_NAME = "TTS"

_SEED = 7
_TOKENS_MAX = 200
"""A greedy decoding may never stop; nine seconds are more than any of the calls takes."""

_MEL = MelParameters(24_000, 1024, 1024, 256, 80, 12_000.0, "hann", slaney_norm=True)
_MEL_FLOOR = 1e-5
"""The power below which a difference is not heard."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One side over all calls: medians of a call, or sums of tokens.

    Attributes:
        name: `REFERENCE_NAME`, or a pack's precision.
        latents_db: signal to noise of the latents against the reference's; None for itself.
        agreed: tokens that would have been chosen as the reference did.
        tokens: of how many.
        log_mel_db: root mean square distance of the log-mel spectrograms, dB.
        duration_s: of a call spoken freely.
        rtf: seconds of work for a second of it.
    """

    name: str
    latents_db: float | None
    agreed: int | None
    tokens: int | None
    log_mel_db: float | None
    duration_s: float
    rtf: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side.

    Attributes:
        figures: what it measured.
        speech: every call spoken freely, float32 (n,).
        sample_rate_hz: of the speech.
    """

    figures: Figures
    speech: tuple[Samples, ...]
    sample_rate_hz: int


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference as a side, and what packs are led through; one `greedy` for each call."""

    side: Side
    voice: VoiceLatents
    greedy: tuple[GreedySpeech, ...]


def measure_reference(
    checkpoint: Path, voice: VoiceLatents, calls: Sequence[str], tell: Callable[[str], None]
) -> Reference:
    """Speak with TTS: greedily, to be compared with, and freely, to be heard.

    Raises:
        EngineUnavailableError: TTS is not installed, or the checkpoint is of no use.
    """
    model = _load_reference(checkpoint, voice)
    greedy, speech, took_s = [], [], []
    for number, call in enumerate(calls, start=1):
        tell(f"{REFERENCE_NAME}: call {number} of {len(calls)}")
        greedy.append(model.greedy(call, tokens=None, tokens_max=_TOKENS_MAX))
        begun = time.perf_counter()
        speech.append(model.speak(call, seed=_SEED))
        took_s.append(time.perf_counter() - begun)
    rate_hz = model.sample_rate_hz
    del model
    gc.collect()  # torch's modules refer to each other in circles
    durations_s = [len(samples) / rate_hz for samples in speech]
    figures = Figures(
        name=REFERENCE_NAME,
        latents_db=None,
        agreed=None,
        tokens=None,
        log_mel_db=None,
        duration_s=statistics.median(durations_s),
        rtf=sum(took_s) / sum(durations_s),
    )
    return Reference(Side(figures, tuple(speech), rate_hz), voice, tuple(greedy))


def measure_pack(
    pack: Pack, recording: Path, voices_dir: Path, calls: Sequence[str], reference: Reference
) -> Side:
    """Lead a pack through the reference's tokens, then let it speak freely.

    A pack in fp32 computes its vocoder in fp32 too: nothing is left that could differ but the code.

    Args:
        pack: which.
        recording: of the voice that the reference spoke with.
        voices_dir: where cloned voices are kept.
        calls: those that the reference spoke.
        reference: what to compare with.
    """
    agreements = _led(pack, reference)
    precision: VocoderPrecision = "fp32" if pack.manifest.precision == "fp32" else "auto"
    vocoder = Vocoder(pack.directory, precision)
    distances_db = [
        log_mel_distance_db(speech.samples, _voiced(vocoder, agreement, reference.voice))
        for speech, agreement in zip(reference.greedy, agreements, strict=True)
    ]
    del vocoder
    engine = XttsEngine(
        pack.directory, recording, voices_dir / "none", voices_dir, XttsOptions(precision)
    )
    engine.load()
    try:
        spoken = [
            speak(
                engine,
                Utterance(piece_texts(call, engine.fits), engine.voices[0].id, seed=_SEED),
            )
            for call in calls
        ]
    finally:
        engine.close()
    figures = Figures(
        name=pack.manifest.precision,
        latents_db=statistics.median(one.latents_db for one in agreements),
        agreed=sum(one.agreed for one in agreements),
        tokens=sum(one.tokens for one in agreements),
        log_mel_db=statistics.median(distances_db),
        duration_s=statistics.median(one.audio_s for one in spoken),
        rtf=sum(one.wall_s for one in spoken) / sum(one.audio_s for one in spoken),
    )
    return Side(figures, tuple(one.samples for one in spoken), spoken[0].sample_rate_hz)


def log_mel_distance_db(expected: Samples, found: Samples) -> float:
    """Root mean square difference of two log-mel spectrograms, dB; audio of one length, 24 kHz."""
    power = [mel_power(samples, _MEL) for samples in (expected, found)]
    levels = [10 * np.log10(np.maximum(one, _MEL_FLOOR)) for one in power]
    return float(np.sqrt(np.mean((levels[0] - levels[1]) ** 2)))


def _load_reference(checkpoint: Path, voice: VoiceLatents) -> ReferenceModel:
    """Import torch and TTS here: whoever only asks for help waits for neither."""
    try:
        from model_host.engines.xtts.reference_model import ReferenceModel  # noqa: PLC0415
    except ImportError as error:
        message = f"verify lacks Python packages: pip install -r requirements/coqui.txt ({error})"
        raise EngineUnavailableError(message) from error
    return ReferenceModel(checkpoint, voice)


def _led(pack: Pack, reference: Reference) -> list[Agreement]:
    decoder = Decoder(pack.decoder, pack.manifest.dims, max_sequences=1, max_voices=1)
    decoder.warm_up()
    return [force(decoder, speech.forced, may_stop=True) for speech in reference.greedy]


def _voiced(vocoder: Vocoder, agreement: Agreement, voice: VoiceLatents) -> Samples:
    rendering = vocoder.open(voice.speaker_embedding)
    rendering.feed(agreement.latents, final=True)
    parts = []
    while not rendering.done:
        parts.append(rendering.render())
    return np.concatenate(parts)
