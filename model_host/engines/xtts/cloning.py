"""Clone a voice from a recording: the latents that XTTS computes, without torch or TTS.

A program of its own, so that the half gigabyte it takes goes away with it:

    python -m model_host.engines.xtts.cloning PACK_DIR RECORDING OUT.safetensors
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import openvino

from model_host.engines.base import EngineUnavailableError, Samples
from model_host.engines.cloning_protocol import UnusableRecordingError
from model_host.engines.xtts.mel import conditioning_mel, speaker_mel
from model_host.engines.xtts.pack_format import Cloning, Pack
from model_host.engines.xtts.reference_audio import (
    VOICE_SAMPLE_RATE_HZ,
    at_voice_rate,
    read_recording,
)
from model_host.engines.xtts.resampling import resample
from model_host.engines.xtts.voice_latents import VoiceLatents, write_voice

_SPEAKER_SAMPLE_RATE_HZ = 16_000
_CHUNK_S_MIN = 0.33
"""XTTS ignores shorter chunks of a recording (`get_gpt_cond_latents`)."""

_NORMALISED_PEAK = 0.75
_ARGUMENTS = 3
_POLITENESS = 10

EXIT_UNUSABLE = 3
"""The recording cannot serve; standard output holds a JSON object with `defect` and `message`."""

EXIT_UNAVAILABLE = 4
"""The pack cannot clone; standard output holds a JSON object with `message`."""


class Cloner:
    """The two encoders of a pack."""

    def __init__(self, directory: Path, cloning: Cloning) -> None:
        """Load the encoders.

        Args:
            directory: of a pack, complete or not: `cloner_gpt` and `cloner_speaker` stand there.
            cloning: how much of a recording is heard, as the pack's manifest says.

        Raises:
            EngineUnavailableError: one is missing or damaged.
        """
        self._cloning = cloning
        core = openvino.Core()
        self._gpt = _compile(core, directory / "cloner_gpt.xml")
        self._speaker = _compile(core, directory / "cloner_speaker.xml")

    def clone(self, recording: Path) -> VoiceLatents:
        """The latents that `Xtts.get_conditioning_latents` computes with the checkpoint's config.

        Raises:
            UnusableRecordingError: no voice can be made of the recording.
        """
        audio = at_voice_rate(read_recording(recording))
        audio = audio[: VOICE_SAMPLE_RATE_HZ * self._cloning.max_ref_len]
        if self._cloning.sound_norm_refs:
            audio = audio / np.abs(audio).max() * np.float32(_NORMALISED_PEAK)
        return VoiceLatents(self._gpt_latents(audio), self._speaker_embedding(audio))

    def _gpt_latents(self, audio: Samples) -> npt.NDArray[np.float32]:
        if self._cloning.gpt_cond_len > 0:
            audio = audio[: VOICE_SAMPLE_RATE_HZ * self._cloning.gpt_cond_len]
        chunk_samples = VOICE_SAMPLE_RATE_HZ * self._cloning.gpt_cond_chunk_len
        chunks = [
            audio[start : start + chunk_samples] for start in range(0, len(audio), chunk_samples)
        ]
        latents = [
            self._gpt({"mel": conditioning_mel(chunk)[np.newaxis]})[0][0]
            for chunk in chunks
            if len(chunk) >= VOICE_SAMPLE_RATE_HZ * _CHUNK_S_MIN
        ]
        mean: npt.NDArray[np.float32] = np.stack(latents).mean(axis=0, dtype=np.float32)
        return mean

    def _speaker_embedding(self, audio: Samples) -> npt.NDArray[np.float32]:
        heard = resample(audio, VOICE_SAMPLE_RATE_HZ, _SPEAKER_SAMPLE_RATE_HZ)
        embedding = self._speaker({"mel": speaker_mel(heard)[np.newaxis]})[0]
        return np.array(embedding, dtype=np.float32).reshape(-1)


def _compile(core: openvino.Core, path: Path) -> openvino.CompiledModel:
    try:
        # By default a CPU that has bfloat16 would use it, at 40 dB instead of 120.
        return core.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    except RuntimeError as error:
        message = f"{path} is missing or damaged; make the pack again"
        raise EngineUnavailableError(message) from error


def main(arguments: Sequence[str]) -> int:
    """Clone a voice into a file; see the module's text."""
    if len(arguments) != _ARGUMENTS:
        sys.stderr.write("usage: cloning PACK_DIR RECORDING OUT.safetensors\n")
        return 2
    pack_dir, recording, out = (Path(argument) for argument in arguments)
    os.nice(_POLITENESS)  # whoever waits for a call comes before whoever adds a voice
    try:
        pack = Pack.open(pack_dir)
        write_voice(out, Cloner(pack.directory, pack.manifest.cloning).clone(recording))
    except UnusableRecordingError as error:
        sys.stdout.write(json.dumps({"defect": error.defect.value, "message": str(error)}))
        return EXIT_UNUSABLE
    except EngineUnavailableError as error:
        sys.stdout.write(json.dumps({"message": str(error)}))
        return EXIT_UNAVAILABLE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
