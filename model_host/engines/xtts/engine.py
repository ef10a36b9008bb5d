"""`XttsEngine`: XTTS-v2 from a pack, all callers in one batch, on the CPU."""

from __future__ import annotations

import importlib.metadata
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from threading import Event

from model_host.engines.base import (
    AudioChunk,
    EngineDescription,
    EngineError,
    EngineStatistics,
    EngineUnavailableError,
    Utterance,
    Voice,
)
from model_host.engines.cloning_protocol import UnknownVoiceError
from model_host.engines.xtts.decoder import Decoder
from model_host.engines.xtts.pack_format import Pack
from model_host.engines.xtts.passages import Candidate, Passage, PassagePiece
from model_host.engines.xtts.sampling import Sampler, SamplingSettings
from model_host.engines.xtts.scheduler import Limits
from model_host.engines.xtts.statistics import measure
from model_host.engines.xtts.synthesizer import Synthesizer
from model_host.engines.xtts.tensors import TensorFileError
from model_host.engines.xtts.tokenizer import XttsTokenizer
from model_host.engines.xtts.vocoder import Vocoder, VocoderPrecision
from model_host.engines.xtts.voice_library import VoiceLibrary
from model_host.engines.xtts.voices import VoiceStore
from model_host.text.full_stops import set_off_full_stops

MAX_ROWS = 16
"""Sentences decoded at once; beyond, a step costs about as much more as it yields more."""

LIVE_RESERVE = 4
"""Of these, how many bulk work leaves to live calls."""

_VOICES_HELD = MAX_ROWS + 4
_CANCEL_POLL_S = 0.05

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class XttsOptions:
    """How the engine computes.

    Attributes:
        vocoder_precision: "auto" is bf16 where the CPU has it, else fp32.
        threads: of both models; None for all cores.
        exact_tokens: make every piece exactly this many audio tokens long, for benchmarks.
    """

    vocoder_precision: VocoderPrecision = "auto"
    threads: int | None = None
    exact_tokens: int | None = None


class XttsEngine:
    """Speaks Brazilian Portuguese with a cloned voice; see docs/decisions/0004."""

    def __init__(
        self,
        pack_dir: Path,
        reference_audio: Path,
        voices_dir: Path,
        cache_dir: Path,
        options: XttsOptions | None = None,
    ) -> None:
        """Name the files; nothing is read yet but the pack's manifest.

        Args:
            pack_dir: a pack; only ever read.
            reference_audio: recording of the default voice.
            voices_dir: recordings of further voices.
            cache_dir: where cloned voices' latents are kept.
            options: how to compute.

        Raises:
            EngineUnavailableError: there is no usable pack.
        """
        self._options = options or XttsOptions()
        self._pack = Pack.open(pack_dir)
        self._reference_audio = reference_audio
        self._library = VoiceLibrary(reference_audio, voices_dir, VoiceStore(self._pack, cache_dir))
        self._tokenizer: XttsTokenizer | None = None
        self._synthesizer: Synthesizer | None = None
        self._versions: dict[str, str] = {}

    @property
    def voices(self) -> tuple[Voice, ...]:
        """The reference recording's voice, then those that were added."""
        return self._library.voices

    @property
    def max_concurrency(self) -> int:
        """As many as are decoded at once."""
        return MAX_ROWS

    @property
    def live_reserve(self) -> int:
        """How many of these bulk work may not take."""
        return LIVE_RESERVE

    @property
    def stochastic(self) -> bool:
        """Yes: every token is drawn."""
        return True

    def fits(self, text: str) -> bool:
        """Whether a text can be decoded in one go: within its characters and tokens.

        Raises:
            EngineError: not loaded.
        """
        return self._encoder().fits(set_off_full_stops(text))

    def load(self) -> None:
        """Map the weights, compile both models and listen to the default voice if it is new.

        Raises:
            EngineUnavailableError: the pack or the recording is of no use.
        """
        started_at = time.monotonic()
        manifest = self._pack.manifest
        self._tokenizer = XttsTokenizer(self._pack.tokenizer, manifest.dims.max_text_tokens)
        reference = self._library.heard(self.voices[0].id)
        with ThreadPoolExecutor(1) as beside:
            # Most of the vocoder's warm-up is one thread writing machine code.
            loading = beside.submit(self._load_vocoder)
            decoder = self._load_decoder()
            vocoder = loading.result()
        rates = manifest.vocoder
        self._synthesizer = Synthesizer(
            decoder,
            vocoder,
            Limits(MAX_ROWS, LIVE_RESERVE),
            seconds_per_token=rates.code_stride / rates.input_sample_rate_hz,
            exact_tokens=self._options.exact_tokens,
        )
        self._synthesizer.start()
        self._versions = {
            "openvino": importlib.metadata.version("openvino"),
            "pack": self._pack.fingerprint,
            "decoder_precision": manifest.precision,
            "vocoder_precision": vocoder.precision,
            "reference_audio_sha256": reference.content_sha256[:16],
        }
        _log.info("pack loaded in %.1f s", time.monotonic() - started_at)

    def _load_decoder(self) -> Decoder:
        try:
            decoder = Decoder(
                self._pack.decoder,
                self._pack.manifest.dims,
                max_sequences=MAX_ROWS,
                max_voices=_VOICES_HELD,
                threads=self._options.threads,
            )
        except (TensorFileError, KeyError) as error:
            message = f"the pack in {self._pack.directory} is damaged ({error}); make it again"
            raise EngineUnavailableError(message) from error
        decoder.warm_up()
        return decoder

    def _load_vocoder(self) -> Vocoder:
        vocoder = Vocoder(
            self._pack.directory, self._options.vocoder_precision, self._options.threads
        )
        vocoder.warm_up()
        return vocoder

    def describe(self) -> EngineDescription:
        """Say what speaks: the pack, its precisions, the runtime, the recording."""
        return EngineDescription(
            engine="xtts",
            model=self._pack.manifest.model,
            device="cpu",
            reference_audio=str(self._reference_audio),
            versions=dict(self._versions),
        )

    def statistics(self) -> EngineStatistics:
        """What the engine does and holds now."""
        return measure(self._pack, self._speaking())

    def synthesize(self, utterance: Utterance, cancelled: Event) -> Iterator[AudioChunk]:
        """Speak; chunk by chunk where the utterance is streamed, else in as few as it takes.

        Raises:
            EngineError: not loaded, closed meanwhile, or the model failed.
        """
        synthesizer = self._speaking()
        passage = self._passage(utterance, cancelled)
        synthesizer.submit(passage)
        try:
            while not cancelled.is_set():
                with suppress(Empty):
                    item = passage.output.get(timeout=_CANCEL_POLL_S)
                    if item is None:
                        return
                    if isinstance(item, Exception):
                        raise item
                    yield item
        finally:
            # Whoever stops listening early has cancelled, too; after the end it changes nothing.
            passage.abandoned.set()
            synthesizer.wake()

    def add_voice(self, voice_id: str, recording: bytes) -> Voice:
        """Learn a voice; see `VoiceCloner.add_voice`."""
        return self._library.add(voice_id, recording)

    def remove_voice(self, voice_id: str) -> None:
        """Forget a voice; see `VoiceCloner.remove_voice`."""
        self._library.remove(voice_id)

    def close(self) -> None:
        """Stop speaking and free the models. Idempotent."""
        if self._synthesizer is not None:
            self._synthesizer.close()
            self._synthesizer = None

    def _speaking(self) -> Synthesizer:
        if self._synthesizer is None:
            raise EngineError("the engine is not loaded")
        return self._synthesizer

    def _encoder(self) -> XttsTokenizer:
        if self._tokenizer is None:
            raise EngineError("the engine is not loaded")
        return self._tokenizer

    def _passage(self, utterance: Utterance, cancelled: Event) -> Passage:
        try:
            voice = self._library.heard(utterance.voice)
        except (UnknownVoiceError, EngineUnavailableError) as error:
            raise EngineError(f"the voice cannot be used: {error}") from error
        return Passage(
            pieces=[self._piece(index, utterance) for index in range(len(utterance.pieces))],
            voice=voice.latents,
            voice_key=voice.content_sha256,
            speed=utterance.speed,
            live=utterance.live,
            streaming=utterance.streaming,
            cancelled=cancelled,
        )

    def _piece(self, index: int, utterance: Utterance) -> PassagePiece:
        text = utterance.pieces[index]
        manifest = self._pack.manifest
        settings = SamplingSettings(**manifest.sampling.model_dump(exclude={"length_penalty"}))
        candidates = 1 if utterance.streaming else utterance.candidates
        return PassagePiece(
            text_tokens=self._encoder().encode(set_off_full_stops(text)),
            characters=len(text),
            candidates=[
                Candidate(
                    Sampler(
                        settings,
                        manifest.dims.audio_tokens,
                        manifest.dims.start_audio,
                        None if utterance.seed is None else [utterance.seed, index, candidate],
                    )
                )
                for candidate in range(candidates)
            ],
        )
