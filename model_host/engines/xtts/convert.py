"""From the modules of a loaded checkpoint to the values and tensors of a pack.

Needs torch and TTS. Conversion goes tensor by tensor: what is not quantised stays a view of the
loaded checkpoint until it is written.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch and its kin are installed for packing only (requirements/coqui.txt).
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from model_host.engines.coqui.checkpoint import CheckpointFiles
from model_host.engines.coqui.xtts import load_model, read_config
from model_host.engines.xtts.dimensions import Dimensions
from model_host.engines.xtts.pack_format import Cloning, Precision, Sampling, VocoderDims
from model_host.engines.xtts.quantization import Bits, quantize
from model_host.engines.xtts.tensors import Array

_BITS: dict[Precision, Bits | None] = {"int8": 8, "int4": 4, "fp32": None}

_LINEARS = {
    "qkv": "attn.c_attn",
    "attn_out": "attn.c_proj",
    "mlp_in": "mlp.c_fc",
    "mlp_out": "mlp.c_proj",
}
"""Our names of a block's four matrices, and GPT-2's."""

_PLAIN = {
    "ln_f.weight": "gpt.ln_f.weight",
    "ln_f.bias": "gpt.ln_f.bias",
    "final_norm.weight": "final_norm.weight",
    "final_norm.bias": "final_norm.bias",
    "mel_head.weight": "mel_head.weight",
    "mel_head.bias": "mel_head.bias",
    "text_embedding": "text_embedding.weight",
    "text_position": "text_pos_embedding.emb.weight",
    "mel_embedding": "mel_embedding.weight",
    "mel_position": "mel_pos_embedding.emb.weight",
}
"""What stays float32: our names, and the checkpoint's below `gpt.`."""


class LoadedCheckpoint:
    """A checkpoint's config, and its model once someone asks for it (2 GB, 5-10 s)."""

    def __init__(self, files: CheckpointFiles) -> None:
        """Name the files; only the config is read."""
        self._files = files
        self._config = read_config(files)

    @cached_property
    def model(self) -> Any:  # noqa: ANN401 - TTS has no types
        """The loaded `Xtts`, in eval mode, on the CPU.

        Raises:
            EngineUnavailableError: truncated, of XTTS v1, or files that do not belong together.
        """
        return load_model(self._config, self._files)

    @property
    def dims(self) -> Dimensions:
        """Sizes and special tokens, as the model settled them with its vocabulary."""
        arguments, gpt = self.model.args, self.model.gpt
        return Dimensions(
            layers=arguments.gpt_layers,
            width=arguments.gpt_n_model_channels,
            heads=arguments.gpt_n_heads,
            text_tokens=gpt.text_embedding.num_embeddings,
            audio_tokens=gpt.mel_embedding.num_embeddings,
            start_text=gpt.start_text_token,
            stop_text=gpt.stop_text_token,
            start_audio=gpt.start_audio_token,
            stop_audio=gpt.stop_audio_token,
            max_audio_tokens=arguments.gpt_max_audio_tokens,
            max_text_tokens=arguments.gpt_max_text_tokens,
            voice_positions=gpt.conditioning_perceiver.latents.shape[0],
        )

    @property
    def sampling(self) -> Sampling:
        """The config's own sampling."""
        config = self._config
        return Sampling(
            temperature=config.temperature,
            top_k=config.top_k,
            top_p=config.top_p,
            repetition_penalty=config.repetition_penalty,
            length_penalty=config.length_penalty,
        )

    @property
    def cloning(self) -> Cloning:
        """The config's own way to listen to a recording."""
        config = self._config
        return Cloning(
            gpt_cond_len=config.gpt_cond_len,
            gpt_cond_chunk_len=config.gpt_cond_chunk_len,
            max_ref_len=config.max_ref_len,
            sound_norm_refs=config.sound_norm_refs,
        )

    def vocoder_dims(self) -> VocoderDims:
        """Rates and strides of the vocoder."""
        arguments = self._config.model_args
        return VocoderDims(
            sample_rate_hz=arguments.output_sample_rate,
            input_sample_rate_hz=arguments.input_sample_rate,
            hop_length=arguments.output_hop_length,
            code_stride=arguments.gpt_code_stride_len,
        )


def decoder_tensors(
    model: Any,  # noqa: ANN401 - TTS has no types
    precision: Precision,
    progress: Callable[[str], None],
) -> dict[str, Array]:
    """The decoder's tensors by their names in `decoder.safetensors` (docs/packs.md lists them).

    Args:
        model: a loaded `TTS.tts.models.xtts.Xtts`.
        precision: how the blocks' matrices are stored; all else is float32.
        progress: told about each block.
    """
    weights = {name: parameter.detach() for name, parameter in model.gpt.named_parameters()}
    bits = _BITS[precision]
    tensors: dict[str, Array] = {}
    layers = model.args.gpt_layers
    for layer in range(layers):
        progress(f"decoder: block {layer + 1} of {layers}")
        source, target = f"gpt.h.{layer}", f"layers.{layer}"
        for norm in ("ln_1", "ln_2"):
            for part in ("weight", "bias"):
                tensors[f"{target}.{norm}.{part}"] = _float32(weights[f"{source}.{norm}.{part}"])
        for ours, theirs in _LINEARS.items():
            # GPT-2's Conv1D keeps its matrices [in, out].
            matrix = _float32(weights[f"{source}.{theirs}.weight"]).T
            tensors |= _linear(f"{target}.{ours}", matrix, bits)
            tensors[f"{target}.{ours}.bias"] = _float32(weights[f"{source}.{theirs}.bias"])
    return tensors | {ours: _float32(weights[theirs]) for ours, theirs in _PLAIN.items()}


def _linear(name: str, matrix: npt.NDArray[np.float32], bits: Bits | None) -> dict[str, Array]:
    """One matrix [out, in] under its names in the pack."""
    if bits is None:
        return {f"{name}.weight": matrix}
    quantized = quantize(matrix, bits)
    return {f"{name}.weight": quantized.values, f"{name}.scale": quantized.scale}


def _float32(tensor: Any) -> npt.NDArray[np.float32]:  # noqa: ANN401 - torch has no types here
    array: npt.NDArray[np.float32] = tensor.float().numpy()
    return array
