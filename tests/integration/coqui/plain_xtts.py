"""XTTS-v2's decoding written out as plain arithmetic: greedy, no cache, no transformers.

Releases of transformers have broken XTTS's audio without an error (cache positions, masks). This
says what the audio must be from the checkpoint's tensors alone: GPT-2 blocks as in Radford et al.
2019 (pre-norm, tanh-approximated GELU), the repetition penalty of Keskar et al. 2019.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found"
# torch is installed for ENGINE=coqui only (requirements/coqui.txt).
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name

_START_AUDIO, _STOP_AUDIO = 1024, 1025
_PREFIX_ID = 1
"""The ids that coqui-tts puts in place of the prefix; its repetition penalty hits them too."""


@dataclass(frozen=True)
class PlainDecoder:
    """The decoder's tensors by their names in `model.pth`, and the shape they do not tell."""

    weights: dict[str, torch.Tensor]
    layers: int
    heads: int
    audio_tokens_max: int
    repetition_penalty: float

    def latents(self, voice: torch.Tensor, text_ids: list[int]) -> torch.Tensor:
        """Decode greedily; shape (1, tokens, channels), one latent an audio token.

        Args:
            voice: the conditioning latents, shape (1, positions, channels).
            text_ids: text tokens with start and stop.
        """
        w = self.weights
        text = w["gpt.text_embedding.weight"][text_ids]
        text = text + w["gpt.text_pos_embedding.emb.weight"][: len(text_ids)]
        prefix = torch.cat([voice[0], text])
        codes = [_START_AUDIO]
        while True:
            audio = w["gpt.mel_embedding.weight"][codes]
            audio = audio + w["gpt.mel_pos_embedding.emb.weight"][: len(codes)]
            hidden = self._final(torch.cat([prefix, audio]))[len(prefix) :]
            scores = hidden[-1] @ w["gpt.mel_head.weight"].T + w["gpt.mel_head.bias"]
            code = int(self._penalised(scores, {_PREFIX_ID, *codes}).argmax())
            codes.append(code)
            if code == _STOP_AUDIO or len(codes) > self.audio_tokens_max:
                return hidden[None]

    def _penalised(self, scores: torch.Tensor, seen: set[int]) -> torch.Tensor:
        ids = sorted(seen)
        penalty = torch.where(scores[ids] < 0, self.repetition_penalty, 1 / self.repetition_penalty)
        return scores.index_put((torch.tensor(ids),), scores[ids] * penalty)

    def _final(self, x: torch.Tensor) -> torch.Tensor:
        for layer in range(self.layers):
            x = x + self._attention(f"gpt.gpt.h.{layer}", x)
            x = x + self._feed_forward(f"gpt.gpt.h.{layer}", x)
        return self._norm("gpt.final_norm", self._norm("gpt.gpt.ln_f", x))

    def _attention(self, block: str, x: torch.Tensor) -> torch.Tensor:
        projected = self._linear(f"{block}.attn.c_attn", self._norm(f"{block}.ln_1", x))
        query, key, value = (
            part.reshape(len(x), self.heads, -1).transpose(0, 1) for part in projected.chunk(3, -1)
        )
        scores = query @ key.transpose(1, 2) / query.shape[-1] ** 0.5
        future = torch.ones(len(x), len(x), dtype=torch.bool).triu(1)
        mixed = scores.masked_fill(future, float("-inf")).softmax(-1) @ value
        return self._linear(f"{block}.attn.c_proj", mixed.transpose(0, 1).reshape(len(x), -1))

    def _feed_forward(self, block: str, x: torch.Tensor) -> torch.Tensor:
        inner = self._linear(f"{block}.mlp.c_fc", self._norm(f"{block}.ln_2", x))
        return self._linear(f"{block}.mlp.c_proj", F.gelu(inner, approximate="tanh"))

    def _linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return x @ self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def _norm(self, name: str, x: torch.Tensor) -> Any:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return F.layer_norm(x, weight.shape, weight, bias, eps=1e-5)
