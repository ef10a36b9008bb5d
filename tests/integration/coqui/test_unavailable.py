"""Each thing an operator can get wrong has an error that says what to provide."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from infra.standin.reference_audio import write_reference_audio
from model_host.engines.base import EngineUnavailableError
from model_host.engines.coqui.engine import CoquiEngine


@pytest.fixture
def own_checkpoint(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(checkpoint, tmp_path / "checkpoint"))


def refusal(model_dir: Path, reference_audio: Path) -> str:
    with pytest.raises(EngineUnavailableError) as raised:
        CoquiEngine(model_dir, reference_audio).load()
    return str(raised.value)


def test_given_an_empty_directory_when_loaded_then_the_missing_files_are_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "vocab.json").write_text("{}")

    message = refusal(tmp_path, tmp_path / "voice.wav")

    assert f"{tmp_path} lacks config.json, model.pth;" in message


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("{", "is not an XTTS configuration"),
        ("[]", "is not an XTTS configuration"),
        ('{"model": "vits"}', "is of the model 'vits'; ENGINE=coqui speaks XTTS-v2"),
        ('{"model": "xtts", "model_args": {}}', "is of XTTS v1"),
    ],
)
def test_given_a_wrong_config_when_loaded_then_it_is_named(
    tmp_path: Path, config: str, expected: str
) -> None:
    for name, text in (("config.json", config), ("model.pth", ""), ("vocab.json", "{}")):
        (tmp_path / name).write_text(text)

    assert f"{tmp_path / 'config.json'} {expected}" in refusal(tmp_path, tmp_path / "voice.wav")


def test_given_no_packages_when_loaded_then_the_install_command_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = '{"model": "xtts", "model_args": {"gpt_use_perceiver_resampler": true}}'
    for name, text in (("config.json", config), ("model.pth", ""), ("vocab.json", "{}")):
        (tmp_path / name).write_text(text)
    (tmp_path / "voice.wav").touch()
    monkeypatch.delitem(sys.modules, "model_host.engines.coqui.xtts", raising=False)
    for package in ("torchaudio", "TTS"):
        monkeypatch.setitem(sys.modules, package, None)

    message = refusal(tmp_path, tmp_path / "voice.wav")

    assert "pip install -r requirements/coqui.txt" in message


@pytest.mark.slow
def test_given_no_recording_when_loaded_then_its_path_and_format_are_told(
    checkpoint: Path, tmp_path: Path
) -> None:
    message = refusal(checkpoint, tmp_path / "voice.wav")

    assert f"{tmp_path / 'voice.wav'} is missing" in message
    assert "WAV, mono" in message


@pytest.mark.slow
@pytest.mark.parametrize("left_bytes", [0, 1000, 50_000_000])
def test_given_a_truncated_model_when_loaded_then_its_size_is_told(
    own_checkpoint: Path, recording: Path, left_bytes: int
) -> None:
    path = own_checkpoint / "model.pth"
    with path.open("r+b") as stream:
        stream.truncate(left_bytes)

    assert f"{path} ({left_bytes} bytes) cannot be read: truncated" in refusal(
        own_checkpoint, recording
    )


@pytest.mark.slow
def test_given_the_weights_of_version_1_when_loaded_then_it_is_told(
    own_checkpoint: Path, recording: Path, tmp_path: Path, standin: ModuleType
) -> None:
    version_1 = standin.write_tiny_checkpoint(tmp_path / "version_1", perceiver=False)
    shutil.copy(version_1 / "model.pth", own_checkpoint / "model.pth")

    assert "model.pth is of XTTS v1" in refusal(own_checkpoint, recording)


@pytest.mark.slow
def test_given_files_of_two_checkpoints_when_loaded_then_it_is_told(
    own_checkpoint: Path, recording: Path
) -> None:
    config = own_checkpoint / "config.json"
    config.write_text(config.read_text().replace('"gpt_layers": 2', '"gpt_layers": 3'))

    assert "does not fit together" in refusal(own_checkpoint, recording)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("duration_s", "expected"), [(0.0, "is empty or silent"), (0.2, "cannot be used as a voice")]
)
def test_given_a_recording_too_short_when_loaded_then_it_is_told(
    checkpoint: Path, tmp_path: Path, duration_s: float, expected: str
) -> None:
    path = write_reference_audio(tmp_path / "short.wav", duration_s=duration_s)

    assert f"{path} {expected}" in refusal(checkpoint, path)


@pytest.mark.slow
def test_given_a_recording_that_is_no_audio_when_loaded_then_the_format_is_told(
    checkpoint: Path, tmp_path: Path
) -> None:
    path = tmp_path / "voice.wav"
    path.write_text("not audio")

    message = refusal(checkpoint, path)

    assert f"{path} cannot be read" in message
    assert "provide a WAV file, mono" in message
