"""The init container with the real packer: a checkpoint on S3 becomes a pack that speaks."""

from __future__ import annotations

import hashlib
import importlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_host.engines.base import Utterance
from model_host.engines.xtts.engine import XttsEngine
from model_host.engines.xtts.pack_format import Pack

pytestmark = pytest.mark.slow

BUCKET = "models-of-ours"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 of this test's own, with the role's region and credentials in the environment."""
    for name, value in {
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    moto = pytest.importorskip("moto")
    with moto.mock_aws():
        client = importlib.import_module("boto3").client("s3")
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"}
        )
        yield client


@pytest.fixture
def uploaded(s3: Any, checkpoint: Path) -> str:
    """The prefix of the tiny checkpoint on S3."""
    sums = ""
    for name in ("config.json", "model.pth", "vocab.json"):
        content = (checkpoint / name).read_bytes()
        sums += f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        s3.put_object(Bucket=BUCKET, Key=f"models/tiny/{name}", Body=content)
    s3.put_object(Bucket=BUCKET, Key="models/tiny/SHA256SUMS", Body=sums.encode())
    return "models/tiny"


def provide(s3: Any, prefix: str, volume: Path, told: list[str]) -> Pack:
    fetch = importlib.import_module("infra.model_fetch.fetch")
    bucket = importlib.import_module("infra.model_fetch.bucket").Bucket(s3, BUCKET)
    packer = importlib.import_module("infra.model_fetch.packing").TorchPacker()
    pack: Pack = fetch.Fetcher(bucket, volume / "xtts", packer, told.append).provide(prefix)
    return pack


def test_given_a_checkpoint_when_two_pods_start_then_one_packs_and_both_speak_alike(
    s3: Any, uploaded: str, recording: Path, tmp_path: Path
) -> None:
    # Given a first pod, which packs
    first_told: list[str] = []
    first = provide(s3, uploaded, tmp_path / "first", first_told)
    assert any("decoder" in message for message in first_told)

    # When a second one starts
    second_told: list[str] = []
    second = provide(s3, uploaded, tmp_path / "second", second_told)

    # Then it fetches what the first one made, and it is the same voice
    assert not any("decoder" in message for message in second_told)
    second.verify_hashes()
    assert first.fingerprint == second.fingerprint
    engine = XttsEngine(second.directory, recording, tmp_path / "voices", tmp_path / "heard")
    engine.load()
    try:
        utterance = Utterance(("senha quarenta e dois",), "reference")
        chunks = list(engine.synthesize(utterance, threading.Event()))
    finally:
        engine.close()
    assert sum(len(chunk.samples) for chunk in chunks) > 0


def test_given_a_checkpoint_of_another_model_then_the_operator_is_told_in_one_line(
    s3: Any, uploaded: str, tmp_path: Path
) -> None:
    content = b'{"model": "vits"}'
    s3.put_object(Bucket=BUCKET, Key=f"{uploaded}/config.json", Body=content)
    sums = s3.get_object(Bucket=BUCKET, Key=f"{uploaded}/SHA256SUMS")["Body"].read().decode()
    sums = f"{hashlib.sha256(content).hexdigest()}  config.json\n" + "\n".join(
        line for line in sums.splitlines() if not line.endswith("config.json")
    )
    s3.put_object(Bucket=BUCKET, Key=f"{uploaded}/SHA256SUMS", Body=sums.encode())
    errors = importlib.import_module("infra.model_fetch.errors")

    with pytest.raises(errors.WrongSourceError, match="vits") as raised:
        provide(s3, uploaded, tmp_path / "pod", [])
    assert "\n" not in str(raised.value)
