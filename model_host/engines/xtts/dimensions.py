"""The sizes of one XTTS-v2 model; they stand in the pack's manifest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Sizes and special tokens (XTTS-v2's own values in brackets).

    Attributes:
        layers: transformer blocks [30].
        width: channels of the residual stream and of a latent [1024].
        heads: attention heads [16].
        text_tokens: size of the text vocabulary [6681].
        audio_tokens: size of the audio vocabulary [1026].
        start_text: first text token of every prompt [261].
        stop_text: last text token of every prompt [0].
        start_audio: what the audio begins with [1024].
        stop_audio: what ends it [1025].
        max_audio_tokens: as the model was trained; `max_new_tokens` follows from it [605].
        max_text_tokens: a text must have fewer [402].
        voice_positions: latents of a voice, the first positions of every prompt [32].
    """

    layers: int
    width: int
    heads: int
    text_tokens: int
    audio_tokens: int
    start_text: int
    stop_text: int
    start_audio: int
    stop_audio: int
    max_audio_tokens: int
    max_text_tokens: int
    voice_positions: int

    @property
    def head_size(self) -> int:
        """Channels of one attention head."""
        return self.width // self.heads

    @property
    def max_new_tokens(self) -> int:
        """Longest audio: TTS's `gpt.max_gen_mel_tokens`."""
        return self.max_audio_tokens - 3
