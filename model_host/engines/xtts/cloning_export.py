"""From a checkpoint's two listening encoders to OpenVINO: done once, where torch and TTS are.

The mel spectrograms before them are computed in numpy (`mel`): a Fourier transform in a converted
graph would be slower and less exact. Here they are compared with what the checkpoint carries.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch and its kin are installed for packing only (requirements/coqui.txt).
import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch

from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts import mel
from model_host.engines.xtts.conversion import save, to_openvino

GPT_ENCODER = "cloner_gpt"
SPEAKER_ENCODER = "cloner_speaker"

_FRAMES_TRACED = 345
"""Frames of the example that is traced; the frame axis is dynamic afterwards."""


def export_cloner(model: Any, directory: Path) -> list[Path]:  # noqa: ANN401 - TTS has no types
    """Write the encoders as OpenVINO models, float32, with a dynamic frame axis.

    `cloner_gpt`: `mel` [1, 80, frames], natural logarithm, not normalised → `latents`
    [1, positions, width]. `cloner_speaker`: `mel` [1, 64, frames], power → `embedding` [1, 512],
    of length 1.

    Args:
        model: a loaded `TTS.tts.models.xtts.Xtts`, in eval mode, on the CPU.
        directory: existing; where to write.

    Returns:
        The files written: an .xml and a .bin each.

    Raises:
        EngineUnavailableError: the checkpoint listens through other spectrograms than XTTS-v2 does.
    """
    _require_known_mels(model)
    gpt = _GptEncoder(model).eval()
    speaker = _SpeakerEncoder(model.hifigan_decoder.speaker_encoder).eval()
    return [
        *_export(gpt, mel.CONDITIONING_MEL.mels, "latents", directory / f"{GPT_ENCODER}.xml"),
        *_export(speaker, mel.SPEAKER_MEL.mels, "embedding", directory / f"{SPEAKER_ENCODER}.xml"),
    ]


class _GptEncoder(torch.nn.Module):
    """`get_style_emb` of a GPT with a perceiver, after the division by the mel statistics."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - TTS has no types
        super().__init__()
        self.encoder = model.gpt.conditioning_encoder
        self.perceiver = model.gpt.conditioning_perceiver
        self.register_buffer("mel_stats", model.mel_stats.detach().reshape(1, -1, 1).clone())

    def forward(self, log_mel: torch.Tensor) -> torch.Tensor:
        heard = self.encoder(log_mel / self.mel_stats)
        latents: torch.Tensor = self.perceiver(heard.permute(0, 2, 1))
        return latents


class _SpeakerEncoder(torch.nn.Module):
    """The speaker encoder behind its spectrogram."""

    def __init__(self, encoder: Any) -> None:  # noqa: ANN401 - TTS has no types
        super().__init__()
        # A shallow copy shares the weights; the model itself must go on taking audio.
        self.encoder = copy.copy(encoder)
        self.encoder.use_torch_spec = False

    def forward(self, power: torch.Tensor) -> torch.Tensor:
        # The axis is for the encoder to squeeze: without one, the converter loses the shape there.
        embedding: torch.Tensor = self.encoder(power.unsqueeze(1), l2_norm=True)
        return embedding


def _export(encoder: torch.nn.Module, mels: int, output: str, path: Path) -> list[Path]:
    example = torch.rand(1, mels, _FRAMES_TRACED)
    converted = to_openvino(encoder, (example,), [[1, mels, -1]])
    converted.inputs[0].get_tensor().set_names({"mel"})
    converted.outputs[0].get_tensor().set_names({output})
    return save(converted, path)


def _require_known_mels(model: Any) -> None:  # noqa: ANN401 - TTS has no types
    """Compare the speaker encoder's stored window, filters and pre-emphasis with `mel`'s."""
    emphasis, spectrogram = model.hifigan_decoder.speaker_encoder.torch_spec
    expected_window = mel.window(mel.SPEAKER_MEL)
    before = (mel.SPEAKER_MEL.fft_samples - mel.SPEAKER_MEL.window_samples) // 2
    pairs = (
        (emphasis.filter.reshape(-1), np.array([-mel.PREEMPHASIS, 1])),
        (
            spectrogram.spectrogram.window,
            expected_window[before : before + mel.SPEAKER_MEL.window_samples],
        ),
        (spectrogram.mel_scale.fb, mel.filterbank(mel.SPEAKER_MEL)),
    )
    for stored, expected in pairs:
        values = stored.detach().cpu().numpy()
        if values.shape != expected.shape or not np.allclose(values, expected, atol=1e-4):
            raise EngineUnavailableError(
                "the checkpoint's speaker encoder listens through another spectrogram than "
                "XTTS-v2's; provide tts_models/multilingual/multi-dataset/xtts_v2"
            )
