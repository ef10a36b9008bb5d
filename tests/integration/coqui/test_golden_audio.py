"""What the engine says is what the checkpoint's arithmetic says, whatever its packages changed."""

from __future__ import annotations

import importlib
from pathlib import Path
from threading import Event
from types import ModuleType

import numpy as np
import pytest

from model_host.engines.base import Samples, Utterance
from model_host.engines.coqui.engine import CoquiEngine

pytestmark = pytest.mark.slow

_CALL = "maria da conceição, sala de vacina."


def golden_audio(checkpoint: Path, recording: Path, text: str) -> Samples:
    """The same call by plain arithmetic; only the voice's latents and the vocoder are TTS's."""
    plain = importlib.import_module("tests.integration.coqui.plain_xtts")
    torch = importlib.import_module("torch")
    soundfile = importlib.import_module("soundfile")
    xtts = importlib.import_module("TTS.tts.models.xtts").Xtts
    config = importlib.import_module("TTS.tts.configs.xtts_config").XttsConfig()
    config.load_json(str(checkpoint / "config.json"))
    model = xtts(config)
    model.load_checkpoint(config, checkpoint_dir=str(checkpoint))

    samples, _ = soundfile.read(recording, dtype="float32")
    audio = torch.from_numpy(samples)[None]
    voice = model.get_gpt_cond_latents(audio, 22_050, length=30, chunk_length=4)
    timbre = model.get_speaker_embedding(audio, 22_050)
    vocabulary = model.tokenizer.tokenizer
    decoder = plain.PlainDecoder(
        weights=torch.load(checkpoint / "model.pth", weights_only=True)["model"],
        layers=config.model_args.gpt_layers,
        heads=config.model_args.gpt_n_heads,
        audio_tokens_max=config.model_args.gpt_max_audio_tokens - 3,
        repetition_penalty=config.repetition_penalty,
    )
    text_ids = [
        vocabulary.token_to_id("[START]"),
        *model.tokenizer.encode(text.replace(".", " ."), lang="pt"),
        vocabulary.token_to_id("[STOP]"),
    ]
    with torch.inference_mode():
        latents = decoder.latents(voice, text_ids)
        golden: Samples = model.hifigan_decoder(latents, g=timbre).squeeze().numpy()
    return golden


def test_given_no_choice_in_sampling_when_spoken_then_the_audio_is_the_golden_one(
    standin: ModuleType, tmp_path: Path, recording: Path
) -> None:
    # top_k = 1 leaves the sampling one token to choose. A dict pickle: TTS would rewrite the other.
    checkpoint = standin.write_tiny_checkpoint(tmp_path / "xtts", top_k=1)
    engine = CoquiEngine(checkpoint, recording)
    engine.load()

    chunks = list(engine.synthesize(Utterance((_CALL,), "reference"), Event()))

    golden = golden_audio(checkpoint, recording, _CALL)
    assert len(chunks) == 1
    assert len(chunks[0].samples) == len(golden)
    assert np.abs(chunks[0].samples - golden).max() < 1e-5
