"""Who may call the host, over real HTTP with a file of keys."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.host.running_host import ROOT, RunningHost

KEY = "k3y-" * 12
TEXT = "senha quarenta e dois"
StartHost = Callable[..., RunningHost]


@pytest.fixture
def locked(tmp_path: Path, start_host: StartHost) -> RunningHost:
    """A host that wants KEY."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"current": KEY}))
    return start_host(HOST_KEYS_FILE=str(path), LOG_LEVEL="DEBUG")


def test_given_a_key_when_presented_then_the_host_speaks(locked: RunningHost) -> None:
    for scheme in ("Bearer", "bearer"):
        answer = locked.synthesize(TEXT, headers={"Authorization": f"{scheme} {KEY}"})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, "Bearer"),
        (f"Basic {KEY}", "Bearer"),
        (f"Bearer {KEY}x", 'Bearer error="invalid_token"'),
        ("Bearer", 'Bearer error="invalid_token"'),
    ],
)
def test_given_no_key_of_the_hosts_when_asked_then_it_is_401_on_every_route_but_the_clusters(
    locked: RunningHost, authorization: str | None, challenge: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    for path in ("/info", "/v1/lexicon", "/v1/voices", "/openapi.json", "/healthy", "/nowhere"):
        answer = locked.client.get(path, headers=headers)
        problem = answer.json()
        assert answer.status_code == problem["status"] == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == challenge
        assert problem["errors"][0]["field"] == "Authorization"
        assert KEY not in answer.text
    for path in ("/health", "/health/live", "/health/ready", "/health/serving", "/metrics"):
        assert locked.client.get(path, headers=headers).status_code == 200


def test_given_keys_then_the_description_tells_of_the_refusal(locked: RunningHost) -> None:
    document = locked.client.get("/openapi.json", headers={"Authorization": f"Bearer {KEY}"})

    paths = document.json()["paths"]
    assert "401" in paths["/synthesize"]["post"]["responses"]
    assert "401" not in paths["/health"]["get"]["responses"]


def test_given_no_key_when_a_body_is_announced_then_the_answer_does_not_wait_for_it(
    locked: RunningHost,
) -> None:
    port = int(locked.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
        connection.sendall(
            b"POST /synthesize HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n"
        )
        assert connection.recv(64).startswith(b"HTTP/1.1 401 ")


def test_given_refusals_then_the_log_and_the_metrics_count_them_and_hold_no_key(
    locked: RunningHost,
) -> None:
    wrong = "wr0ng-" * 8
    locked.synthesize(TEXT, headers={"Authorization": f"Bearer {wrong}"})
    locked.synthesize(TEXT, headers={"Authorization": f"Bearer {KEY}"})

    assert locked.metric("ctv_host_keys") == 1
    assert locked.metric("ctv_host_keys_stale") == 0
    refused = {"priority": "live", "route": "other", "status": "401"}
    assert locked.metric("ctv_host_requests_total", **refused) == 1
    written = locked.log_path.read_text()
    assert KEY not in written
    assert wrong not in written


def test_given_prod_without_keys_when_started_then_it_warns(start_host: StartHost) -> None:
    host = start_host(CTV_ENV="prod", ENGINE="espeak")

    assert host.synthesize(TEXT).status_code == 200
    warnings = [line["message"] for line in host.log_lines() if line["level"] == "WARNING"]
    assert warnings == ["HOST_KEYS_FILE is not set: whoever reaches the host may use it"]


def test_given_keys_of_no_use_when_started_then_it_says_so_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(f'{{"current": "{KEY}", "curent": "{KEY}"}}')

    ended = subprocess.run(
        [sys.executable, "-m", "model_host"],
        cwd=ROOT,
        env={"HOST_KEYS_FILE": str(path), "ENGINE": "espeak", "HOST": "127.0.0.1", "PORT": "0"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert ended.returncode == 1
    assert "cannot start: HOST_KEYS_FILE holds" in ended.stderr
    assert KEY not in ended.stdout + ended.stderr
