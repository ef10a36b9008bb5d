"""What a pack is: a directory of files and the `pack.json` that says what they are.

The server reads packs through this module; it needs neither torch nor TTS. docs/packs.md describes
the files for people.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts.dimensions import Dimensions

FORMAT = 1
MODEL = "tts_models/multilingual/multi-dataset/xtts_v2"
MANIFEST_NAME = "pack.json"
DECODER_NAME = "decoder.safetensors"
TOKENIZER_NAME = "tokenizer.json"
VOICES_NAME = "voices"
VOICE_NAME_DIGITS = 16
"""A voice's file is named by so many hex digits of its recording's SHA-256."""

Precision = Literal["int8", "int4", "fp32"]

_REMEDY = "make it again: python -m model_host.engines.xtts pack CHECKPOINT PACK --force"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sampling(_Frozen):
    """How the checkpoint's own config wants audio tokens to be chosen."""

    temperature: float
    top_k: int
    top_p: float
    repetition_penalty: float
    length_penalty: float


class Cloning(_Frozen):
    """How the checkpoint's own config wants a recording to be listened to; durations in seconds."""

    gpt_cond_len: int
    gpt_cond_chunk_len: int
    max_ref_len: int
    sound_norm_refs: bool


class VocoderDims(_Frozen):
    """The vocoder's rates and strides."""

    sample_rate_hz: int
    input_sample_rate_hz: int
    hop_length: int
    code_stride: int


class PackedFile(_Frozen):
    """What a file of the pack must be; `bytes` is its size."""

    bytes: int
    sha256: str


class Manifest(_Frozen):
    """The contents of `pack.json`.

    Attributes:
        format: version of the pack's format; this code reads `FORMAT`.
        model: public name of the model.
        precision: how the decoder's weights are stored.
        checkpoint: SHA-256 of each checkpoint file, by file name.
        made_with: versions of the packages that made the pack.
        dims: the decoder's shape.
        sampling: how tokens are chosen.
        cloning: how recordings are listened to.
        vocoder: rates and strides.
        files: every other file of the pack, by its path inside the pack.
    """

    format: int
    model: str
    precision: Precision
    checkpoint: dict[str, str]
    made_with: dict[str, str]
    dims: Dimensions
    sampling: Sampling
    cloning: Cloning
    vocoder: VocoderDims
    files: dict[str, PackedFile]

    def canonical_json(self) -> bytes:
        """The manifest with sorted keys and no blanks: the same bytes for the same contents."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":")
        ).encode()


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack whose files are all there, with the sizes they should have.

    Attributes:
        directory: where it stands; only ever read.
        manifest: what it says of itself.
    """

    directory: Path
    manifest: Manifest

    @classmethod
    def open(cls, directory: Path) -> Pack:
        """Read the manifest and look at every file's size. Takes milliseconds.

        Raises:
            EngineUnavailableError: no pack, one of another format, or an incomplete one.
        """
        path = directory / MANIFEST_NAME
        try:
            text = path.read_bytes()
        except OSError as error:
            message = f"{directory} is no pack ({MANIFEST_NAME}: {error.strerror}); {_REMEDY}"
            raise EngineUnavailableError(message) from error
        manifest = parse_manifest(path, text)
        for name, packed in manifest.files.items():
            _require_size(directory / name, packed.bytes)
        return cls(directory, manifest)

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ whenever anything in the pack differs."""
        return hashlib.sha256(self.manifest.canonical_json()).hexdigest()[:16]

    @property
    def decoder(self) -> Path:
        """The decoder's tensors."""
        return self.directory / DECODER_NAME

    @property
    def tokenizer(self) -> Path:
        """The checkpoint's vocabulary, as it was."""
        return self.directory / TOKENIZER_NAME

    @property
    def voices(self) -> Path:
        """Directory of the voices packed along; may be absent."""
        return self.directory / VOICES_NAME

    def verify_hashes(self) -> None:
        """Read every file and compare its SHA-256. Takes about a second.

        Raises:
            EngineUnavailableError: a file is not what it was; it is named.
        """
        for name, packed in self.manifest.files.items():
            path = self.directory / name
            if file_sha256(path) != packed.sha256:
                message = f"{path} is damaged (its SHA-256 differs from {MANIFEST_NAME}); {_REMEDY}"
                raise EngineUnavailableError(message)


def file_sha256(path: Path) -> str:
    """A file's SHA-256, 64 hex digits, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def parse_manifest(path: Path, text: bytes) -> Manifest:
    """Read the contents of a `pack.json`.

    Args:
        path: where it stands; for messages.
        text: what stands there.

    Raises:
        EngineUnavailableError: it is no manifest, one of another format, or one that names files
            outside of its pack.
    """
    try:
        version = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path} is not a pack's manifest; {_REMEDY}"
        raise EngineUnavailableError(message) from error
    if version != FORMAT:
        message = f"{path} is of pack format {version}, this version reads {FORMAT}; {_REMEDY}"
        raise EngineUnavailableError(message)
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"{path} is damaged ({place}: {first['msg']}); {_REMEDY}"
        raise EngineUnavailableError(message) from error
    for name in manifest.files:
        relative = Path(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise EngineUnavailableError(f"{path} names a file outside of the pack: {name}")
    return manifest


def _require_size(path: Path, size_bytes: int) -> None:
    try:
        found_bytes = path.stat().st_size
    except OSError as error:
        message = f"the pack lacks {path} ({error.strerror}); {_REMEDY}"
        raise EngineUnavailableError(message) from error
    if found_bytes != size_bytes:
        message = f"{path} has {found_bytes} bytes instead of {size_bytes}; {_REMEDY}"
        raise EngineUnavailableError(message)
