"""Quantised weights are as near to the originals as their bits allow."""

from __future__ import annotations

import numpy as np
import pytest

from model_host.engines.xtts.quantization import Bits, group_for, quantize


def unpacked(values: np.ndarray, bits: Bits) -> np.ndarray:
    if bits == 8:
        return values.astype(np.float32)
    nibbles = np.stack([values & 15, values >> 4], axis=-1).reshape(*values.shape[:2], -1)
    return np.where(nibbles > 7, nibbles.astype(np.int16) - 16, nibbles).astype(np.float32)


@pytest.mark.parametrize(("bits", "group"), [(8, 128), (8, 64), (4, 128), (4, 32)])
def test_given_a_matrix_when_quantised_then_each_weight_is_within_half_a_step(
    bits: Bits, group: int
) -> None:
    # Given weights of very different size from group to group
    random = np.random.default_rng(1)
    weight = random.standard_normal((48, 256)).astype(np.float32)
    weight[:, :group] *= 100

    # When they are quantised and multiplied back
    quantized = quantize(weight, bits, group)
    back = (unpacked(quantized.values, bits) * quantized.scale).reshape(weight.shape)

    # Then none is off by more than half of its group's step
    step = np.repeat(quantized.scale[..., 0], group, axis=1)
    assert (np.abs(back - weight) <= step * 0.5001).all()
    assert quantized.scale.shape == (48, 256 // group, 1)


def test_given_zeros_when_quantised_then_they_stay_zeros() -> None:
    quantized = quantize(np.zeros((2, 32), np.float32), 8)

    assert not quantized.values.any()
    assert np.isfinite(quantized.scale).all()


@pytest.mark.parametrize(
    ("inputs", "group"), [(1024, 128), (4096, 128), (64, 64), (96, 32), (7, 1)]
)
def test_given_a_width_when_grouped_then_the_largest_group_divides_it(
    inputs: int, group: int
) -> None:
    assert group_for(inputs) == group
