"""What a pod's init container does before the host starts, against moto's S3."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws

from infra.local.settings import ROOT
from infra.model_fetch.__main__ import main
from infra.model_fetch.bucket import Bucket
from infra.model_fetch.errors import (
    DamagedError,
    FetchError,
    UnreachableError,
    WrongSourceError,
)
from infra.model_fetch.fetch import Fetcher
from infra.model_fetch.packing import Progress
from model_host.engines.xtts.dimensions import Dimensions
from model_host.engines.xtts.pack_format import (
    FORMAT,
    MANIFEST_NAME,
    MODEL,
    Cloning,
    Manifest,
    Pack,
    PackedFile,
    Sampling,
    VocoderDims,
)

BUCKET = "models-of-ours"
CHECKPOINT = {"config.json": b"{}", "model.pth": b"weights" * 1000, "vocab.json": b"[]"}
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "sa-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_pack(
    directory: Path, decoder: bytes, checkpoint: Mapping[str, str] | None = None
) -> Pack:
    """A pack as its format has it, of no use to an engine."""
    files = {"decoder.safetensors": decoder, "voices/one.safetensors": b"voice"}
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    manifest = Manifest(
        format=FORMAT,
        model=MODEL,
        precision="int8",
        checkpoint=dict(checkpoint or {}),
        made_with={},
        dims=Dimensions(1, 2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        sampling=Sampling(temperature=1, top_k=1, top_p=1, repetition_penalty=1, length_penalty=1),
        cloning=Cloning(gpt_cond_len=1, gpt_cond_chunk_len=1, max_ref_len=1, sound_norm_refs=False),
        vocoder=VocoderDims(
            sample_rate_hz=24000, input_sample_rate_hz=22050, hop_length=256, code_stride=1024
        ),
        files={
            name: PackedFile(bytes=len(content), sha256=sha256(content))
            for name, content in files.items()
        },
    )
    (directory / MANIFEST_NAME).write_text(manifest.model_dump_json())
    return Pack.open(directory)


@dataclass
class StandInPacker:
    """Makes packs at once; says how often, and lets something happen while it is at it."""

    decoder: bytes = b"decoder"
    meanwhile: Callable[[], object] = lambda: None
    made: int = 0

    def key(self, checkpoint_hashes: Mapping[str, str]) -> Mapping[str, str]:
        return checkpoint_hashes

    def make(self, checkpoint: Path, directory: Path, progress: Progress) -> Pack:
        progress("packing")
        self.made += 1
        self.meanwhile()
        hashes = {path.name: sha256(path.read_bytes()) for path in checkpoint.iterdir()}
        return write_pack(directory, self.decoder, hashes)


@dataclass
class Pod:
    """A volume of its own, and the messages of its init container."""

    volume: Path
    packer: StandInPacker = field(default_factory=StandInPacker)
    told: list[str] = field(default_factory=list)

    @property
    def model(self) -> Path:
        return self.volume / "xtts"

    def start(self, s3: Any, prefix: str = "models/xtts-v2") -> Pack:
        fetcher = Fetcher(Bucket(s3, BUCKET), self.model, self.packer, self.told.append)
        return fetcher.provide(prefix)

    def contents(self) -> set[str]:
        return {str(p.relative_to(self.volume)) for p in self.volume.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """It reads S3's description once; each test has a client, and handlers, of its own."""
    return boto3.Session()


@pytest.fixture
def s3(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = session.client("s3")
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"}
        )
        yield client


@pytest.fixture
def pod(tmp_path: Path) -> Pod:
    return Pod(tmp_path / "pod")


@pytest.fixture
def other_pod(tmp_path: Path) -> Pod:
    return Pod(tmp_path / "other", StandInPacker(b"a decoder that differs in a byte"))


def upload(s3: Any, prefix: str, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/{name}", Body=content)


def upload_pack(s3: Any, prefix: str, directory: Path, decoder: bytes = b"decoder") -> Pack:
    pack = write_pack(directory, decoder)
    paths = [path for path in directory.rglob("*") if path.is_file()]
    upload(s3, prefix, {str(p.relative_to(directory)): p.read_bytes() for p in paths})
    return pack


def upload_checkpoint(s3: Any, files: Mapping[str, bytes] = CHECKPOINT) -> None:
    sums = "".join(f"{sha256(content)}  {name}\n" for name, content in files.items())
    upload(s3, "models/xtts-v2", {**files, "SHA256SUMS": sums.encode()})


def run(monkeypatch: pytest.MonkeyPatch, pod: Pod, uri: str) -> int:
    monkeypatch.setenv("MODEL_URI", uri)
    monkeypatch.setenv("XTTS_MODEL_DIR", str(pod.model))
    before = signal.getsignal(signal.SIGTERM)
    try:
        return main()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_given_a_pack_on_s3_when_a_pod_starts_then_it_stands_there_whole(
    s3: Any,
    pod: Pod,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pack = upload_pack(s3, "models/packed", tmp_path / "source")

    assert run(monkeypatch, pod, f"s3://{BUCKET}/models/packed/") == os.EX_OK

    here = Pack.open(pod.model)
    here.verify_hashes()
    assert here.fingerprint == pack.fingerprint
    assert pod.contents() == {
        "xtts/pack.json",
        "xtts/decoder.safetensors",
        "xtts/voices/one.safetensors",
    }
    assert pack.fingerprint in capsys.readouterr().err


def test_given_a_pod_that_starts_again_then_nothing_is_fetched_but_the_manifest(
    s3: Any, pod: Pod, tmp_path: Path
) -> None:
    upload_pack(s3, "models/xtts-v2", tmp_path / "source")
    pod.start(s3)
    s3.delete_object(Bucket=BUCKET, Key="models/xtts-v2/decoder.safetensors")

    pod.start(s3)

    assert len(pod.told) == 1  # "fetching", once


def test_given_another_pack_under_the_same_name_then_it_takes_the_place_of_the_first(
    s3: Any, pod: Pod, tmp_path: Path
) -> None:
    upload_pack(s3, "models/xtts-v2", tmp_path / "one", b"one decoder")
    pod.start(s3)
    other = upload_pack(s3, "models/xtts-v2", tmp_path / "other", b"another")

    assert pod.start(s3).fingerprint == other.fingerprint
    assert (pod.model / "decoder.safetensors").read_bytes() == b"another"


def test_given_a_download_that_was_cut_off_then_only_the_rest_is_asked_for(
    s3: Any, pod: Pod, tmp_path: Path
) -> None:
    # Given a pod that was killed in the middle of a file
    content = b"0123456789" * 100
    upload_pack(s3, "models/xtts-v2", tmp_path / "source", content)
    s3.meta.events.register("before-call.s3.GetObject", killed_at_second_call())
    with pytest.raises(Killed):
        pod.start(s3)
    (partial,) = pod.volume.glob("xtts.fetching-*")
    (partial / "decoder.safetensors").write_bytes(content[:300])

    # When it starts again
    asked: list[str | None] = []
    s3.meta.events.register(
        "before-call.s3.GetObject",
        lambda params, **_: asked.append(params["headers"].get("Range")),
    )
    pod.start(s3)

    # Then it goes on where it was
    assert "bytes=300-" in asked
    assert (pod.model / "decoder.safetensors").read_bytes() == content


class Killed(BaseException):
    """What ends a process, whatever it is doing."""


def die() -> None:
    raise Killed


def killed_at_second_call() -> Callable[..., None]:
    """A handler of botocore's that ends the process once."""
    calls = iter((lambda: None, die))
    return lambda **_: next(calls, lambda: None)()


def test_given_leftovers_of_another_pack_then_they_are_not_gone_on_with(
    s3: Any, pod: Pod, tmp_path: Path
) -> None:
    stale = pod.volume / "xtts.fetching-0123456789abcdef"
    stale.mkdir(parents=True)
    (stale / "decoder.safetensors").write_bytes(b"dec")
    upload_pack(s3, "models/xtts-v2", tmp_path / "source")

    pod.start(s3).verify_hashes()

    assert not stale.exists()


def test_given_bytes_that_were_changed_on_s3_then_nothing_stands_there_and_the_file_is_named(
    s3: Any,
    pod: Pod,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    upload_pack(s3, "models/p", tmp_path / "source")
    upload(s3, "models/p", {"decoder.safetensors": b"decodeR"})

    assert run(monkeypatch, pod, f"s3://{BUCKET}/models/p") == os.EX_DATAERR

    assert not pod.model.exists()
    assert "models/p/decoder.safetensors is not what its SHA-256 says" in capsys.readouterr().err
    upload(s3, "models/p", {"decoder.safetensors": b"decoder"})
    assert run(monkeypatch, pod, f"s3://{BUCKET}/models/p") == os.EX_OK


def test_given_a_checkpoint_then_it_is_packed_once_and_other_pods_fetch_the_pack(
    s3: Any, pod: Pod, other_pod: Pod
) -> None:
    upload_checkpoint(s3)

    first = pod.start(s3)
    second = other_pod.start(s3)

    assert (pod.packer.made, other_pod.packer.made) == (1, 0)
    assert first.fingerprint == second.fingerprint
    assert not (pod.volume / "checkpoint").exists()
    assert pod.contents() == other_pod.contents()


def test_given_two_pods_that_pack_at_once_then_both_serve_the_pack_that_was_there_first(
    s3: Any, pod: Pod, other_pod: Pod
) -> None:
    upload_checkpoint(s3)
    pod.packer.meanwhile = lambda: other_pod.start(s3)

    loser = pod.start(s3)

    winner = Pack.open(other_pod.model)
    assert (pod.packer.made, other_pod.packer.made) == (1, 1)
    assert loser.fingerprint == winner.fingerprint
    loser.verify_hashes()


def test_given_a_pod_killed_while_it_uploaded_then_it_goes_on_with_the_rest(
    s3: Any, pod: Pod
) -> None:
    # Given a pod that has uploaded one of its pack's files
    upload_checkpoint(s3)
    s3.meta.events.register("before-call.s3.PutObject", killed_at_second_call())
    with pytest.raises(Killed):
        pod.start(s3)

    # When it starts again
    answers: list[int] = []
    s3.meta.events.register(
        "after-call.s3.PutObject",
        lambda http_response, **_: answers.append(http_response.status_code),
    )
    pod.start(s3)

    # Then it packs nothing, and S3 refuses what it has
    assert pod.packer.made == 1
    assert answers == [HTTPStatus.PRECONDITION_FAILED, *[HTTPStatus.OK] * 3]


def test_given_a_pod_killed_while_it_packed_then_the_checkpoint_is_not_fetched_again(
    s3: Any, pod: Pod
) -> None:
    upload_checkpoint(s3)
    pod.packer.meanwhile = die
    with pytest.raises(Killed):
        pod.start(s3)
    pod.packer.meanwhile = lambda: None
    s3.delete_object(Bucket=BUCKET, Key="models/xtts-v2/model.pth")

    pod.start(s3)

    assert pod.packer.made == 2


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (HTTPStatus.FORBIDDEN, "AccessDenied", WrongSourceError),
        (HTTPStatus.SERVICE_UNAVAILABLE, "SlowDown", UnreachableError),
        (HTTPStatus.CONFLICT, "ConditionalRequestConflict", UnreachableError),
    ],
)
def test_given_an_s3_that_refuses_then_its_reason_and_the_object_are_told(
    s3: Any, pod: Pod, status: HTTPStatus, code: str, error: type[FetchError]
) -> None:
    def refuse(**_: Any) -> tuple[Any, dict[str, Any]]:
        answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return AWSResponse("", status, HTTPHeaders(), None), answer

    upload_checkpoint(s3)
    s3.meta.events.register("before-call.s3.PutObject", refuse)

    with pytest.raises(error, match=rf"s3://{BUCKET}/packs/.*{code}"):
        pod.start(s3)


def test_given_a_checkpoint_that_changes_then_it_is_packed_anew_beside_the_old_pack(
    s3: Any, pod: Pod
) -> None:
    upload_checkpoint(s3)
    pod.start(s3)
    upload_checkpoint(s3, {**CHECKPOINT, "model.pth": b"better weights"})
    pod.packer.decoder = b"better decoder"

    pod.start(s3)

    assert pod.packer.made == 2
    keys = [
        found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET, Prefix="packs/")["Contents"]
    ]
    assert len([key for key in keys if key.endswith("/chosen.json")]) == 2


def test_given_a_published_pack_then_model_uri_may_name_it_itself(
    s3: Any, pod: Pod, other_pod: Pod
) -> None:
    upload_checkpoint(s3)
    pod.start(s3)
    keys = [
        found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET, Prefix="packs/")["Contents"]
    ]
    (published,) = {key.removesuffix("/pack.json") for key in keys if key.endswith("/pack.json")}

    assert other_pod.start(s3, published).fingerprint == Pack.open(pod.model).fingerprint


@pytest.mark.parametrize(
    ("files", "error", "message"),
    [
        ({}, WrongSourceError, "holds neither a pack"),
        ({"SHA256SUMS": b"nonsense"}, WrongSourceError, "line 1 of SHA256SUMS"),
        ({"SHA256SUMS": b"0" * 64 + b"  vocab.json\n"}, WrongSourceError, "config.json, model.pth"),
        ({"pack.json": b"[]"}, DamagedError, "is not a pack's manifest"),
        ({"pack.json": b'{"format": 99}'}, DamagedError, "pack format 99"),
    ],
)
def test_given_no_model_then_one_line_says_what_is_wrong(
    s3: Any, pod: Pod, files: Mapping[str, bytes], error: type[FetchError], message: str
) -> None:
    upload(s3, "models/xtts-v2", files)

    with pytest.raises(error, match=message) as raised:
        pod.start(s3)

    assert "\n" not in str(raised.value)


def test_given_a_choice_that_nobody_can_read_then_it_is_named(
    s3: Any, pod: Pod, other_pod: Pod
) -> None:
    upload_checkpoint(s3)
    pod.start(s3)
    keys = [
        found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET, Prefix="packs/")["Contents"]
    ]
    (choice,) = (key for key in keys if key.endswith("chosen.json"))
    s3.put_object(Bucket=BUCKET, Key=choice, Body=b"")

    with pytest.raises(DamagedError, match=choice):
        other_pod.start(s3)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://example.org/model",
        "s3://bucket",
        "s3://no-such-bucket/models/a",
        f"s3://{BUCKET}/models/absent",
    ],
)
def test_given_a_uri_that_names_no_model_then_the_exit_code_says_that_somebody_must_change_it(
    s3: Any,
    pod: Pod,
    uri: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, pod, uri) == os.EX_CONFIG
    assert capsys.readouterr().err.count("\n") == 1


def test_given_a_volume_that_cannot_be_written_then_it_is_named(
    s3: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    upload_pack(s3, "models/p", tmp_path / "source")
    (tmp_path / "file").write_text("in the way")

    assert run(monkeypatch, Pod(tmp_path / "file"), f"s3://{BUCKET}/models/p") == os.EX_IOERR
    assert f"{tmp_path / 'file'} cannot be written" in capsys.readouterr().err


@pytest.mark.slow
def test_given_an_s3_that_does_not_answer_when_told_to_stop_then_it_stops_at_once(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.model_fetch"],
            cwd=ROOT,
            env={
                **os.environ,
                **ENVIRONMENT,
                "MODEL_URI": f"s3://{BUCKET}/models/p",
                "XTTS_MODEL_DIR": str(tmp_path / "xtts"),
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            },
        )
        silent.settimeout(60)
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 128 + signal.SIGTERM


def test_the_roles_policy_allows_what_a_pod_does_and_no_more(
    s3: Any, pod: Pod, other_pod: Pod
) -> None:
    # Given every call of a pod that packs and of one that fetches
    upload_checkpoint(s3)
    calls: set[tuple[str, str]] = set()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        action = {"HeadObject": "GetObject"}.get(model.name, model.name)
        calls.add((f"s3:{action}", f"arn:aws:s3:::MODEL_BUCKET/{params['Key']}"))

    s3.meta.events.register("before-parameter-build.s3.*", note)
    pod.start(s3)
    other_pod.start(s3)

    # Then each is allowed, and nothing is allowed to which none belongs
    policy = json.loads((ROOT / "infra/iam/host-model-access.json").read_text("utf-8"))
    granted = {
        (statement["Action"], resource)
        for statement in policy["Statement"]
        if statement["Action"] != "s3:ListBucket"  # by which a miss is a 404 and not a 403
        for resource in as_list(statement["Resource"])
    }
    used = {
        grant
        for grant in granted
        for action, resource in calls
        if action == grant[0] and fnmatchcase(resource, grant[1])
    }
    assert used == granted
    allowed = {
        call for call in calls if any(call[0] == a and fnmatchcase(call[1], r) for a, r in granted)
    }
    assert allowed == calls


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
