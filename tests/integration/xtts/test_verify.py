"""A pack against the checkpoint it was made of, through TTS and transformers themselves."""

from __future__ import annotations

import base64
import importlib
import io
import json
import re
import time
import wave
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from model_host.engines.base import Utterance
from model_host.engines.xtts.__main__ import main
from model_host.engines.xtts.decoder import Decoder
from model_host.engines.xtts.engine import XttsEngine, XttsOptions
from model_host.engines.xtts.pack_format import Pack
from model_host.engines.xtts.sampling import PREFIX_TOKEN, Sampler, SamplingSettings
from model_host.engines.xtts.teacher_forcing import force, snr_db
from model_host.engines.xtts.voice_latents import VoiceLatents
from model_host.engines.xtts.voices import VoiceStore

pytestmark = pytest.mark.slow

TEXT = "senha a zero quarenta e dois, dirija-se ao consultório três."
TOKENS = 20
"""One less than the tiny checkpoint's longest."""

START_AUDIO, AUDIO_TOKENS = 1024, 1026


@pytest.fixture(scope="module")
def greedy_checkpoint(standin: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose sampling has no choice: top-k is 1."""
    directory: Path = standin.write_tiny_checkpoint(
        tmp_path_factory.mktemp("greedy") / "checkpoint", top_k=1
    )
    return directory


@pytest.fixture(scope="module")
def fp32_pack(
    greedy_checkpoint: Path, recording: Path, tmp_path_factory: pytest.TempPathFactory
) -> Pack:
    """That checkpoint's pack without quantisation."""
    packing = importlib.import_module("model_host.engines.xtts.pack")
    pack: Pack = packing.make_pack(
        greedy_checkpoint,
        tmp_path_factory.mktemp("packs") / "fp32",
        precision="fp32",
        reference_audio=recording,
    )
    return pack


@pytest.fixture(scope="module")
def voice(fp32_pack: Pack, recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return VoiceStore(fp32_pack, tmp_path_factory.mktemp("voices")).latents(recording)


@pytest.fixture(scope="module")
def reference(greedy_checkpoint: Path, voice: VoiceLatents) -> Any:
    """The checkpoint as TTS speaks it."""
    module = importlib.import_module("model_host.engines.xtts.reference_model")
    return module.ReferenceModel(greedy_checkpoint, voice)


def test_an_fp32_pack_chooses_the_same_tokens_and_makes_the_same_latents(
    reference: Any, fp32_pack: Pack
) -> None:
    # Given a sentence as TTS decodes it greedily
    speech = reference.greedy(TEXT, tokens=TOKENS, tokens_max=TOKENS)
    assert len(set(speech.forced.tokens)) > 3

    # When the pack's decoder is led through the same tokens
    decoder = Decoder(fp32_pack.decoder, fp32_pack.manifest.dims, max_sequences=1, max_voices=1)
    decoder.warm_up()
    agreement = force(decoder, speech.forced)

    # Then it would have chosen every one of them, and its latents are TTS's
    assert agreement.agreed == agreement.tokens == TOKENS
    assert agreement.latents_db >= 80


def test_a_profiled_decoder_tells_where_the_time_of_a_step_went(fp32_pack: Pack) -> None:
    # Given two decoders that made a step each, one of them profiled
    plain, profiled = (
        Decoder(
            fp32_pack.decoder,
            fp32_pack.manifest.dims,
            max_sequences=1,
            max_voices=1,
            profiled=wanted,
        )
        for wanted in (False, True)
    )
    plain.warm_up()
    started_at = time.perf_counter()
    profiled.warm_up()
    took_s = time.perf_counter() - started_at

    # When asked, then it names the operations, and its times fit into the step's
    seconds = profiled.seconds_by_operation()
    assert {"PagedAttentionExtension", "FullyConnected"} <= set(seconds)
    assert 0 < sum(seconds.values()) < took_s
    with pytest.raises(RuntimeError, match="profiled=True"):
        plain.seconds_by_operation()


def test_an_fp32_engine_says_what_tts_says(
    reference: Any, fp32_pack: Pack, recording: Path, tmp_path: Path
) -> None:
    # Given what TTS says where sampling has no choice
    expected = reference.speak(TEXT, tokens=TOKENS)

    # When the engine says it by itself, with a vocoder in fp32
    engine = XttsEngine(
        fp32_pack.directory, recording, tmp_path, tmp_path, XttsOptions("fp32", exact_tokens=TOKENS)
    )
    engine.load()
    try:
        chunks = list(engine.synthesize(Utterance((TEXT,), engine.voices[0].id), Event()))
    finally:
        engine.close()

    # Then it is the same audio
    assert snr_db(expected, np.concatenate([chunk.samples for chunk in chunks])) >= 60


@pytest.mark.parametrize(
    "settings",
    [
        SamplingSettings(temperature=0.75, top_k=50, top_p=0.85, repetition_penalty=5.0),
        SamplingSettings(temperature=1.3, top_k=0, top_p=0.6, repetition_penalty=10.0),
        SamplingSettings(temperature=0.2, top_k=5, top_p=1.0, repetition_penalty=1.0),
        SamplingSettings(temperature=1.0, top_k=2000, top_p=0.999, repetition_penalty=2.0),
    ],
    ids=["published", "hot", "cold", "wide"],
)
def test_probabilities_are_those_of_transformers_token_by_token(settings: SamplingSettings) -> None:
    # Given transformers' own processors, and the ids that stand for the prompt in TTS
    torch, process = pytest.importorskip("torch"), pytest.importorskip("transformers")
    processors = process.LogitsProcessorList(
        [
            process.RepetitionPenaltyLogitsProcessor(settings.repetition_penalty),
            process.TemperatureLogitsWarper(settings.temperature),
        ]
    )
    if settings.top_k:
        processors.append(process.TopKLogitsWarper(settings.top_k))
    if settings.top_p < 1:
        processors.append(process.TopPLogitsWarper(settings.top_p))
    ids = [PREFIX_TOKEN] * 40 + [START_AUDIO]
    chance = np.random.default_rng(3)
    sampler = Sampler(settings, AUDIO_TOKENS, START_AUDIO, seed=3)

    for _ in range(60):
        # When both get the same logits after the same tokens; some often lead, to be repeated
        logits = (chance.normal(0, 3, AUDIO_TOKENS)).astype(np.float32)
        logits[[PREFIX_TOKEN, 7, 8, 9, START_AUDIO]] += 6
        scores = processors(torch.tensor([ids]), torch.from_numpy(logits.copy())[None])
        expected = torch.softmax(scores[0].double(), -1).numpy()
        found = sampler.distribution(logits)

        # Then the same tokens are eligible, with the same probabilities
        np.testing.assert_array_equal(found > 0, expected > 0)
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-9)
        ids.append(sampler.choose(logits).token)


def test_verify_tells_how_far_packs_are_from_their_checkpoint(
    checkpoint: Path,
    pack: Pack,
    recording: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Given a checkpoint, its int8 pack and a recording
    out = tmp_path / "out"

    # When they are compared
    what = ["--checkpoint", checkpoint, "--pack", pack.directory, "--reference", recording]
    code = main(["verify", *map(str, what), "--out", str(out), "--calls", "2"])

    # Then the figures of TTS, of the pack and of one in fp32 are told, that nearly equal to TTS
    assert code == 0
    told = json.loads((out / "verify.json").read_text())
    sides = {side["name"]: side for side in told["sides"]}
    assert list(sides) == ["TTS", "int8", "fp32"]
    assert sides["fp32"]["latents_db"] >= 80
    assert sides["fp32"]["agreed"] == sides["fp32"]["tokens"] > 0
    assert 15 < sides["int8"]["latents_db"] < sides["fp32"]["latents_db"]
    # How far depends on the processor: the vocoder of int8 is fp32 too where there is no BF16
    assert 10 * sides["fp32"]["log_mel_db"] < sides["int8"]["log_mel_db"] < 10
    assert sides["fp32"]["log_mel_db"] < 0.1
    assert all(side["rtf"] > 0 and side["duration_s"] > 0.2 for side in sides.values())
    assert re.search(r"^int8 +\d+\.\d dB", capsys.readouterr().out, re.MULTILINE)

    # And the page holds a recording of each side for each call, and needs nothing else
    page = (out / "index.html").read_text()
    assert '<html lang="pt-BR">' in page
    recordings = re.findall(r'<audio [^>]*src="data:audio/wav;base64,([^"]+)"', page)
    assert len(recordings) == 2 * len(sides)
    for encoded in recordings:
        with wave.open(io.BytesIO(base64.b64decode(encoded))) as heard:
            assert heard.getframerate() == 24_000
            assert heard.getnframes() > 0.2 * 24_000
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_bench_measures_a_pack_alone(
    pack: Pack, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a pack, When it is measured
    arguments = ["--pack", pack.directory, "--reference", recording]
    code = main(["bench", *map(str, arguments), "--tokens", "10", "--rounds", "1", "--json"])

    # Then one call, a stream and callers together have figures
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["rtf"] > 0
    assert told["first_audio_s"] > 0
    assert told["audio_s"] == pytest.approx(10 * 1024 / 22_050, abs=0.02)
    assert set(told["throughput"]) == {"1", "2", "4", "8", "16"}
    assert told["engine"]["decoder_precision"] == "int8"
