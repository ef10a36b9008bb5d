"""XTTS-v2 as `coqui-tts` ships it, with one voice: the only module here that needs torch and TTS.

Importing it takes seconds and the packages of requirements/coqui.txt; `engine` does so on load.
Checked against coqui-tts 0.28.0.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch and its kin are installed for ENGINE=coqui only (requirements/coqui.txt).
import zipfile
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock
from typing import Any

import numpy as np

from model_host.engines.base import EngineError, EngineUnavailableError, Samples
from model_host.engines.coqui.checkpoint import CheckpointFiles, version_1_message
from model_host.engines.coqui.torchaudio_import import import_torchaudio

torchaudio = import_torchaudio()  # before TTS, which imports it plainly

import soundfile  # noqa: E402
import torch  # noqa: E402
from transformers import StoppingCriteria, StoppingCriteriaList  # noqa: E402
from TTS.tts.configs.xtts_config import XttsConfig  # noqa: E402
from TTS.tts.models.xtts import Xtts, _legacy_safe_globals  # noqa: E402

_LANGUAGE = "pt"

_VOICE_SAMPLE_RATE_HZ = 22_050
"""What XTTS resamples a reference recording to before it looks at it (`load_sr`)."""


class _CancelledError(Exception):
    """The caller no longer wants the audio; raised out of the token loop."""


class XttsVoice:
    """An XTTS-v2 model and the latents of the one voice it speaks with."""

    def __init__(self, files: CheckpointFiles, reference_audio: Path) -> None:
        """Load the checkpoint and listen to the voice. Takes seconds and about 2 GB of memory.

        Raises:
            EngineUnavailableError: the checkpoint or the recording cannot be used.
        """
        self._config = read_config(files)
        self._model = load_model(self._config, files)
        self._gpt_latents, self._speaker_embedding = self._listen(reference_audio)
        # The module keeps the utterance's prefix on itself: a second caller would get mixed speech.
        self._one_at_a_time = Lock()

    @property
    def sample_rate_hz(self) -> int:
        """Samples a second of everything it speaks (24 000 in XTTS-v2)."""
        return int(self._config.model_args.output_sample_rate)

    def fits(self, text: str) -> bool:
        """Whether a text can be spoken in one go: within the characters and the tokens allowed.

        The characters are counted first: the tokenizer logs the start of any text above its limit.
        """
        tokenizer = self._model.tokenizer
        if len(text) > tokenizer.char_limits[_LANGUAGE]:
            return False
        tokens = tokenizer.encode(text.lower(), lang=_LANGUAGE)
        return len(tokens) < int(self._config.model_args.gpt_max_text_tokens)

    def reseed(self, seed: int | None) -> None:
        """Start the sampling from a seed; None starts it from chance again."""
        if seed is None:
            torch.seed()
        else:
            torch.manual_seed(seed)

    def speak(self, text: str, speed: float, cancelled: Event) -> Samples | None:
        """Speak one piece of text for which `fits` holds.

        Uses `Xtts.inference` with the sampling of the checkpoint's own config, as
        `Xtts.synthesize` does; the method's own defaults differ.

        Returns:
            Mono, shape (n,), float32, at `sample_rate_hz`; None when `cancelled` was set, which is
            noticed at the next audio token.

        Raises:
            EngineError: the model made no audio, or numbers that are none.
        """
        config = self._config
        with self._one_at_a_time, suppress(_CancelledError):
            spoken = self._model.inference(
                text,
                _LANGUAGE,
                self._gpt_latents,
                self._speaker_embedding,
                temperature=config.temperature,
                length_penalty=config.length_penalty,
                repetition_penalty=config.repetition_penalty,
                top_k=config.top_k,
                top_p=config.top_p,
                speed=speed,
                stopping_criteria=StoppingCriteriaList([_RaiseWhenCancelled(cancelled)]),
            )
            samples = np.asarray(spoken["wav"], dtype=np.float32)
            if not samples.size or not np.isfinite(samples).all():
                raise EngineError("the model made no usable audio")
            return samples
        return None

    def _listen(self, reference_audio: Path) -> tuple[torch.Tensor, torch.Tensor]:
        """Compute the voice's latents as `Xtts.get_conditioning_latents` does with this config.

        That method reads files through torchaudio, which needs FFmpeg's libraries since 2.9.
        """
        config = self._config
        audio = _read_reference(reference_audio)
        audio = audio[:, : _VOICE_SAMPLE_RATE_HZ * config.max_ref_len]
        if config.sound_norm_refs:
            audio = audio / audio.abs().max() * 0.75
        try:
            embedding = self._model.get_speaker_embedding(audio, _VOICE_SAMPLE_RATE_HZ)
            latents = self._model.get_gpt_cond_latents(
                audio,
                _VOICE_SAMPLE_RATE_HZ,
                length=config.gpt_cond_len,
                chunk_length=config.gpt_cond_chunk_len,
            )
        except RuntimeError as error:
            message = f"the reference audio {reference_audio} cannot be used as a voice: {error}"
            raise EngineUnavailableError(message) from error
        return latents, embedding


class _UnwritingXtts(Xtts):
    """`Xtts` that never writes its checkpoint.

    The original `model.pth` pickles its config as objects; `Xtts` then rewrites the file in place,
    which fails on a read-only volume and changes the operator's file (and its hash) elsewhere.
    """

    def _load_checkpoint(self, model_path: Path) -> dict[str, torch.Tensor]:
        try:
            with _legacy_safe_globals():
                checkpoint: dict[str, Any] = torch.load(
                    model_path,
                    map_location="cpu",
                    weights_only=True,
                    mmap=zipfile.is_zipfile(model_path),  # spares 1.9 GB while loading
                )
            weights: dict[str, torch.Tensor] = dict(checkpoint["model"])
        except Exception as error:
            # torch.load raises half a dozen types, by where the damage lies.
            message = (
                f"{model_path} ({model_path.stat().st_size} bytes) cannot be read: "
                f"truncated or not an XTTS-v2 checkpoint; copy it again ({type(error).__name__})"
            )
            raise EngineUnavailableError(message) from error
        if not any("conditioning_perceiver" in name for name in weights):
            raise EngineUnavailableError(version_1_message(model_path))
        return weights


def read_config(files: CheckpointFiles) -> XttsConfig:
    """Read a checkpoint's own configuration."""
    config = XttsConfig()
    config.load_json(str(files.config))
    return config


def load_model(config: XttsConfig, files: CheckpointFiles) -> Xtts:
    """Load a checkpoint, ready for inference; the files are only ever read.

    Args:
        config: the checkpoint's own; loading sets the sizes that follow from the vocabulary.
        files: where the checkpoint stands.

    Raises:
        EngineUnavailableError: truncated, of XTTS v1, or files that do not belong together.
    """
    model = _UnwritingXtts(config)
    try:
        # eval=True prepares inference; calling model.eval() afterwards would do it once more.
        model.load_checkpoint(config, checkpoint_dir=str(files.weights.parent), eval=True)
    except EngineUnavailableError:
        raise
    except Exception as error:
        # Whatever TTS, tokenizers and torch raise on files that do not belong together.
        summary = str(error).strip().splitlines()[:2]
        message = (
            f"the checkpoint in {files.weights.parent} does not fit together "
            f"(config.json, model.pth, vocab.json): {' '.join(line.strip() for line in summary)}"
        )
        raise EngineUnavailableError(message) from error
    return model


def _read_reference(path: Path) -> torch.Tensor:
    """Read a recording as mono at `_VOICE_SAMPLE_RATE_HZ`; shape (1, n), full scale ±1.0."""
    try:
        samples, sample_rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        message = f"the reference audio {path} cannot be read: {error}; provide a WAV file, mono"
        raise EngineUnavailableError(message) from error
    if not samples.any():
        message = f"the reference audio {path} is empty or silent"
        raise EngineUnavailableError(message)
    audio = torch.from_numpy(samples).mean(dim=1).unsqueeze(0)
    audio = torchaudio.functional.resample(audio, sample_rate_hz, _VOICE_SAMPLE_RATE_HZ)
    return audio.clip(-1, 1)


class _RaiseWhenCancelled(StoppingCriteria):
    """Leaves the token loop by an exception, so that neither latents nor audio are computed."""

    def __init__(self, cancelled: Event) -> None:
        self._cancelled = cancelled

    def __call__(self, input_ids: Any, scores: Any, **_options: Any) -> bool:  # noqa: ANN401, ARG002
        if self._cancelled.is_set():
            raise _CancelledError
        return False
