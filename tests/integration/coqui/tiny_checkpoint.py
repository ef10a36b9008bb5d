"""A checkpoint of XTTS-v2 in the real on-disk format, but tiny and with random weights.

It is made through TTS itself: the same classes, the same file names, the same pickles. What it
says is noise; how it is loaded, tokenized, decoded and vocoded is what the full model goes through.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found"
# torch and its kin are installed for ENGINE=coqui only (requirements/coqui.txt).
from pathlib import Path

import numpy as np
import soundfile
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from model_host.engines.coqui.torchaudio_import import import_torchaudio

import_torchaudio()  # before TTS, which imports it plainly

from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig  # noqa: E402
from TTS.tts.models.xtts import Xtts, _legacy_safe_globals  # noqa: E402

_CALLS = (
    "senha a zero quarenta e dois, dirija-se ao consultório três.",
    "maria da conceição, por favor compareça à sala de vacina.",
    "joão pedro dos santos, guichê dois, no segundo andar.",
    "atenção: o atendimento da farmácia começa às catorze horas e trinta minutos.",
    "próximo paciente, sala de exames número doze. traga os seus documentos!",
)

AUDIO_TOKENS_MAX = 24
"""Random weights hardly ever say stop: every piece lasts about (24 - 3) * 1024 / 22 050 s."""

_WEIGHT_GAIN = 4
_FAVOURED_TOKENS = 8
"""Audio tokens that the model likes to repeat, as trained models do some."""


def write_tiny_checkpoint(
    directory: Path, *, original_pickle: bool = False, top_k: int = 50, perceiver: bool = True
) -> Path:
    """Write `config.json`, `model.pth` and `vocab.json`; return the directory.

    Args:
        directory: made if absent.
        original_pickle: pickle the config as objects under their old module path, as the
            published checkpoint does, instead of as a dict.
        top_k: how many audio tokens the sampling chooses among; with 1 it has no choice.
        perceiver: False makes an XTTS v1.
    """
    directory.mkdir(parents=True, exist_ok=True)
    vocabulary = directory / "vocab.json"
    _write_vocabulary(vocabulary)
    config = _tiny_config(top_k=top_k, perceiver=perceiver)
    model = _initialised_model(config, vocabulary)
    config.save_json(str(directory / "config.json"))
    weights = model.state_dict()
    path = directory / "model.pth"
    if original_pickle:
        with _legacy_safe_globals():
            torch.save({"config": config, "model": weights}, path)
    else:
        torch.save({"config": config.to_dict(), "model": weights}, path)
    return directory


def write_reference_audio(path: Path, *, duration_s: float = 9.0) -> Path:
    """Write a mono 22 050 Hz WAV: a rising buzz with a syllable's rhythm; return its path."""
    time_s = np.arange(int(22_050 * duration_s)) / 22_050
    pitch_hz = 100 * 2 ** (time_s / 6)
    buzz = np.sign(np.sin(2 * np.pi * np.cumsum(pitch_hz) / 22_050))
    loudness = 0.3 * np.abs(np.sin(2 * np.pi * 2 * time_s))
    soundfile.write(path, (buzz * loudness).astype(np.float32), 22_050, subtype="PCM_16")
    return path


def _tiny_config(*, top_k: int, perceiver: bool) -> XttsConfig:
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
    # The cloning and sampling of the published config.json, but for the repetition penalty: 5.0
    # silences these weights' repetitions as the 10.0 of `Xtts.inference` does.
    return XttsConfig(
        model_args=arguments,
        temperature=0.75,
        repetition_penalty=1.05,
        top_k=top_k,
        gpt_cond_len=30,
        gpt_cond_chunk_len=4,
        max_ref_len=30,
    )


def _initialised_model(config: XttsConfig, vocabulary: Path) -> Xtts:
    torch.manual_seed(20)
    model = Xtts(config)
    model.tokenizer.tokenizer = Tokenizer.from_file(str(vocabulary))
    model.init_models()
    with torch.no_grad():
        for name, parameter in model.gpt.named_parameters():
            # As initialised, neither the voice nor the text would change the audio noticeably.
            if parameter.ndim > 1:
                parameter.mul_(_WEIGHT_GAIN)
            if name == "mel_head.bias":
                parameter[:_FAVOURED_TOKENS] += 4
    return model


def _write_vocabulary(path: Path) -> None:
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = ["[STOP]", "[UNK]", "[SPACE]", "[START]", "[pt]"]
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(_CALLS, trainer)
    tokenizer.save(str(path))
