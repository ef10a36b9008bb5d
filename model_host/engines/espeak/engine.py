"""The eSpeak NG engine: always there, needs no model, clearly a machine."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from threading import Event, Lock, Thread

import espeakng_loader

from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.audio.resampling import StreamResampler
from model_host.engines.base import (
    AudioChunk,
    EngineDescription,
    EngineError,
    EngineUnavailableError,
    Utterance,
    Voice,
)
from model_host.engines.espeak.library import EspeakLibrary, EspeakLibraryError, Parameter, Pcm16

_VOICE_NAMES = {"default": "pt-br", "female": "pt-br+f2"}
_NATURAL_RATE_WPM = 175
_CHUNK_MS = 100
_CHUNKS_AHEAD = 8
_POLL_S = 0.05


class EspeakEngine:
    """Speaks Brazilian Portuguese with eSpeak NG's formant synthesis, about 1000x real time."""

    def __init__(self) -> None:
        self._library: EspeakLibrary | None = None
        # The library has one global state; the queue above already runs one utterance at a time.
        self._speaking = Lock()

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Two variants of the pt-BR voice."""
        return (
            Voice(id="default", name="eSpeak NG, português do Brasil", language="pt-BR"),
            Voice(id="female", name="eSpeak NG, português do Brasil, feminina", language="pt-BR"),
        )

    @property
    def max_concurrency(self) -> int:
        """One: the library is not re-entrant."""
        return 1

    @property
    def live_reserve(self) -> int:
        """None: with one at a time there is nothing to share out."""
        return 0

    @property
    def stochastic(self) -> bool:
        """No: formant synthesis leaves nothing to chance."""
        return False

    def fits(self, text: str) -> bool:  # noqa: ARG002 - the protocol's argument
        """Any text fits."""
        return True

    def load(self) -> None:
        """Load the library that `espeakng-loader` carries."""
        try:
            self._library = EspeakLibrary(
                Path(espeakng_loader.get_library_path()),
                Path(espeakng_loader.get_data_path()),
                _CHUNK_MS,
            )
            self._library.set_voice(_VOICE_NAMES["default"])
        except EspeakLibraryError as error:
            raise EngineUnavailableError(f"eSpeak NG cannot start: {error}") from error

    def describe(self) -> EngineDescription:
        """Say which eSpeak NG speaks."""
        return EngineDescription(
            engine="espeak",
            model="espeak-ng/pt-br",
            device="cpu",
            reference_audio=None,
            versions={
                "espeak-ng": self._loaded().version,
                "espeakng-loader": version("espeakng-loader"),
            },
        )

    def synthesize(self, utterance: Utterance, cancelled: Event) -> Iterator[AudioChunk]:
        """Speak; see `model_host.engines.base.Engine.synthesize`.

        The library pushes audio from inside one blocking call, so that call has a thread of its
        own, never more than `_CHUNKS_AHEAD` chunks ahead of whoever takes them.
        """
        with self._speaking:
            for index in range(len(utterance.pieces)):
                run = _PieceRun(self._loaded(), utterance, index, cancelled)
                try:
                    for chunk in run.chunks():
                        yield replace(chunk, piece=index)
                finally:
                    run.stop()
                if cancelled.is_set():
                    return

    def close(self) -> None:
        """Free the library."""
        if self._library is not None:
            self._library.terminate()
            self._library = None

    def _loaded(self) -> EspeakLibrary:
        if self._library is None:
            raise EngineError("eSpeak NG is not loaded")
        return self._library


class _PieceRun:
    """One blocking `espeak_Synth` in its thread, and the chunks that come out of it."""

    def __init__(
        self, library: EspeakLibrary, utterance: Utterance, index: int, cancelled: Event
    ) -> None:
        self._library = library
        self._utterance = utterance
        self._text = utterance.pieces[index]
        self._cancelled = cancelled
        self._abandoned = Event()
        self._pcm: queue.Queue[Pcm16 | Exception | None] = queue.Queue(_CHUNKS_AHEAD)
        self._thread = Thread(target=self._speak, name="espeak", daemon=True)

    def chunks(self) -> Iterator[AudioChunk]:
        """Yield chunks at the host's rate until the library has said all or was stopped."""
        resampler = StreamResampler(self._library.sample_rate_hz, SAMPLE_RATE_HZ)
        self._thread.start()
        while (item := self._pcm.get()) is not None:
            if isinstance(item, Exception):
                raise EngineError("eSpeak NG failed") from item
            chunk = resampler.push(item)
            if len(chunk.samples):
                yield chunk
        if not self._cancelled.is_set():
            rest = resampler.flush()
            if len(rest.samples):
                yield rest

    def stop(self) -> None:
        """Make the library return, wherever it is, and wait until it has."""
        self._abandoned.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _speak(self) -> None:
        try:
            self._library.set_voice(_VOICE_NAMES[self._utterance.voice])
            rate_wpm = round(_NATURAL_RATE_WPM * self._utterance.speed)
            self._library.set_parameter(Parameter.RATE_WPM, rate_wpm)
            self._library.speak(self._text, self._put)
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the taker
            self._put(error)
        finally:
            self._put(None)

    def _put(self, item: Pcm16 | Exception | None) -> bool:
        """Hand `item` to the taker; False when nobody wants it or more."""
        while not self._abandoned.is_set():
            # A cancelled utterance still delivers its end, or its taker would wait for ever.
            if self._cancelled.is_set() and item is not None and not isinstance(item, Exception):
                return False
            try:
                self._pcm.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False
