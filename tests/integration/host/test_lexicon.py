"""The lexicon over HTTP: read, replaced by who has read it, shared between hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from speech.deadline import Deadline
from speech.host import HostClient
from speech.manifest import ManifestStore
from speech.request import Call, Manner
from tests.integration.host.running_host import RunningHost, running_host

URL = "/v1/lexicon"
PLS = "application/pls+xml"
UTI = {"written": "UTI", "spoken": "u tê i", "scope": "acronym"}
WESLEY = {"written": "Wesley", "spoken": "uésli", "scope": "name"}


@pytest.fixture(scope="module")
def voices_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("voices")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, voices_dir: Path) -> Iterator[RunningHost]:
    with running_host(tmp_path_factory.mktemp("host"), {"VOICES_DIR": str(voices_dir)}) as running:
        yield running


def duration_s(host: RunningHost, text: str) -> float:
    return float(host.synthesize(text).headers["CTV-Duration"])


@pytest.fixture
def host(running: RunningHost, voices_dir: Path) -> RunningHost:
    """The shared host, with an empty lexicon."""
    (voices_dir / "lexicon.json").unlink(missing_ok=True)
    return running


def read(host: RunningHost, **headers: str) -> httpx.Response:
    return host.client.get(URL, headers=headers)


def put(
    host: RunningHost, entries: list[dict[str, Any]], if_match: str = "*", **headers: str
) -> httpx.Response:
    return host.client.put(
        URL, json={"entries": entries}, headers={"If-Match": if_match, **headers}
    )


def test_a_lexicon_is_read_changed_and_read_again(host: RunningHost) -> None:
    # Given a host without entries
    empty = read(host)
    assert empty.json() == {"entries": []}

    # When a client puts one that has read it
    kept = put(host, [WESLEY, UTI], empty.headers["ETag"])

    # Then it is kept, in an order of its own, under another tag
    assert (kept.status_code, kept.json()["entries"]) == (httpx.codes.OK, 2)
    assert "ETag" not in kept.headers
    now = read(host)
    assert now.json() == {"entries": [UTI, WESLEY]}
    assert now.headers["ETag"] == f'"{kept.json()["etag"]}"' != empty.headers["ETag"]
    assert now.headers["Vary"] == "Accept"


def test_a_client_that_has_it_is_told_so(host: RunningHost) -> None:
    # Given a client with the present lexicon
    etag = read(host).headers["ETag"]

    # When it asks whether there is another, by any spelling of its tag
    answers = [read(host, **{"If-None-Match": tag}) for tag in (etag, f'"other", W/{etag}', "*")]

    # Then there is none; to one with another lexicon there is
    assert [answer.status_code for answer in answers] == [httpx.codes.NOT_MODIFIED] * 3
    assert all(answer.content == b"" for answer in answers)
    assert answers[0].headers["ETag"] == etag
    assert read(host, **{"If-None-Match": '"other"'}).status_code == httpx.codes.OK


def test_nobody_overwrites_what_they_have_not_seen(host: RunningHost) -> None:
    # Given two clients that have read the same lexicon, and one that was faster
    etag = read(host).headers["ETag"]
    assert put(host, [UTI], etag).status_code == httpx.codes.OK

    # When the other puts its own, or one that has read nothing, or with a tag that may be alike
    late = put(host, [WESLEY], etag)
    blind = host.client.put(URL, json={"entries": [WESLEY]})
    weak = put(host, [WESLEY], "W/" + read(host).headers["ETag"])

    # Then each is told what it lacks, and the first one's lexicon stays
    assert late.status_code == weak.status_code == httpx.codes.PRECONDITION_FAILED
    assert late.json()["type"] == "urn:c-tv:problem:precondition-failed"
    assert blind.status_code == httpx.codes.PRECONDITION_REQUIRED
    assert "If-Match" in blind.json()["detail"]
    assert read(host).json() == {"entries": [UTI]}


def test_pls_goes_out_and_comes_back(host: RunningHost) -> None:
    # Given a lexicon
    put(host, [UTI, WESLEY])

    # When it is asked for as PLS, put back without one entry, by the tag of that representation
    document = read(host, Accept=f"{PLS}, application/json;q=0.5")
    shorter = document.text.replace("UTI", "ECG").replace("u tê i", "é cê gê")
    put_back = host.client.put(
        URL,
        content=shorter.encode(),
        headers={"Content-Type": PLS, "If-Match": document.headers["ETag"]},
    )

    # Then the change holds, in both representations, each with its own tag
    assert document.headers["Content-Type"] == PLS
    assert put_back.status_code == httpx.codes.OK, put_back.text
    assert [entry["written"] for entry in read(host).json()["entries"]] == ["ECG", "Wesley"]
    assert read(host).headers["ETag"] != read(host, Accept=PLS).headers["ETag"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html", "application/json"),
        (f"{PLS};q=0", "application/json"),
        (f"application/json;q=0.9, {PLS};q=0.8", "application/json"),
        (f"application/json;q=0.8, {PLS};q=0.9", PLS),
        (f"{PLS};q=x", "application/json"),
        ("application/json;q=0.1, */*", PLS),
    ],
)
def test_the_representation_is_the_one_preferred(
    host: RunningHost, accept: str, media_type: str
) -> None:
    assert read(host, Accept=accept).headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    ("content", "media_type", "status", "slug"),
    [
        (b"{", "application/json", 400, "malformed-body"),
        (b"<!DOCTYPE x><x/>", PLS, 400, "malformed-body"),
        (b"{}" + b" " * 4 * 1024 * 1024, "application/json", 413, "body-too-large"),
        (b"{}", "text/csv", 415, "unsupported-media-type"),
        (b'{"entries": [{"written": "Zuleica", "spoken": "A"}]}', "application/json", 422,
         "invalid-fields"),
        (b"<lexicon/>", PLS, 422, "invalid-fields"),
    ],
)  # fmt: skip
def test_what_is_no_lexicon_is_refused_without_being_quoted(
    host: RunningHost, content: bytes, media_type: str, status: int, slug: str
) -> None:
    # Given a body that is no lexicon, When it is put
    refused = host.client.put(
        URL, content=content, headers={"Content-Type": media_type, "If-Match": "*"}
    )

    # Then the problem says what to change, and nothing has changed
    assert (refused.status_code, refused.json()["type"]) == (status, f"urn:c-tv:problem:{slug}")
    assert "Zuleica" not in refused.text
    assert read(host).json() == {"entries": []}
    assert all("Zuleica" not in str(line) for line in host.log_lines())


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    # Given a host whose directory of voices cannot be made
    (tmp_path / "file").write_text("in the way")
    with running_host(tmp_path, {"VOICES_DIR": str(tmp_path / "file" / "voices")}) as host:
        # When a lexicon is put, Then the operator is told; there is an empty one all the same
        assert put(host, [UTI]).status_code == httpx.codes.INSUFFICIENT_STORAGE
        assert read(host).json() == {"entries": []}


def test_hosts_that_share_the_directory_have_one_lexicon(
    host: RunningHost, voices_dir: Path, tmp_path: Path
) -> None:
    # Given a second host on the same directory
    with running_host(tmp_path, {"VOICES_DIR": str(voices_dir)}) as other:
        seen = read(other).headers["ETag"]

        # When the first one's lexicon is replaced
        put(host, [UTI], seen)

        # Then the second has it too, and refuses who has not seen it
        assert read(other).json() == {"entries": [UTI]}
        assert put(other, [WESLEY], seen).status_code == httpx.codes.PRECONDITION_FAILED


def test_the_document_of_the_api_tells_of_it(host: RunningHost) -> None:
    operations = host.client.get("/openapi.json").json()["paths"][URL]

    assert {"200", "304"} <= set(operations["get"]["responses"])
    assert {"400", "412", "413", "415", "422", "428", "507"} <= set(operations["put"]["responses"])
    assert operations["put"]["parameters"][0]["name"] == "If-Match"
    assert set(operations["put"]["requestBody"]["content"]) == {"application/json", PLS}


def test_an_answer_says_by_which_entries_it_was_shaped(host: RunningHost) -> None:
    # Given an entry
    put(host, [UTI])

    # When texts and calls are spoken that hold its word or do not
    touched = host.synthesize("Leve à UTI.")
    call = host.client.post("/synthesize", json={"name": "Ana", "place": "uti 2"})
    others = host.synthesize("Bom dia.")

    # Then the digest follows the entry, wherever its word stands, and stays away from the others
    digest = touched.headers["CTV-Lexicon"]
    assert call.headers["CTV-Lexicon"] == digest
    assert "CTV-Lexicon" not in others.headers
    put(host, [UTI | {"spoken": "uti"}])
    assert host.synthesize("Leve à UTI.").headers["CTV-Lexicon"] != digest


def test_the_functions_expect_what_the_host_answers(host: RunningHost) -> None:
    # Given entries, and the functions' own client
    put(host, [UTI, WESLEY | {"written": "Wesley da Silva"}])
    client = HostClient(host.url)
    manifest = ManifestStore(client, None, "").refresh()

    for said in ("Leve à UTI.", "Bom dia.", Call(name="WESLEY DA SILVA", place="Sala 3")):
        # When they have a text or a call spoken
        utterance = Manner().utterance(said, manifest.voice_ids, manifest.default_voice)
        spoken = client.synthesize(utterance, Deadline.after(10), "live", "test")

        # Then it is what they expected, so its key is the one they look for
        assert spoken.fingerprint == manifest.fingerprint
        assert spoken.lexicon_digest == manifest.lexicon_digest(utterance)
        assert (spoken.lexicon_digest == "") == (said == "Bom dia.")


def test_an_entry_shapes_what_is_said_from_the_next_request_on(host: RunningHost) -> None:
    # Given a word as it sounds without an entry
    before_s = duration_s(host, "Xpto.")

    # When it is respelt
    put(host, [{"written": "xpto", "spoken": "consultório três"}])

    # Then it is as long as its respelling. eSpeak's flutter goes on from one utterance to the next,
    # so its quiet ends are trimmed some samples sooner or later.
    respelt_s = duration_s(host, "Xpto.")
    assert respelt_s == pytest.approx(duration_s(host, "consultório três."), abs=0.02)
    assert respelt_s != pytest.approx(before_s, abs=0.1)
