"""Packing a checkpoint: whole or not at all, gone on with, and true to the checkpoint."""

from __future__ import annotations

import fcntl
import importlib
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from model_host.engines.base import EngineUnavailableError
from model_host.engines.coqui.checkpoint import CheckpointFiles
from model_host.engines.xtts.__main__ import main
from model_host.engines.xtts.pack_format import Pack, Precision, file_sha256
from model_host.engines.xtts.tensors import read_tensors

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def packing(standin: ModuleType) -> ModuleType:
    """The module that makes packs; it needs torch and TTS."""
    return importlib.import_module("model_host.engines.xtts.pack")


@pytest.fixture(scope="session")
def weights(checkpoint: Path) -> dict[str, npt.NDArray[np.float32]]:
    """The decoder's weights as TTS loads them."""
    xtts = importlib.import_module("model_host.engines.coqui.xtts")
    files = CheckpointFiles.locate(checkpoint)
    model = xtts.load_model(xtts.read_config(files), files)
    return {name: value.numpy() for name, value in model.gpt.state_dict().items()}


@pytest.fixture
def quick(packing: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves out the exports that take seconds; they have tests of their own."""

    def export_vocoder(_model: object, directory: Path) -> None:
        (directory / "vocoder.xml").write_text("vocoder")

    def export_cloner(_model: object, directory: Path) -> None:
        (directory / "cloner_gpt.xml").write_text("cloner")

    monkeypatch.setattr("model_host.engines.xtts.vocoder_export.export_vocoder", export_vocoder)
    monkeypatch.setattr("model_host.engines.xtts.cloning_export.export_cloner", export_cloner)


@pytest.fixture
def own_checkpoint(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(checkpoint, tmp_path / "checkpoint"))


def contents(directory: Path) -> set[str]:
    return {str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file()}


def unpacked(tensors: dict[str, Any], name: str) -> npt.NDArray[np.float64]:
    """A matrix [out, in] as the decoder reads it."""
    values = tensors[f"{name}.weight"]
    if values.dtype == np.float32:
        return np.asarray(values, dtype=np.float64)
    if values.dtype == np.uint8:
        nibbles = np.stack([values & 15, values >> 4], axis=-1).reshape(*values.shape[:2], -1)
        values = ((nibbles.astype(np.int16) + 8) % 16) - 8
    matrix = values * tensors[f"{name}.scale"].astype(np.float64)
    return np.asarray(matrix.reshape(len(matrix), -1))


def test_given_a_checkpoint_when_packed_then_the_pack_is_whole_and_nothing_else_is_left(
    pack: Pack, recording: Path, checkpoint: Path
) -> None:
    pack.verify_hashes()

    voice = f"voices/{file_sha256(recording)[:16]}.safetensors"
    assert contents(pack.directory) == {"pack.json", *pack.manifest.files}
    assert {"decoder.safetensors", "tokenizer.json", "vocoder.xml", "vocoder.bin", voice} <= set(
        pack.manifest.files
    )
    assert [path.name for path in pack.directory.parent.iterdir()] == [pack.directory.name]
    assert pack.tokenizer.read_bytes() == (checkpoint / "vocab.json").read_bytes()
    assert pack.manifest.checkpoint["model.pth"] == file_sha256(checkpoint / "model.pth")


def test_given_a_checkpoint_when_packed_then_sizes_and_sampling_are_its_own(pack: Pack) -> None:
    manifest = pack.manifest

    assert (manifest.dims.layers, manifest.dims.width, manifest.dims.heads) == (2, 64, 2)
    assert (manifest.dims.start_text, manifest.dims.stop_text) == (261, 0)
    assert (manifest.dims.max_audio_tokens, manifest.dims.max_text_tokens) == (24, 402)
    assert manifest.dims.voice_positions == 32
    assert manifest.sampling.model_dump() == {
        "temperature": 0.75,
        "top_k": 50,
        "top_p": 0.85,
        "repetition_penalty": 1.05,
        "length_penalty": 1.0,
    }
    assert (manifest.cloning.gpt_cond_chunk_len, manifest.cloning.max_ref_len) == (4, 30)
    assert (manifest.vocoder.sample_rate_hz, manifest.vocoder.code_stride) == (24_000, 1024)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("precision", "steps"), [("fp32", None), ("int8", 127), ("int4", 7)])
def test_given_a_precision_when_packed_then_the_weights_are_that_close(  # noqa: PLR0917
    packing: ModuleType,
    checkpoint: Path,
    tmp_path: Path,
    weights: dict[str, npt.NDArray[np.float32]],
    precision: Precision,
    steps: int | None,
) -> None:
    made = packing.make_pack(checkpoint, tmp_path / "pack", precision=precision)

    tensors = read_tensors(made.decoder)
    for ours, theirs in (
        ("layers.0.qkv", "gpt.h.0.attn.c_attn"),
        ("layers.1.attn_out", "gpt.h.1.attn.c_proj"),
        ("layers.0.mlp_in", "gpt.h.0.mlp.c_fc"),
        ("layers.1.mlp_out", "gpt.h.1.mlp.c_proj"),
    ):
        expected = weights[f"{theirs}.weight"].T
        # Half a step of the largest weight bounds the error of any group's rounding.
        tolerance = 0 if steps is None else 0.5001 * np.abs(expected).max() / steps
        assert np.abs(unpacked(tensors, ours) - expected).max() <= tolerance
        assert np.array_equal(tensors[f"{ours}.bias"], weights[f"{theirs}.bias"])
    for ours, theirs in (
        ("mel_head.weight", "mel_head.weight"),
        ("text_position", "text_pos_embedding.emb.weight"),
        ("mel_embedding", "mel_embedding.weight"),
        ("layers.1.ln_2.bias", "gpt.h.1.ln_2.bias"),
        ("ln_f.weight", "gpt.ln_f.weight"),
        ("final_norm.weight", "final_norm.weight"),
    ):
        assert np.array_equal(tensors[ours], weights[theirs])


@pytest.mark.usefixtures("quick")
def test_given_an_interruption_when_run_again_then_finished_steps_are_not_done_twice(
    packing: ModuleType, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloning_export = importlib.import_module("model_host.engines.xtts.cloning_export")
    export_cloner = cloning_export.export_cloner
    target = tmp_path / "packs" / "pack"

    def interrupted(_model: object, directory: Path) -> None:
        (directory / "cloner_gpt.xml").write_text("half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(cloning_export, "export_cloner", interrupted)
    with pytest.raises(KeyboardInterrupt):
        packing.make_pack(checkpoint, target)
    assert not target.exists()

    monkeypatch.setattr(cloning_export, "export_cloner", export_cloner)
    told: list[str] = []
    resumed = packing.make_pack(checkpoint, target, progress=told.append)

    assert "decoder: done before (1 of 4)" in told
    assert "vocoder: done before (2 of 4)" in told
    assert "cloner (3 of 4)" in told
    resumed.verify_hashes()
    assert contents(resumed.directory) == {"pack.json", *resumed.manifest.files}
    assert [path.name for path in target.parent.iterdir()] == ["pack"]


@pytest.mark.usefixtures("quick")
def test_given_an_interruption_when_run_again_otherwise_then_nothing_of_it_is_used(
    packing: ModuleType, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloning_export = importlib.import_module("model_host.engines.xtts.cloning_export")

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cloning_export, "export_cloner", interrupted)
        with pytest.raises(KeyboardInterrupt):
            packing.make_pack(checkpoint, tmp_path / "pack")

    made = packing.make_pack(checkpoint, tmp_path / "pack", precision="fp32")

    assert "layers.0.qkv.scale" not in read_tensors(made.decoder)


@pytest.mark.usefixtures("quick")
def test_given_a_pack_in_the_place_when_packed_then_it_is_replaced_only_on_demand(
    packing: ModuleType, checkpoint: Path, tmp_path: Path
) -> None:
    first = packing.make_pack(checkpoint, tmp_path / "pack", precision="fp32")

    with pytest.raises(EngineUnavailableError, match="--force"):
        packing.make_pack(checkpoint, first.directory)
    assert Pack.open(first.directory).fingerprint == first.fingerprint
    second = packing.make_pack(checkpoint, first.directory, force=True)

    assert second.manifest.precision == "int8"
    second.verify_hashes()
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_given_another_process_at_it_when_packed_then_it_is_told(
    packing: ModuleType, checkpoint: Path, tmp_path: Path
) -> None:
    (tmp_path / "pack.partial").mkdir()
    with (tmp_path / "pack.partial" / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(EngineUnavailableError, match="another process is writing"):
            packing.make_pack(checkpoint, tmp_path / "pack")


@pytest.mark.usefixtures("quick")
def test_given_a_checkpoint_when_packed_then_it_is_left_as_it_was(
    packing: ModuleType, own_checkpoint: Path, tmp_path: Path
) -> None:
    # The published checkpoint is one that TTS itself would rewrite on a first load.
    before = {
        path: (path.stat().st_mtime_ns, file_sha256(path)) for path in own_checkpoint.iterdir()
    }

    packing.make_pack(own_checkpoint, tmp_path / "pack")

    assert before == {
        path: (path.stat().st_mtime_ns, file_sha256(path)) for path in own_checkpoint.iterdir()
    }


def test_given_a_truncated_checkpoint_when_packed_then_it_is_told_and_nothing_is_left(
    own_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (own_checkpoint / "model.pth").open("r+b") as stream:
        stream.truncate(1_000_000)

    code = main(["pack", str(own_checkpoint), str(tmp_path / "pack")])

    assert code == 1
    assert "model.pth (1000000 bytes) cannot be read: truncated" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_given_a_version_1_checkpoint_when_packed_then_it_is_told(
    standin: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version_1 = standin.write_tiny_checkpoint(tmp_path / "version_1", perceiver=False)

    code = main(["pack", str(version_1), str(tmp_path / "pack")])

    assert code == 1
    assert "is of XTTS v1" in capsys.readouterr().err


def test_given_a_recording_that_is_none_when_packed_then_it_is_told_at_once(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "voice.wav"
    recording.write_text("not audio")

    code = main(["pack", str(checkpoint), str(tmp_path / "pack"), "--reference", str(recording)])

    assert code == 1
    assert str(recording) in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["voice.wav"]


def test_given_a_pack_when_read_then_neither_torch_nor_tts_is_needed(pack: Pack) -> None:
    code = f"""
import sys
for name in ("torch", "torchaudio", "TTS", "transformers"):
    sys.modules[name] = None
from pathlib import Path
from model_host.engines.xtts.pack_format import Pack
from model_host.engines.xtts.engine import XttsEngine
from model_host.engines.xtts.tokenizer import XttsTokenizer
pack = Pack.open(Path({str(pack.directory)!r}))
pack.verify_hashes()
assert XttsTokenizer(pack.tokenizer).encode("sala")
"""
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stderr
