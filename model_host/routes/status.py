"""Health, information and metrics."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import Response

from model_host import VERSION
from model_host.audio.formats import SAMPLE_RATE_HZ, AudioFormat
from model_host.engines.base import Engine, EngineError, ObservableEngine
from model_host.errors import NotReadyError
from model_host.lifecycle import Host
from model_host.request import LANGUAGES, SPEED_MAX, SPEED_MIN
from model_host.routes.documentation import problem
from model_host.text.folding import TEXT_CHARS_MAX

_DEVICE = "cpu"


class Health(BaseModel):
    """The old server's health, key for key."""

    device: str
    model_loaded: bool
    status: str


class Status(BaseModel):
    """A probe's answer."""

    status: str


class VoiceInfo(BaseModel):
    """A voice of the engine."""

    id: str
    name: str
    language: str


class Limits(BaseModel):
    """What a request may ask for."""

    text_chars_max: int
    speed_min: float
    speed_max: float


class Information(BaseModel):
    """The truth about what speaks; the old server's five keys come first.

    `lexicon` is the entity tag of `/v1/lexicon`, without quotes. `engine_details` is what an engine
    tells of itself: facts, gauges and counters by name.
    """

    device: str
    model: str
    model_loaded: bool
    reference_audio: str | None
    temp_dir: str
    engine: str
    fingerprint: str
    lexicon: str
    sample_rate_hz: int
    languages: list[str]
    voices: list[VoiceInfo]
    default_voice: str
    formats: list[str]
    version: str
    limits: Limits
    versions: dict[str, str]
    engine_details: dict[str, str | int | float | list[str]]


def status_routes(host: Host) -> APIRouter:
    """Make the routes that tell how `host` is."""
    router = APIRouter(tags=["status"])

    @router.get("/health", summary="Health, as the old server told it")
    async def health() -> Health:
        return Health(
            device=_DEVICE,
            model_loaded=host.loaded,
            status="ok" if host.loaded else host.phase.value,
        )

    @router.get("/health/live", summary="The process serves")
    async def live() -> Status:
        return Status(status="live")

    @router.get(
        "/health/ready",
        summary="The engine is warm and the queue has room",
        responses={503: problem("Loading, stopping, or the queue is full.", retry_after=True)},
    )
    async def ready() -> Status:
        if (reason := host.unready_reason()) is not None:
            raise reason
        return Status(status="ready")

    @router.get(
        "/health/serving",
        summary="The engine is warm and the host is not stopping, be the queue full or not",
        responses={503: problem("Loading or stopping.", retry_after=True)},
    )
    async def serving() -> Status:
        if (reason := host.not_serving_reason()) is not None:
            raise reason
        return Status(status="serving")

    @router.get(
        "/info",
        summary="What speaks",
        responses={503: problem("The engine is loading.", retry_after=True)},
    )
    async def info() -> Information:
        return _information(host)

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def metrics() -> Response:
        return Response(host.metrics.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router


def _information(host: Host) -> Information:
    description = host.description
    if description is None:
        raise host.unready_reason() or NotReadyError("The engine is loading.", 1)
    return Information(
        device=description.device,
        model=description.model,
        model_loaded=host.loaded,
        reference_audio=description.reference_audio,
        temp_dir=str(host.settings.temp_dir),
        engine=description.engine,
        fingerprint=host.fingerprint,
        lexicon=host.lexicon.current.etag,
        sample_rate_hz=SAMPLE_RATE_HZ,
        languages=list(LANGUAGES),
        voices=[
            VoiceInfo(id=voice.id, name=voice.name, language=voice.language)
            for voice in host.engine.voices
        ],
        default_voice=host.engine.voices[0].id,
        formats=[audio_format.value for audio_format in AudioFormat],
        version=VERSION,
        limits=Limits(text_chars_max=TEXT_CHARS_MAX, speed_min=SPEED_MIN, speed_max=SPEED_MAX),
        versions={
            **description.versions,
            **host.processing,
            "av": version("av"),
        },
        engine_details=_engine_details(host.engine),
    )


def _engine_details(engine: Engine) -> dict[str, str | int | float | list[str]]:
    """What the engine does and holds; empty where it does not tell, or no longer."""
    if not isinstance(engine, ObservableEngine):
        return {}
    try:
        statistics = engine.statistics()
    except EngineError:
        return {}
    return {**statistics.facts, **statistics.gauges, **statistics.counters}
