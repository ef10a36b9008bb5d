"""The unmodified XTTS-v2 of `TTS`, asked for what a pack is compared with.

Needs torch and TTS. It is given a voice's latents, so that a comparison says nothing of cloning.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch and its kin are installed for packing only (requirements/coqui.txt).
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from model_host.engines.base import Samples
from model_host.engines.coqui.checkpoint import CheckpointFiles
from model_host.engines.coqui.xtts import load_model, read_config
from model_host.engines.xtts.teacher_forcing import ForcedSpeech
from model_host.engines.xtts.voice_latents import VoiceLatents

_LANGUAGE = "pt"


@dataclass(frozen=True, slots=True)
class GreedySpeech:
    """A text decoded without chance.

    Attributes:
        forced: tokens, latents and what they follow from.
        stopped: whether the last token is the model's own stop.
        samples: its audio, float32 (n,), at the checkpoint's rate.
    """

    forced: ForcedSpeech
    stopped: bool
    samples: Samples


class ReferenceModel:
    """One checkpoint and one voice. Never call it from two threads."""

    def __init__(self, checkpoint_dir: Path, voice: VoiceLatents) -> None:
        """Load the checkpoint: about ten seconds and 2 GB.

        Raises:
            EngineUnavailableError: the checkpoint is of no use.
        """
        files = CheckpointFiles.locate(checkpoint_dir)
        self._config = read_config(files)
        self._model = load_model(self._config, files)
        self._latents = torch.from_numpy(voice.gpt_cond_latents)[None]
        self._speaker = torch.from_numpy(voice.speaker_embedding).reshape(1, -1, 1)

    @property
    def sample_rate_hz(self) -> int:
        """Samples a second of everything it speaks."""
        return int(self._config.model_args.output_sample_rate)

    def speak(self, text: str, *, tokens: int | None = None, seed: int | None = None) -> Samples:
        """Speak a text with the checkpoint's own sampling; `Xtts.inference`.

        Args:
            text: Portuguese, as long as the model can say in one go.
            tokens: exactly so many audio tokens; None until the model stops.
            seed: of torch; None leaves it as it is.
        """
        self._reseed(seed)
        spoken = self._model.inference(
            text, _LANGUAGE, self._latents, self._speaker, **self._sampling(), **_length(tokens)
        )
        return np.asarray(spoken["wav"], np.float32)

    def stream(self, text: str, *, tokens: int | None = None) -> Iterator[Samples]:
        """Speak a text in chunks; `Xtts.inference_stream` with its own chunk sizes."""
        chunks = self._model.inference_stream(
            text, _LANGUAGE, self._latents, self._speaker, **self._sampling(), **_length(tokens)
        )
        for chunk in chunks:
            yield chunk.numpy()

    def greedy(self, text: str, *, tokens: int | None, tokens_max: int) -> GreedySpeech:
        """Decode a text taking the likeliest token each time, with the config's penalty.

        Args:
            text: as for `speak`.
            tokens: exactly so many; None until the model stops.
            tokens_max: at most so many.
        """
        gpt, penalty = self._model.gpt, float(self._config.repetition_penalty)
        ids = self._model.tokenizer.encode(text.strip().lower(), lang=_LANGUAGE)
        prompt = torch.IntTensor(ids)[None]
        longest = min(tokens_max, gpt.max_gen_mel_tokens)
        length = _length(tokens) or {"max_new_tokens": longest}
        with torch.inference_mode():
            codes = gpt.generate(
                cond_latents=self._latents,
                text_inputs=prompt,
                do_sample=False,
                num_beams=1,
                repetition_penalty=penalty,
                **length,
            )
            latents = gpt(
                prompt,
                torch.tensor([len(ids)]),
                codes,
                torch.tensor([codes.shape[-1] * gpt.code_stride_len]),
                cond_latents=self._latents,
                return_attentions=False,
                return_latent=True,
            )
            samples = self._vocode(latents)
        chosen = codes[0].tolist()
        return GreedySpeech(
            forced=ForcedSpeech(
                text_tokens=ids,
                voice=self._latents[0].numpy(),
                tokens=chosen,
                latents=latents[0].numpy(),
                repetition_penalty=penalty,
            ),
            stopped=chosen[-1] == gpt.stop_audio_token,
            samples=samples,
        )

    def vocode(self, latents: npt.NDArray[np.float32]) -> Samples:
        """The audio of latents, float32 [tokens, width], voiced as a whole."""
        with torch.inference_mode():
            return self._vocode(torch.from_numpy(latents)[None])

    def _vocode(self, latents: Any) -> Samples:  # noqa: ANN401 - torch has no types here
        audio = self._model.hifigan_decoder(latents, g=self._speaker)
        return np.asarray(audio.reshape(-1), np.float32)

    def _sampling(self) -> dict[str, float]:
        config = self._config
        names = ("temperature", "length_penalty", "repetition_penalty", "top_k", "top_p")
        return {name: getattr(config, name) for name in names}

    @staticmethod
    def _reseed(seed: int | None) -> None:
        if seed is not None:
            torch.manual_seed(seed)


def _length(tokens: int | None) -> dict[str, int]:
    return {} if tokens is None else {"min_new_tokens": tokens, "max_new_tokens": tokens}
