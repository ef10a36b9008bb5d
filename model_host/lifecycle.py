"""One host from start to stop: load, warm up, serve, drain."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from enum import Enum
from functools import partial
from threading import Event, Thread

from model_host.audio.checks import check_chunk
from model_host.audio.envelope import is_audible
from model_host.audio.levelling import Leveller
from model_host.channel import Channel
from model_host.dispatch import Job, JobQueue, Priority
from model_host.engines.base import (
    Engine,
    EngineDescription,
    EngineError,
    EngineUnavailableError,
    ObservableEngine,
    Utterance,
)
from model_host.errors import BusyError, NotReadyError
from model_host.fingerprint import fingerprint
from model_host.host_keys import HostKeys
from model_host.lexicon_store import LexiconStore
from model_host.observability.metrics import Metrics
from model_host.request import Said, SpeechRequest
from model_host.script import Effort
from model_host.settings import Settings
from model_host.speaking import Speaker
from model_host.speaking_report import SpeakingReport
from model_host.text.normalizer import Normalizer, Written
from model_host.text.pieces import piece_texts
from model_host.verification.checks import BasicChecks, Checks, FullChecks, RoundTrip
from model_host.verification.recognition import load_recognizer

_log = logging.getLogger(__name__)

_WARM_UP_TEXT = "senha quarenta e dois, consultório três."
_LOADING_RETRY_AFTER_S = 5
_DRAINING_RETRY_AFTER_S = 5
_STOP_TIMEOUT_S = 3.0


class Phase(Enum):
    """Where the host is in its life."""

    LOADING = "loading"
    READY = "ready"
    DRAINING = "draining"
    FAILED = "failed"


class Host:
    """The engine, its queue and what is known about them.

    Attributes:
        failure: why the engine could not be loaded; the process should end.
        keys: what callers must present one of; None where everybody may call.
    """

    def __init__(self, settings: Settings, engine: Engine) -> None:
        """Read what the host needs before it loads.

        Raises:
            HostKeysError: the file of keys cannot be used.
        """
        self.settings = settings
        self.engine = engine
        self.metrics = Metrics()
        self.metrics.watch_ready(lambda: self.unready_reason() is None)
        self.keys = _keys(settings)
        if self.keys is not None:
            self.metrics.watch_keys(self.keys)
        self.phase = Phase.LOADING
        self.failure: Exception | None = None
        self.description: EngineDescription | None = None
        self.fingerprint = ""
        self.normalizer = Normalizer(six_as_meia=settings.say_meia_for_six)
        self.lexicon = LexiconStore(settings.added_voices_dir / "lexicon.json")
        self._queue: JobQueue | None = None
        self._speaker: Speaker | None = None

    def start(self) -> None:
        """Load and warm up in a thread of its own; the event loop goes on answering."""
        loop = asyncio.get_running_loop()
        # A daemon: a process told to stop while it loads must not wait for a model.
        Thread(target=self._load, args=(loop,), name="load", daemon=True).start()

    def begin_drain(self) -> None:
        """Stop calling itself ready; requests are still served until the listener closes."""
        self.phase = Phase.DRAINING

    def cut_off(self) -> None:
        """Cancel what is left, so that whoever waits for it can still be told."""
        self._close_queue(0.0)

    def stop(self) -> None:
        """Cancel what is left and free the engine."""
        self.phase = Phase.DRAINING
        # An engine that is still at work must not be freed under it; the process ends anyway.
        if self._close_queue(_STOP_TIMEOUT_S):
            self.engine.close()

    def _close_queue(self, timeout_s: float) -> bool:
        """Whether there was a queue, and every worker has stopped within `timeout_s`."""
        reason = NotReadyError("The host is stopping.", _DRAINING_RETRY_AFTER_S)
        return self._queue is not None and self._queue.close(reason, timeout_s)

    @property
    def loaded(self) -> bool:
        """Whether the engine can speak."""
        return self._queue is not None

    def not_serving_reason(self) -> NotReadyError | None:
        """Say why the host cannot take requests at all, full or not; None when it can."""
        if self.phase is Phase.DRAINING:
            return NotReadyError("The host is stopping.", _DRAINING_RETRY_AFTER_S)
        if self._queue is None:
            return NotReadyError("The engine is loading.", _LOADING_RETRY_AFTER_S)
        return None

    def unready_reason(self) -> NotReadyError | BusyError | None:
        """Say why the host should get no new requests; None when it should."""
        if self._queue is not None and self._queue.full:
            full = BusyError("The queue is full.", self._queue.retry_after_s)
            return self.not_serving_reason() or full
        return self.not_serving_reason()

    @property
    def processing(self) -> dict[str, str]:
        """Versions and settings of what stands before and behind the engine."""
        return {
            "normalizer": self.normalizer.version,
            "speech_checks": self.settings.speech_checks,
            "loudness_lufs": f"{self.settings.loudness_lufs:g}",
        }

    def say(self, written: Written) -> Said:
        """Turn what is written into what is said, by the lexicon as it is now."""
        lexicon = self.lexicon.current
        texts = (written,) if isinstance(written, str) else written.texts()
        return Said(self.normalizer.normalize(written, lexicon), lexicon.digest(*texts))

    def submit(self, request: SpeechRequest, priority: Priority, report: SpeakingReport) -> Job:
        """Queue `request`; its bytes come out of the job's channel.

        Args:
            request: what to say.
            priority: who waits for it.
            report: filled while it is spoken.

        Raises:
            NotReadyError: the engine is still loading.
            BusyError: the queue is full.
        """
        if self._queue is None or self._speaker is None:
            raise NotReadyError("The engine is loading.", _LOADING_RETRY_AFTER_S)
        speak = self._speaker.stream if request.stream else self._speaker.whole
        channel = Channel(asyncio.get_running_loop(), self.settings.stream_buffer_bytes)
        effort = self._effort(request, priority)
        job = Job(partial(speak, request, effort, report), priority, channel)
        self._queue.submit(job)
        return job

    def cancel(self, job: Job, reason: Exception) -> None:
        """Drop or stop `job`; nothing happens to one that has made all its audio."""
        if self._queue is not None and not job.channel.ended:
            self._queue.cancel(job, reason)

    def _effort(self, request: SpeechRequest, priority: Priority) -> Effort:
        live = priority is Priority.LIVE
        by_default = 1 if live or request.stream else self.settings.bulk_candidates
        return Effort(live, request.candidates or by_default)

    def _load(self, loop: asyncio.AbstractEventLoop) -> None:
        finish: Callable[[], None]
        try:
            checks = _checks(self.settings)
            self.engine.load()
            self._warm_up()
            finish = partial(self._serve, self.engine.describe(), checks)
        except (EngineUnavailableError, EngineError) as error:
            finish = partial(self._fail, error)
        except Exception as error:  # noqa: BLE001 - told to whoever runs the server
            _log.exception("loading failed")
            finish = partial(self._fail, error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(finish)

    def _warm_up(self) -> None:
        """Speak until something is heard: the first utterance pays for lazy initialisation.

        The rest of the sentence would prove nothing more and keep the host from being ready.
        """
        enough = Event()
        pieces = piece_texts(_WARM_UP_TEXT, self.engine.fits)
        utterance = Utterance(pieces, self.engine.voices[0].id, streaming=True)
        heard = False
        for chunk in self.engine.synthesize(utterance, enough):
            check_chunk(chunk)
            if is_audible(chunk.samples):
                heard = True
                enough.set()
        if not heard:
            raise EngineError("the engine made no audible sound when it was warmed up")

    def _serve(self, description: EngineDescription, checks: Checks) -> None:
        self.description = description
        self._speaker = Speaker(self.engine, checks, Leveller(self.settings.loudness_lufs))
        self.fingerprint = fingerprint(description, self.engine.voices, self.processing)
        self._queue = JobQueue(
            workers=self.engine.max_concurrency,
            size=self.settings.queue_size,
            bulk_share=self.settings.bulk_queue_share,
            live_reserve=self.engine.live_reserve,
        )
        self.metrics.watch_queue(self._queue)
        self.metrics.set_engine(description, self.fingerprint)
        if isinstance(self.engine, ObservableEngine):
            self.metrics.watch_engine(self.engine)
        if self.phase is Phase.LOADING:
            self.phase = Phase.READY
        _log.info(
            "ready",
            extra={"speaks": description.engine, "model": description.model,
                   "fingerprint": self.fingerprint},
        )  # fmt: skip

    def _fail(self, error: Exception) -> None:
        self.failure = error
        self.phase = Phase.FAILED


def _keys(settings: Settings) -> HostKeys | None:
    if settings.host_keys_file is not None:
        return HostKeys(settings.host_keys_file)
    if settings.ctv_env == "prod":
        _log.warning("HOST_KEYS_FILE is not set: whoever reaches the host may use it")
    return None


def _checks(settings: Settings) -> Checks:
    """Make the checks that `settings` ask for.

    Raises:
        EngineUnavailableError: the recogniser cannot be had.
    """
    if settings.speech_checks == "basic":
        return BasicChecks()
    if settings.speech_recognizer is None:
        return FullChecks(settings.speech_attempts)
    recognizer = load_recognizer(settings.speech_recognizer)
    round_trip = RoundTrip(recognizer, settings.word_error_rate_max)
    return FullChecks(settings.speech_attempts, round_trip)
