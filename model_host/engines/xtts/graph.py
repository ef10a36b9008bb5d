"""XTTS-v2's GPT as an OpenVINO graph over a paged key-value cache.

Tokens of all sequences lie one after another in one axis of T positions, so that prompts of any
length and single steps share one pass over the weights (continuous batching; Kwon et al.,
"Efficient Memory Management for LLM Serving with PagedAttention", arXiv:2309.06180).

The last hidden state after both norms *is* the latent that the vocoder needs; the reference runs
the whole transformer a second time for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import openvino as ov
import openvino.opset13 as ops
from openvino.op import Constant, _PagedAttentionExtension

from model_host.engines.xtts.dimensions import Dimensions
from model_host.engines.xtts.tensors import Array

# OpenVINO's node classes have no type hints of use.
Node = Any

_EPSILON = 1e-5
"""Of every LayerNorm in GPT-2 and in XTTS."""


def build_decoder(tensors: Mapping[str, Array], dims: Dimensions) -> ov.Model:
    """Make the graph from a pack's tensors, which it refers to without copying.

    Inputs (T tokens of B sequences):
        embeddings: float32 [T, width].
        last_rows: int32 [B], the position in T whose output is wanted, for each sequence.
        past_lens, subsequence_begins, block_indices, block_indices_begins, max_context_len: the
            paging, as OpenVINO's PagedAttention takes it.
        key_cache.{i}, value_cache.{i}: the blocks of each layer, written in place.

    Outputs:
        latents: float32 [B, width], what the vocoder voices.
        logits: float32 [B, audio_tokens].
    """
    return _DecoderBuilder(tensors, dims).build()


class _DecoderBuilder:
    def __init__(self, tensors: Mapping[str, Array], dims: Dimensions) -> None:
        self._tensors = tensors
        self._dims = dims
        self._embeddings = _parameter("embeddings", [-1, dims.width], np.float32)
        self._last_rows = _parameter("last_rows", [-1], np.int32)
        self._paging = [
            _parameter(name, [-1], np.int32)
            for name in ("past_lens", "subsequence_begins", "block_indices", "block_indices_begins")
        ]
        self._longest = _parameter("max_context_len", [], np.int32)
        self._caches: list[Node] = []

    def build(self) -> ov.Model:
        hidden: Node = self._embeddings
        for layer in range(self._dims.layers):
            hidden = self._block(hidden, layer)
        hidden = ops.gather(hidden, self._last_rows, _constant(np.array(0)))
        latents = self._norm(self._norm(hidden, "ln_f"), "final_norm")
        logits = self._linear(latents, "mel_head")
        for node, name in ((latents, "latents"), (logits, "logits")):
            node.output(0).set_names({name})
        inputs = [self._embeddings, self._last_rows, *self._paging, self._longest, *self._caches]
        return ov.Model([latents.output(0), logits.output(0)], inputs, "xtts-decoder")

    def _block(self, hidden: Node, layer: int) -> Node:
        """A GPT-2 block: pre-norm attention and a four times wider MLP with `gelu_new`."""
        at = f"layers.{layer}."
        qkv = self._linear(self._norm(hidden, at + "ln_1"), at + "qkv")
        attended = self._attention(qkv, layer)
        hidden = ops.add(hidden, self._linear(attended, at + "attn_out"))
        inner = ops.gelu(self._linear(self._norm(hidden, at + "ln_2"), at + "mlp_in"), "tanh")
        return ops.add(hidden, self._linear(inner, at + "mlp_out"))

    def _attention(self, qkv: Node, layer: int) -> Node:
        width = self._dims.width
        split = ops.variadic_split(
            qkv, _constant(np.array(1)), _constant(np.array([width, width, width]))
        )
        caches = [
            ops.parameter(ov.PartialShape.dynamic(4), ov.Type.dynamic, name=f"{kind}_cache.{layer}")
            for kind in ("key", "value")
        ]
        for cache in caches:
            cache.output(0).set_names({cache.friendly_name})
        self._caches += caches
        scale = _constant(np.float32(self._dims.head_size**-0.5))
        arguments = [
            *(split.output(part) for part in range(3)),
            *(node.output(0) for node in (*caches, *self._paging, scale)),
            *(node.output(0) for node in _no_sliding_window_no_alibi()),
            self._longest.output(0),
            *(node.output(0) for node in _no_extras()),
        ]
        attention = _PagedAttentionExtension(arguments)
        for kind in ("k", "v"):
            attention.get_rt_info()[f"num_{kind}_heads"] = self._dims.heads
            attention.get_rt_info()[f"{kind}_head_size"] = self._dims.head_size
        return attention.output(0)

    def _linear(self, hidden: Node, name: str) -> Node:
        weight = self._weight(name)
        bias = _shared(self._tensors[name + ".bias"])
        return ops.add(ops.matmul(hidden, weight, transpose_a=False, transpose_b=True), bias)

    def _weight(self, name: str) -> Node:
        """A weight [out, in]; the runtime recognises the pattern of a quantised one."""
        values = self._tensors[name + ".weight"]
        scale = self._tensors.get(name + ".scale")
        if scale is None:
            return _shared(values)
        outputs, groups, _ = scale.shape
        if values.dtype == np.uint8:
            shape = ov.Shape([outputs, groups, 2 * values.shape[2]])
            stored = Constant(ov.Tensor(values, shape, ov.Type.i4), shared_memory=True)
        else:
            stored = _shared(values)
        grouped = ops.multiply(ops.convert(stored, np.float32), _shared(scale))
        return ops.reshape(grouped, _constant(np.array([outputs, -1])), special_zero=False)

    def _norm(self, hidden: Node, name: str) -> Node:
        normal = ops.mvn(hidden, _constant(np.array([-1])), True, _EPSILON, "INSIDE_SQRT")
        scaled = ops.multiply(normal, _shared(self._tensors[name + ".weight"]))
        return ops.add(scaled, _shared(self._tensors[name + ".bias"]))


def _no_sliding_window_no_alibi() -> tuple[Node, Node]:
    return _constant(np.array(0, np.int32)), _constant(np.zeros(0, np.float32))


def _no_extras() -> list[Node]:
    """The inputs of PagedAttention that this model does not use, in OpenVINO 2026.4's order."""
    integers, floats = np.zeros(0, np.int32), np.zeros(0, np.float32)
    values: list[Array] = [
        integers,  # score_aggregation_window
        integers,  # rotated_block_indices
        np.zeros((0, 0), np.int32),  # rotation_deltas
        np.zeros((0, 0), np.float32),  # rotation_trig_lut
        floats,  # xattention_threshold
        np.array(64, np.int32),  # xattention_block_size
        np.array(8, np.int32),  # xattention_stride
        floats,  # sinks
        np.array(0, np.int32),  # adaptive_rkv_start_size
        integers,  # adaptive_rkv_evictable_sizes
        integers,  # adaptive_rkv_diversity_block_set_indices
        integers,  # adaptive_rkv_diversity_block_set_indices_begins
        integers,  # token_type_ids
        np.zeros(0, np.uint8),  # qq_bias
        integers,  # qq_bias_begins
    ]
    return [_constant(value) for value in values]


def _parameter(name: str, shape: list[int], dtype: type) -> Node:
    node = ops.parameter(shape, dtype, name=name)
    node.output(0).set_names({name})
    return node


def _constant(value: Array | np.generic) -> Node:
    """A small value, copied."""
    return Constant(ov.Tensor(np.array(value)))


def _shared(tensor: Array) -> Node:
    """A tensor of the pack, referred to: the mapping must outlive the compiled model."""
    return Constant(ov.Tensor(tensor, shared_memory=True), shared_memory=True)
