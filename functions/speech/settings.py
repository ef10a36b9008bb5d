"""Every variable the functions read, in one frozen object made once per process.

Plain pydantic rather than pydantic-settings: that package costs a cold start tens of
milliseconds and brings nothing that a mapping of strings needs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class SettingsError(Exception):
    """The environment is unusable; the message names the variable."""


class Settings(BaseModel):
    """The functions' environment. A field's variable is its name in capitals.

    An empty string means "not set": no function has every variable, so each handler names what
    it cannot do without (`require`) when it starts.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    ctv_env: Literal["dev", "prod"] = Field("dev", description="Which deployment this is.")
    tts_provider: Literal["coqui-http"] = Field(
        "coqui-http", description="How speech is made: over HTTP by the model host."
    )
    coqui_server_url: str = Field(
        "",
        description="Base URL of the model host, e.g. http://coqui-server:5000.",
        pattern=r"^(https?://[^\s/]+(/[^\s]*)?)?$",
    )
    cache_backend: Literal["hybrid", "memory", "s3"] = Field(
        "hybrid",
        description="hybrid: memory, then S3. s3: no memory tier. memory: one process, no AWS.",
    )
    s3_cache_bucket: str = Field("", description="Bucket of rendered speech and the manifest.")
    s3_cache_prefix: str = Field(
        "c-tv/cache",
        description="Prefix of rendered speech, without slashes at its ends.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*[A-Za-z0-9]$",
    )
    memory_cache_max_bytes: int = Field(
        64 * 1024 * 1024, ge=0, description="Ceiling of the memory tier, in bytes."
    )
    memory_cache_ttl_s: int = Field(
        3600, ge=1, description="How long the memory tier trusts an entry, in seconds."
    )
    phrase_ttl_days: int = Field(
        30, ge=1, description="Life of speech that names nobody, in days, as the bucket's rule."
    )
    personal_ttl_days: int = Field(
        1, ge=1, description="Life of speech that may name someone, in days, as the bucket's rule."
    )
    state_table: str = Field("", description="DynamoDB table of leases, jobs and uploads.")
    live_queue_url: str = Field("", description="SQS queue of calls somebody is waiting for.")
    bulk_queue_url: str = Field("", description="SQS queue of speech made ahead of time.")
    phrases_bucket: str = Field("", description="Bucket where files of phrases are uploaded.")
    cache_key_secret_arn: str = Field(
        "", description="Secrets Manager secret (a plain string) that keys the cache's HMAC."
    )
    oidc_issuer: str = Field(
        "",
        description="Issuer of JWTs that are taken beside API keys; empty for none.",
        pattern=r"^(https?://[^\s?#]+)?$",
    )
    oidc_audience: str = Field("", description="What such a JWT's `aud` must hold.")
    unplanned_usage_key: str = Field(
        "", description="API Gateway's key under which keys without a usage plan of theirs count."
    )
    host_keys_secret_arn: str = Field(
        "",
        description="Secrets Manager secret (JSON) whose `current` is presented to the model host; "
        "without it nothing is.",
    )
    live_deadline_s: float = Field(
        20.0, gt=0, le=28, description="Longest wait of a live call (API Gateway stops at 29 s)."
    )
    url_ttl_s: int = Field(
        3600, ge=60, le=604_800, description="Life of a presigned URL, in seconds."
    )
    max_upload_rows: int = Field(
        50_000, ge=1, description="Rows read from one uploaded file; the rest is refused."
    )
    sentry_dsn: str = Field(
        "",
        description="Sentry project that faults are told to.",
        pattern=r"^(https?://[^\s/@]+@[^\s/@]+/\S*[0-9]+)?$",
    )
    sentry_traces_sample_rate: float = Field(
        0.1, ge=0, le=1, description="Share of invocations whose timing is told to Sentry."
    )
    powertools_service_name: str = Field(
        "c-tv", description="Service in logs and metrics (read by Powertools itself too)."
    )
    powertools_metrics_namespace: str = Field(
        "CTV", description="CloudWatch namespace of the metrics (read by Powertools itself too)."
    )
    log_level: str = Field("INFO", description="Log level (read by Powertools itself too).")
    aws_endpoint_url: str = Field(
        "", description="The AWS SDK's own variable: set when AWS is emulated on this machine."
    )

    def require(self, *names: str) -> Settings:
        """Return these settings if the named fields are set.

        Raises:
            SettingsError: at least one is not; the message names the variables.
        """
        missing = [name.upper() for name in names if not getattr(self, name)]
        if missing:
            raise SettingsError(f"not set: {', '.join(missing)}")
        return self


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the environment; variables that are set but empty count as not set.

    Raises:
        SettingsError: a value is not allowed; the message names each variable.
    """
    given = {name: environ.get(name.upper(), "") for name in Settings.model_fields}
    try:
        return Settings.model_validate({name: value for name, value in given.items() if value})
    except ValidationError as error:
        reasons = "; ".join(f"{e['loc'][0]!s}".upper() + f": {e['msg']}" for e in error.errors())
        raise SettingsError(reasons) from None
