"""The host's one settings object, read from the environment once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_DSN = re.compile(r"https?://[^\s/@]+@[^\s/@]+/\S*[0-9]+")


class Settings(BaseSettings):
    """Everything an operator can set; each environment name is the field's name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    ctv_env: Literal["dev", "prod"] = Field(
        default="dev",
        description="`prod` refuses to start on the embedded default voice by accident.",
    )
    engine: Literal["auto", "xtts", "coqui", "espeak"] = Field(
        default="auto",
        description="Which engine speaks. `auto`: a pack in XTTS_MODEL_DIR by `xtts`, a checkpoint "
        "by `coqui`, without either eSpeak NG (in `prod`: refuse to start).",
    )
    host: str = Field(
        default="0.0.0.0",  # noqa: S104 - a pod is reached from outside its network namespace
        description="Address to listen on; 127.0.0.1 keeps it on this machine.",
    )
    port: int = Field(default=5000, ge=0, le=65535, description="TCP port to listen on.")
    host_keys_file: Path | None = Field(
        default=None,
        description="JSON file of the keys that callers must present one of; read again when it "
        "changes. Without it everybody may call.",
    )
    xtts_model_dir: Path = Field(
        default=Path("/app/model"),
        description="Where a pack (`pack.json`) or a checkpoint "
        "(`config.json`, `model.pth`, `vocab.json`) of XTTS-v2 may lie.",
    )
    xtts_threads: int | None = Field(
        default=None,
        ge=1,
        description="Threads that `xtts` computes with; without it all cores it may use.",
    )
    vocoder_precision: Literal["auto", "bf16", "fp32"] = Field(
        default="auto",
        description="How `xtts` computes sound. `auto`: bf16 where the CPU has it, else fp32.",
    )
    bulk_candidates: int = Field(
        default=1,
        ge=1,
        le=4,
        description="How often `xtts` tries each sentence of `CTV-Priority: bulk`, in one batch, "
        "to keep the best; a request may ask otherwise by `candidates`.",
    )
    speech_checks: Literal["full", "basic"] = Field(
        default="full",
        description="`full`: nothing is answered before it was found to be what was asked for; "
        "`basic`: only that it is finite and audible, for a model with random weights.",
    )
    speech_attempts: int = Field(
        default=3,
        ge=1,
        le=8,
        description="How often a piece is spoken at most until `full` checks find nothing wrong.",
    )
    speech_recognizer: str | None = Field(
        default=None,
        description="Dotted name of a callable that returns a recogniser; `full` checks then also "
        "compare what it heard with what was to be said (docs/speech-checks.md).",
    )
    word_error_rate_max: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="Share of words that the recogniser may hear otherwise before a piece is "
        "doubted.",
    )
    loudness_lufs: float = Field(
        default=-23.0,
        ge=-40,
        le=-10,
        allow_inf_nan=False,
        description="Integrated loudness of every whole recording (EBU R 128), in LUFS; streams "
        "come close to it.",
    )
    reference_audio: Path = Field(
        default=Path("/app/voice_samples/reference_voice.wav"),
        description="Recording of the voice that XTTS clones; read once, at the start.",
    )
    voices_dir: Path | None = Field(
        default=None,
        description="Recordings of further voices for `xtts`, `<id>.wav` each; written by "
        "`POST /v1/voices`. Without it the directory `voices` beside REFERENCE_AUDIO.",
    )
    temp_dir: Path = Field(
        default=Path("/app/cache_audio"),
        description="Scratch directory, as `/info` has always shown it; what can be made again "
        "is kept here (`voices`: what `xtts` heard in recordings).",
    )
    queue_size: int = Field(
        default=32, ge=2, le=10_000, description="Requests that may wait for the engine."
    )
    bulk_queue_share: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="Share of the queue that `CTV-Priority: bulk` may fill, "
        "so that live calls always find room.",
    )
    say_meia_for_six: bool = Field(
        default=False,
        description='Say "meia" (half a dozen) for six in telephone numbers and documents, as '
        "many Brazilians do.",
    )
    default_timeout_s: float = Field(
        default=30.0, gt=0, le=600, description="Deadline of a request without `CTV-Timeout`."
    )
    max_timeout_s: float = Field(
        default=600.0, gt=0, le=3600, description="Longest `CTV-Timeout` that is accepted."
    )
    max_body_bytes: int = Field(
        default=64 * 1024, ge=1024, description="Longest request body that is read."
    )
    stream_buffer_bytes: int = Field(
        default=8 * 1024 * 1024,
        ge=16 * 1024,
        description="Audio a stream may be ahead of its client before the engine waits for it. "
        "8 MiB is 174 s of WAV, more than 1000 characters usually take: a player listening in "
        "real time then never holds the engine.",
    )
    stream_stall_timeout_s: float = Field(
        default=30.0,
        gt=0,
        description="A streaming client that takes no byte for this long is disconnected.",
    )
    drain_delay_s: float = Field(
        default=2.0,
        ge=0,
        description="After SIGTERM, how long to go on accepting while `/health/ready` already "
        "says 503: load balancers need a moment to look elsewhere. SIGINT skips it.",
    )
    drain_grace_s: int = Field(
        default=30, ge=1, description="How long running requests may take to finish at shutdown."
    )
    keep_alive_s: int = Field(
        default=75,
        ge=1,
        description="How long an idle connection stays open; longer than a load balancer's idle "
        "time-out (60 s by default), which must be the side that closes first.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO",
        description="DEBUG also logs health and metrics requests; no level logs any text.",
    )

    otel_exporter_otlp_endpoint: str = Field(
        default="",
        pattern=r"^(https?://[^\s/@]+(/[^\s]*)?)?$",
        description="Base URL of an OpenTelemetry collector (OTLP over HTTP), such as "
        "http://collector:4318: requests' spans go to it. OTEL_EXPORTER_OTLP_HEADERS may hold what "
        "it wants to see.",
    )
    sentry_dsn: SecretStr | None = Field(
        default=None, description="Sentry project that faults are told to."
    )
    sentry_traces_sample_rate: float = Field(
        default=0.1, ge=0, le=1, description="Share of requests whose timing is told to Sentry."
    )

    @field_validator("sentry_dsn")
    @classmethod
    def _is_dsn(cls, dsn: SecretStr | None) -> SecretStr | None:
        if dsn is not None and not _DSN.fullmatch(dsn.get_secret_value()):
            raise ValueError("is not a DSN: https://KEY@HOST/PROJECT")
        return dsn

    @property
    def added_voices_dir(self) -> Path:
        """Where recordings of further voices lie."""
        return self.voices_dir or self.reference_audio.parent / "voices"

    @property
    def voice_cache_dir(self) -> Path:
        """Where what was heard in recordings is kept."""
        return self.temp_dir / "voices"
