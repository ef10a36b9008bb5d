"""From a checkpoint's vocoder to OpenVINO: done once, where torch and TTS are.

Only the HiFi-GAN generator is exported; the interpolation before it is `frames`.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch and its kin are installed for packing only (requirements/coqui.txt).
import copy
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino
import torch
from openvino import opset13
from torch.nn.utils import parametrize

from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts.conversion import save, to_openvino
from model_host.engines.xtts.vocoder import MODEL_NAME, RATES_PATH, Rates

Float32 = npt.NDArray[np.float32]

_FRAMES_TRACED = 32
"""Frames of the example that is traced; the frame axis is dynamic afterwards."""


def export_vocoder(model: Any, directory: Path) -> list[Path]:  # noqa: ANN401 - TTS has no types
    """Write the vocoder as an OpenVINO model, float32, with a dynamic frame axis.

    `frames` [1, width, n] and `speaker` [1, 512, 1] → `audio` [1, 1, n * hop length]. Its rates go
    along as the model's own metadata.

    Args:
        model: a loaded `TTS.tts.models.xtts.Xtts`, in eval mode, on the CPU; left as it is.
        directory: existing; where to write.

    Returns:
        The files written: an .xml and a .bin.

    Raises:
        EngineUnavailableError: the vocoder is built differently from XTTS-v2's.
    """
    decoder = model.hifigan_decoder
    generator = _Generator(decoder.waveform_decoder).eval()
    width = int(decoder.waveform_decoder.conv_pre.in_channels)
    speaker_width = int(decoder.waveform_decoder.cond_layer.in_channels)
    example = (torch.rand(1, width, _FRAMES_TRACED), torch.rand(1, speaker_width, 1))
    converted = to_openvino(generator, example, [[1, width, -1], [1, speaker_width, 1]])
    for port, name in zip(converted.inputs, ("frames", "speaker"), strict=True):
        port.get_tensor().set_names({name})
    converted.outputs[0].get_tensor().set_names({"audio"})
    _replace_transposed_convolutions(converted)
    for name, value in _rates(decoder).as_metadata().items():
        converted.set_rt_info(value, [*RATES_PATH, name])
    return save(converted, directory / f"{MODEL_NAME}.xml")


class _Generator(torch.nn.Module):
    """The generator with its weights as plain numbers instead of norms and directions."""

    def __init__(self, generator: torch.nn.Module) -> None:
        super().__init__()
        self.generator = copy.deepcopy(generator)
        for module in self.generator.modules():
            if parametrize.is_parametrized(module, "weight"):
                _make_plain(module)

    def forward(self, frames: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        audio: torch.Tensor = self.generator(frames, g=speaker)
        return audio


def _make_plain(module: torch.nn.Module) -> None:
    """As `parametrize.remove_parametrizations`, which would also undo the module copied from.

    A copy shares the class that was made for the parametrised original, and that function strips
    the class.
    """
    weight = module.weight.detach().clone()
    module.__class__ = parametrize.type_before_parametrizations(module)
    del module.parametrizations
    module.weight = torch.nn.Parameter(weight, requires_grad=False)


def _rates(decoder: Any) -> Rates:  # noqa: ANN401 - TTS has no types
    return Rates(
        sample_rate_hz=int(decoder.output_sample_rate),
        input_sample_rate_hz=int(decoder.input_sample_rate),
        hop_length=int(decoder.output_hop_length),
        code_stride=int(decoder.ar_mel_length_compression),
    )


def _replace_transposed_convolutions(model: openvino.Model) -> None:
    """Put a plain convolution and a shuffle in the place of each transposed convolution.

    The CPU plugin runs transposed convolutions on kernels that know neither AMX nor bf16's faster
    instructions: 3 % of the multiplications took 46 % of the time.
    """
    for node in model.get_ordered_ops():
        if node.get_type_name() == "ConvolutionBackpropData":
            stride = _supported_stride(node)
            weights = np.asarray(node.input_value(1).get_node().get_data(), np.float32)
            convolution = opset13.convolution(
                node.input_value(0),
                opset13.constant(polyphase_weights(weights, stride)),
                strides=[1],
                pads_begin=[1],
                pads_end=[1],
                dilations=[1],
            )
            shuffled = opset13.depth_to_space(convolution, "blocks_first", stride)
            node.output(0).replace(shuffled.output(0))
    model.validate_nodes_and_infer_types()


def _supported_stride(node: openvino.Node) -> int:
    attributes = node.get_attributes()
    (stride,) = attributes["strides"]
    length = int(node.input(1).get_partial_shape()[2].get_length())
    overhang = (length - stride) // 2
    known = (
        length == 2 * stride
        and list(attributes["pads_begin"]) == [overhang]
        and list(attributes["pads_end"]) == [overhang]
        and list(attributes["dilations"]) == [1]
    )
    if not known:
        raise EngineUnavailableError(
            "the checkpoint's vocoder is built differently from XTTS-v2's; provide "
            "tts_models/multilingual/multi-dataset/xtts_v2"
        )
    return int(stride)


def polyphase_weights(weights: Float32, stride: int) -> Float32:
    """The plain convolution that computes all phases of a transposed one side by side.

    A transposed convolution with stride s and kernel 2s, padded by s/2, makes s samples of each
    input position, from it and one neighbour. Sample n * s + p of it is channel group p of position
    n here, from the three positions n - 1, n and n + 1 with zeros where one is not used.

    Args:
        weights: float32 [channels in, channels out, 2 * stride].
        stride: samples made of each position.

    Returns:
        float32 [stride * channels out, channels in, 3], for a padding of 1.
    """
    channels_in, channels_out, length = weights.shape
    overhang = (length - stride) // 2
    phases = np.zeros((stride, channels_out, channels_in, 3), np.float32)
    for phase in range(stride):
        for neighbour in range(3):
            tap = phase + overhang - (neighbour - 1) * stride
            if 0 <= tap < length:
                phases[phase, :, :, neighbour] = weights[:, :, tap].T
    return phases.reshape(stride * channels_out, channels_in, 3)
