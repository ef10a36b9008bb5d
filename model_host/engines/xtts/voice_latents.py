"""What the model knows of a voice, and the file that it is kept in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_host.engines.xtts.tensors import TensorFileError, read_tensors, write_tensors

SPEAKER_VALUES = 512


@dataclass(frozen=True, slots=True)
class VoiceLatents:
    """A cloned voice.

    Attributes:
        gpt_cond_latents: what every decoding starts from; shape (positions, width), float32.
        speaker_embedding: what the vocoder speaks with; shape (512,), float32, of length 1.
    """

    gpt_cond_latents: npt.NDArray[np.float32]
    speaker_embedding: npt.NDArray[np.float32]


def write_voice(path: Path, voice: VoiceLatents) -> None:
    """Write a voice's file; it appears whole or not at all."""
    write_tensors(
        path,
        {
            "gpt_cond_latents": voice.gpt_cond_latents,
            "speaker_embedding": voice.speaker_embedding,
        },
    )


def read_voice(path: Path, positions: int, width: int) -> VoiceLatents:
    """Read a voice's file into memory.

    Args:
        path: as `write_voice` writes it.
        positions: how many latents the model takes (32 in XTTS-v2).
        width: of the model (1024 in XTTS-v2).

    Raises:
        TensorFileError: damaged, or of another model.
    """
    tensors = read_tensors(path)
    shapes = {"gpt_cond_latents": (positions, width), "speaker_embedding": (SPEAKER_VALUES,)}
    for name, shape in shapes.items():
        tensor = tensors.get(name)
        if tensor is None or tensor.shape != shape or tensor.dtype != np.float32:
            raise TensorFileError(f"{path.name} holds no {name} of shape {shape}")
        if not np.isfinite(tensor).all():
            raise TensorFileError(f"{path.name} holds a {name} that is not finite")
    return VoiceLatents(*(np.array(tensors[name]) for name in shapes))
