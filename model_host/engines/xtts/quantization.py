"""Symmetric weight quantisation by groups along the input: 8 or 4 bits and one scale a group.

The round-to-nearest scheme of LLM.int8()'s and GPTQ's baselines (arXiv:2208.07339, 2210.17323);
weights are small enough here that no calibration data is needed at 8 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

GROUP = 128
"""Inputs that share a scale; it is also the group in which activations are quantised."""

Bits = Literal[8, 4]
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class QuantizedWeight:
    """A quantised matrix.

    Attributes:
        values: 8 bits: int8 [out, in/group, group]. 4 bits: uint8 [out, in/group, group/2], two's
            complement nibbles, the low one first.
        scale: float32 [out, in/group, 1]; weight = value * scale.
    """

    values: npt.NDArray[np.int8] | npt.NDArray[np.uint8]
    scale: Float32


def group_for(inputs: int) -> int:
    """The largest group of at most `GROUP` that divides a number of inputs."""
    return next(size for size in (GROUP, 64, 32, 16, 8, 4, 2, 1) if inputs % size == 0)


def quantize(weight: Float32, bits: Bits, group: int | None = None) -> QuantizedWeight:
    """Quantise a matrix.

    Args:
        weight: float32 [out, in].
        bits: 8 or 4.
        group: inputs that share a scale; must divide `in` (and be even for 4 bits). None: the
            largest that fits.
    """
    outputs, inputs = weight.shape
    size = group or group_for(inputs)
    grouped = weight.reshape(outputs, inputs // size, size)
    limit = 2 ** (bits - 1) - 1
    scale = np.abs(grouped).max(axis=-1, keepdims=True) / np.float32(limit)
    scale[scale == 0] = 1
    values = np.rint(grouped / scale).astype(np.int8)
    if bits == 8:  # noqa: PLR2004 - the number of bits
        return QuantizedWeight(values, scale)
    nibbles = values.view(np.uint8) & 0x0F
    return QuantizedWeight(nibbles[..., 0::2] | (nibbles[..., 1::2] << 4), scale)
