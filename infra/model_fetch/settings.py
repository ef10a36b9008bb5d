"""What the init container is told, read from the environment once."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each environment name is the field's name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    model_uri: str = Field(
        pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^/](.*[^/])?/?$",
        description="`s3://BUCKET/PREFIX` of a pack (`pack.json`) or of a checkpoint with its "
        "`SHA256SUMS`.",
    )
    xtts_model_dir: Path = Field(
        description="Where the pack shall stand, as the host's own setting names it; work in "
        "progress lies beside it."
    )
