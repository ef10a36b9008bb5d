"""Write stand-in checkpoints: `config.json`, `model.pth`, `vocab.json`, and what they were made by.

A directory is written as a whole or not at all, and not again while it is what was asked for.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch and its kin are installed for packing only (requirements/coqui.txt).
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import torch

from infra.standin.vocabulary import SENTENCES, write_vocabulary
from infra.standin.weights import (
    calibrate_loudness,
    calibrate_stop,
    exaggerate,
    initialised_model,
)
from model_host.engines.coqui.torchaudio_import import import_torchaudio

import_torchaudio()  # before TTS, which imports it plainly

from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig  # noqa: E402
from TTS.tts.models.xtts import Xtts, _legacy_safe_globals  # noqa: E402

AUDIO_TOKENS_MAX = 24
"""Tiny random weights hardly ever say stop: a piece lasts about (24 - 3) * 1024 / 22 050 s."""

_RECIPE_NAME = "standin.json"
_RECIPE_VERSION = 1
"""To be raised with every change that alters what is written: caches are then made again."""

_TINY_TEXT_TOKENS, _FULL_TEXT_TOKENS = 320, 6681


def write_tiny_checkpoint(
    directory: Path, *, original_pickle: bool = False, top_k: int = 50, perceiver: bool = True
) -> Path:
    """Write a checkpoint that loads in a second; return its directory.

    Args:
        directory: made if absent.
        original_pickle: pickle the config as objects under their old module path, as the
            published checkpoint does, instead of as a dict.
        top_k: how many audio tokens the sampling chooses among; with 1 it has no choice.
        perceiver: False makes an XTTS v1.
    """
    recipe = {
        "size": "tiny",
        "original_pickle": original_pickle,
        "top_k": top_k,
        "perceiver": perceiver,
    }
    arguments = XttsArgs(
        gpt_layers=2,
        gpt_n_model_channels=64,
        gpt_n_heads=2,
        gpt_max_audio_tokens=AUDIO_TOKENS_MAX,
        gpt_num_audio_tokens=1026,
        gpt_start_audio_token=1024,
        gpt_stop_audio_token=1025,
        gpt_use_perceiver_resampler=perceiver,
        decoder_input_dim=64,
    )
    # 5.0 would silence these weights' repetitions as the 10.0 of `Xtts.inference` does.
    config = _config(arguments, top_k=top_k, repetition_penalty=1.05)

    def finish(model: Xtts) -> None:
        exaggerate(model, gain=4, favoured_tokens=8)
        calibrate_loudness(model)

    def write(fresh: Path) -> None:
        _write(fresh, config, _TINY_TEXT_TOKENS, finish, original_pickle=original_pickle)

    return _once(directory, recipe, write)


def write_full_checkpoint(directory: Path) -> Path:
    """Write a checkpoint of the published size (1.9 GB, half a minute); return its directory.

    Sampled speech ends after about 60 to 100 audio tokens, some four seconds, whatever the text.

    Args:
        directory: made if absent.
    """
    arguments = XttsArgs(
        gpt_num_audio_tokens=1026,
        gpt_start_audio_token=1024,
        gpt_stop_audio_token=1025,
        gpt_use_perceiver_resampler=True,
        gpt_number_text_tokens=_FULL_TEXT_TOKENS,
        gpt_start_text_token=261,
        gpt_stop_text_token=0,
    )
    config = _config(arguments, top_k=50, repetition_penalty=5.0)

    def finish(model: Xtts) -> None:
        calibrate_stop(model)
        calibrate_loudness(model)

    def write(fresh: Path) -> None:
        _write(fresh, config, _FULL_TEXT_TOKENS, finish, original_pickle=True)

    return _once(directory, {"size": "full"}, write)


def _config(arguments: XttsArgs, *, top_k: int, repetition_penalty: float) -> XttsConfig:
    """The cloning and sampling of the published config.json, but for what is given."""
    return XttsConfig(
        model_args=arguments,
        temperature=0.75,
        length_penalty=1.0,
        repetition_penalty=repetition_penalty,
        top_k=top_k,
        top_p=0.85,
        gpt_cond_len=30,
        gpt_cond_chunk_len=4,
        max_ref_len=30,
    )


def _write(
    directory: Path,
    config: XttsConfig,
    text_tokens: int,
    finish: Callable[[Xtts], None],
    *,
    original_pickle: bool,
) -> None:
    vocabulary = directory / "vocab.json"
    write_vocabulary(vocabulary, text_tokens)
    model = initialised_model(config, vocabulary)
    finish(model)
    config.save_json(str(directory / "config.json"))
    path, weights = directory / "model.pth", model.state_dict()
    if original_pickle:
        with _legacy_safe_globals():
            torch.save({"config": config, "model": weights}, path)
    else:
        torch.save({"config": config.to_dict(), "model": weights}, path)


def _once(directory: Path, recipe: dict[str, object], write: Callable[[Path], None]) -> Path:
    """Write a directory unless it was written by the same recipe.

    Raises:
        FileExistsError: something else is there; it is left alone.
    """
    wanted = {"version": _RECIPE_VERSION, "sentences": SENTENCES.stat().st_size, **recipe}
    made_by = directory / _RECIPE_NAME
    if made_by.is_file():
        if json.loads(made_by.read_text("utf-8")) == wanted:
            return directory
        shutil.rmtree(directory)
    elif directory.exists() and any(directory.iterdir()):
        raise FileExistsError(f"{directory} holds something else than a stand-in checkpoint")
    fresh = directory.with_name(directory.name + ".partial")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    write(fresh)
    (fresh / _RECIPE_NAME).write_text(json.dumps(wanted), encoding="utf-8")
    fresh.replace(directory)
    return directory
