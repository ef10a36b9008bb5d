"""The packed vocoder makes the audio that TTS's makes, streamed or not."""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch and its kin are installed for packing only (requirements/coqui.txt).
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model_host.engines.base import EngineUnavailableError, Samples
from model_host.engines.xtts.frames import Float32, FrameTimeline
from model_host.engines.xtts.vocoder import Vocoder

pytest.importorskip("TTS")

from model_host.engines.coqui.torchaudio_import import import_torchaudio
from model_host.engines.xtts.conversion import to_openvino
from model_host.engines.xtts.vocoder_export import export_vocoder

import_torchaudio()  # before TTS, which imports it plainly

import torch  # noqa: E402
from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder  # noqa: E402

WIDTH = 16
LATENTS = 60
CHUNKINGS = [[LATENTS], [12, 8, 8, 10, 12, 10], [1] * LATENTS, [30, 30, 0]]


@dataclass(frozen=True)
class Reference:
    """TTS's vocoder with few channels and random weights, its pack, and something to voice."""

    decoder: Any
    pack_dir: Path
    latents: Float32
    speaker: Float32

    def audio(self, speed: float) -> Samples:
        """What `Xtts.inference` makes of the latents at this speed."""
        latents = torch.from_numpy(self.latents)[None]
        if speed != 1:
            latents = torch.nn.functional.interpolate(
                latents.transpose(1, 2), scale_factor=1 / speed, mode="linear"
            ).transpose(1, 2)
        with torch.inference_mode():
            samples = self.decoder(latents, g=torch.from_numpy(self.speaker)[None, :, None])
        return np.asarray(samples, np.float32).reshape(-1)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    torch.manual_seed(3)
    decoder = HifiDecoder(decoder_input_dim=WIDTH, upsample_initial_channel_decoder=64).eval()
    with torch.no_grad():
        # As initialised, the speaker and everything far away would hardly be heard.
        for parameter in decoder.waveform_decoder.parameters():
            parameter.mul_(2)
    pack_dir = tmp_path_factory.mktemp("pack")
    export_vocoder(SimpleNamespace(hifigan_decoder=decoder), pack_dir)
    rng = np.random.default_rng(4)
    speaker = rng.standard_normal(512).astype(np.float32)
    return Reference(
        decoder,
        pack_dir,
        rng.standard_normal((LATENTS, WIDTH)).astype(np.float32),
        speaker / np.linalg.norm(speaker),
    )


@pytest.fixture(scope="module")
def vocoder(reference: Reference) -> Vocoder:
    return Vocoder(reference.pack_dir, "fp32")


def rendered(
    vocoder: Vocoder, reference: Reference, chunks: Sequence[int], speed: float = 1.0
) -> Samples:
    """The audio of the latents, fed in such chunks and rendered as soon as possible."""
    rendering = vocoder.open(reference.speaker, speed)
    pieces: list[Samples] = []
    fed = 0
    for index, chunk in enumerate(chunks):
        latents = reference.latents[fed : fed + chunk]
        fed += chunk
        rendering.feed(latents, final=index == len(chunks) - 1)
        while ready := rendering.frames_ready:
            pieces.append(rendering.render())
            assert len(pieces[-1]) == ready * vocoder.hop_length
    assert rendering.done
    assert not len(rendering.render())
    return np.concatenate(pieces)


def snr_db(expected: Samples, actual: Samples) -> float:
    noise = np.sum((actual.astype(np.float64) - expected) ** 2)
    return float(10 * np.log10(np.sum(expected.astype(np.float64) ** 2) / max(noise, 1e-30)))


@pytest.mark.parametrize("speed", [1.0, 0.5, 0.9, 1.3, 2.0])
@pytest.mark.parametrize("count", [1, 2, 3, 8, 12, 13, 86, 604])
def test_frames_are_those_of_torch(speed: float, count: int) -> None:
    # Given latents and what torch makes of them
    latents = np.random.default_rng(count).standard_normal((count, 5)).astype(np.float32)
    timeline = FrameTimeline(speed)
    frames = timeline.frames(latents, 0, timeline.frames_total(count))
    expected = torch.from_numpy(latents.T[None].copy())
    scales = [*([] if speed == 1 else [1 / speed]), 4.0, 24_000 / 22_050]
    if not int(count * scales[0]):
        # Then where torch refuses to make nothing, nothing is made
        assert frames.shape == (5, 0)
        return
    # When they are interpolated
    for scale in scales:
        expected = torch.nn.functional.interpolate(expected, scale_factor=[scale], mode="linear")
    # Then the frames are the same
    np.testing.assert_allclose(frames, expected[0].numpy(), atol=1e-5)


@pytest.mark.parametrize("speed", [1.0, 0.5, 0.9, 2.0])
def test_fp32_is_the_reference(reference: Reference, vocoder: Vocoder, speed: float) -> None:
    # Given the audio that TTS makes in one go
    expected = reference.audio(speed)
    # When it is rendered window by window
    samples = rendered(vocoder, reference, [LATENTS], speed)
    # Then it differs by no more than float32's rounding
    assert samples.shape == expected.shape
    assert snr_db(expected, samples) >= 100


def test_bf16_is_close_to_the_reference(reference: Reference) -> None:
    # Given a CPU that computes in bf16
    vocoder = Vocoder(reference.pack_dir)
    if vocoder.precision != "bf16":
        pytest.skip("this CPU has no bf16")
    # When the audio is rendered in it, then the noise is bf16's (8 bits of mantissa)
    assert snr_db(reference.audio(1), rendered(vocoder, reference, [LATENTS])) >= 25


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "auto"])
@pytest.mark.parametrize("speed", [1.0, 0.9, 2.0])
def test_chunks_do_not_change_a_byte(reference: Reference, precision: Any, speed: float) -> None:
    # Given an utterance rendered after its last latent
    vocoder = Vocoder(reference.pack_dir, precision)
    whole = rendered(vocoder, reference, [LATENTS], speed)
    for chunks in CHUNKINGS:
        # When it is rendered while its latents come
        samples = rendered(vocoder, reference, chunks, speed)
        # Then the audio is the same to the byte
        assert samples.tobytes() == whole.tobytes()


@pytest.mark.parametrize("count", [1, 2, 5, 11])
def test_short_utterances_are_the_reference(
    reference: Reference, vocoder: Vocoder, count: int
) -> None:
    # Given an utterance shorter than the shortest window
    short = Reference(
        reference.decoder, reference.pack_dir, reference.latents[:count], reference.speaker
    )
    # When it is rendered
    samples = rendered(vocoder, short, [count])
    # Then it is TTS's audio too
    assert snr_db(short.audio(1), samples) >= 100


def test_the_first_audio_comes_with_the_eighth_latent(
    reference: Reference, vocoder: Vocoder
) -> None:
    # Given an utterance of which seven latents are known
    rendering = vocoder.open(reference.speaker, 1.0)
    rendering.feed(reference.latents[:7], final=False)
    assert not rendering.frames_ready
    # When the eighth comes
    rendering.feed(reference.latents[7:8], final=False)
    # Then there is a fifth of a second of audio to hear
    assert len(rendering.render()) / vocoder.sample_rate_hz > 0.2


@pytest.mark.parametrize("speed", [1.0, 0.7])
def test_what_is_ahead_is_what_comes(reference: Reference, vocoder: Vocoder, speed: float) -> None:
    # Given an utterance of which so much is voiced, and the windows that it says are ahead
    rendering = vocoder.open(reference.speaker, speed)
    rendering.feed(reference.latents[:8], final=False)
    rendering.render()
    foretold = list(rendering.ahead(LATENTS))
    # When the other latents come one by one
    found = []
    for count in range(9, LATENTS + 1):
        rendering.feed(reference.latents[count - 1 : count], final=count == LATENTS)
        while rendering.frames_ready:
            before = rendering.frames_run
            own = len(rendering.render()) // vocoder.hop_length
            found.append((count, rendering.frames_run - before, own))
    # Then those windows are run, each within a latent of when it was said to be
    assert [(window.frames, window.own_frames) for window in foretold] == [
        (frames, own) for _, frames, own in found
    ]
    assert all(
        abs(window.latents - count) <= 1
        for window, (count, _, _) in zip(foretold, found, strict=True)
    )


def test_the_exported_model_goes_on_working(reference: Reference) -> None:
    # Given a vocoder that has been exported, its weights still norms and directions
    names = dict(reference.decoder.waveform_decoder.named_parameters())
    assert any("parametrizations" in name for name in names)
    # When it is used, then it still makes audio
    assert np.isfinite(reference.audio(1)).all()


def test_a_conversion_is_reported_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a machine that is not one of continuous integration
    monkeypatch.delenv("CI", raising=False)
    sent: list[object] = []
    sender = "openvino_telemetry.utils.sender.TelemetrySender.send"
    monkeypatch.setattr(sender, lambda *message: sent.append(message))
    # When a module is converted
    to_openvino(torch.nn.Linear(4, 4).eval(), (torch.zeros(1, 4),), [[-1, 4]])
    # Then nothing was sent, and the machine is what it was
    assert not sent
    assert "CI" not in os.environ


def test_nothing_can_follow_the_last_latent(reference: Reference, vocoder: Vocoder) -> None:
    # Given an utterance that has had its last latent
    rendering = vocoder.open(reference.speaker, 1.0)
    rendering.feed(reference.latents, final=True)
    # When another is fed, then that is an error
    with pytest.raises(ValueError, match="last latents"):
        rendering.feed(reference.latents, final=False)


def test_a_pack_without_the_vocoder_is_refused(tmp_path: Path) -> None:
    # Given a directory with no model in it; when loaded, then the error says what is missing
    with pytest.raises(EngineUnavailableError, match=r"no vocoder\.xml"):
        Vocoder(tmp_path)


def test_a_damaged_model_is_refused(reference: Reference, tmp_path: Path) -> None:
    # Given a model whose description is cut short
    text = (reference.pack_dir / "vocoder.xml").read_text()
    (tmp_path / "vocoder.xml").write_text(text[: len(text) // 2])
    # When it is loaded, then the error says so
    with pytest.raises(EngineUnavailableError, match="damaged"):
        Vocoder(tmp_path)
