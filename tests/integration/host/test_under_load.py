"""What happens when there is more to say than time: full queue, deadlines, departures.

The engine is one that speaks a tone at a chosen pace; everything else is the real server.
"""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.integration.host.conftest import StartHost
from tests.integration.host.running_host import RunningHost, running_host

RUNNING, WAITING, CANCELLED = "ctv_host_running", "ctv_host_queue_depth", "ctv_host_cancelled_total"


def test_given_a_full_queue_when_another_comes_then_503_with_retry_after_and_not_ready(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.2", CHUNKS="4", QUEUE_SIZE="2")
    with ThreadPoolExecutor(8) as callers:
        answers = [callers.submit(host.synthesize, "um")]
        host.wait_for_metric(RUNNING, 1)
        answers += [callers.submit(host.synthesize, "dois") for _ in range(2)]
        host.wait_for_metric(WAITING, 2, priority="live")

        refused = host.synthesize("demais")
        unready = host.client.get("/health/ready")
        alive = host.client.get("/health/live")
        serving = host.client.get("/health/serving")

        assert refused.status_code == unready.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert int(unready.headers["retry-after"]) >= 1
        assert alive.status_code == serving.status_code == 200
        assert host.metric("ctv_host_ready") == 0
        assert [answer.result().status_code for answer in answers] == [200, 200, 200]
    assert host.client.get("/health/ready").status_code == 200


def test_given_bulk_before_live_when_both_wait_then_live_is_answered_first(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.05", CHUNKS="4")
    order: list[str] = []

    def call(name: str, priority: str) -> None:
        assert host.synthesize(name, headers={"CTV-Priority": priority}).status_code == 200
        order.append(name)

    with ThreadPoolExecutor(8) as callers:
        callers.submit(call, "first", "bulk")
        host.wait_for_metric(RUNNING, 1)
        for number in (1, 2):
            callers.submit(call, f"bulk {number}", "bulk")
            host.wait_for_metric(WAITING, number, priority="bulk")
        callers.submit(call, "live", "live")

    assert order == ["first", "live", "bulk 1", "bulk 2"]


def test_given_a_live_reserve_when_bulk_is_rendered_then_a_live_call_starts_at_once(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="10", AT_ONCE="3", LIVE_RESERVE="1")
    with ThreadPoolExecutor(8) as callers:
        # Given: more bulk work than may run, so that some waits though a place is free
        bulk = [
            callers.submit(host.synthesize, "b", headers={"CTV-Priority": "bulk"}) for _ in range(3)
        ]
        host.wait_for_metric(WAITING, 1, priority="bulk")
        assert host.metric(RUNNING) == 2

        # When: a live call comes
        live = callers.submit(host.synthesize, "agora")

        # Then: it has that place
        host.wait_for_metric(RUNNING, 3)
        assert host.metric(WAITING, priority="bulk") == 1
        assert [each.result().status_code for each in (live, *bulk)] == [200] * 4


def test_given_bulk_has_filled_its_share_when_a_call_comes_live_then_it_finds_room(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="4", QUEUE_SIZE="4")
    bulk = {"CTV-Priority": "bulk"}
    with ThreadPoolExecutor(8) as callers:
        callers.submit(host.synthesize, "a", headers=bulk)
        host.wait_for_metric(RUNNING, 1)
        for _ in range(2):
            callers.submit(host.synthesize, "b", headers=bulk)
        host.wait_for_metric(WAITING, 2, priority="bulk")

        assert host.synthesize("c", headers=bulk).status_code == 503
        assert host.synthesize("agora").status_code == 200


def test_given_a_deadline_when_it_passes_speaking_or_waiting_then_504_and_the_place_is_free(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="30")
    with ThreadPoolExecutor(2) as callers:
        began = time.monotonic()
        speaking = callers.submit(host.synthesize, "a", headers={"CTV-Timeout": "0.6"})
        host.wait_for_metric(RUNNING, 1)
        waiting = callers.submit(host.synthesize, "b", headers={"CTV-Timeout": "0.2"})

        assert waiting.result().status_code == 504
        assert time.monotonic() - began < 0.6
        assert speaking.result().status_code == 504
        assert time.monotonic() - began < 1.2

    assert speaking.result().headers["content-type"] == "application/problem+json"
    host.wait_for_metric(RUNNING, 0)
    assert host.metric(CANCELLED, reason="deadline") == 2


def test_given_a_deadline_when_it_passes_in_a_stream_then_the_body_is_visibly_incomplete(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="30")

    with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
        host.synthesize("a", stream=True, headers={"CTV-Timeout": "0.5"})

    host.wait_for_metric(RUNNING, 0)
    assert host.metric(CANCELLED, reason="deadline") == 1


def test_given_a_client_that_leaves_when_being_spoken_to_then_its_place_is_free(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="50")

    with pytest.raises(httpx.ReadTimeout):
        host.synthesize("a", timeout_s=0.3)
    host.wait_for_metric(RUNNING, 0)

    with host.client.stream("POST", "/synthesize", json={"text": "a", "stream": True}) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        assert host.metric(RUNNING) == 1
    host.wait_for_metric(RUNNING, 0)

    host.wait_for_metric(CANCELLED, 2, reason="disconnect")


def test_given_a_client_that_leaves_when_waiting_then_it_leaves_the_queue(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="10")
    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(host.synthesize, "a")
        host.wait_for_metric(RUNNING, 1)
        with pytest.raises(httpx.ReadTimeout):
            host.synthesize("b", timeout_s=0.2)

        host.wait_for_metric(WAITING, 0, priority="live")
        assert first.result().status_code == 200
    assert host.metric(CANCELLED, reason="disconnect") == 1


def test_given_a_stream_when_it_is_made_slowly_then_its_first_byte_comes_long_before_the_end(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="10")
    began = time.monotonic()

    with host.client.stream("POST", "/synthesize", json={"text": "a", "stream": True}) as answer:
        arrivals = [time.monotonic() - began for _ in answer.iter_raw()]

    assert arrivals[0] < 0.4
    assert arrivals[-1] > 0.9
    assert len(arrivals) >= 8


def test_given_an_engine_that_fails_when_streamed_then_it_still_is_a_500_problem(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.05")

    for text in ("falha Maria", "mudo Maria", "ruim Maria", "vazio Maria"):
        for stream in (True, False):
            failed = host.synthesize(text, stream=stream)
            assert failed.status_code == 500
            assert failed.headers["content-type"] == "application/problem+json"
            assert "Maria" not in failed.text
    with pytest.raises(httpx.RemoteProtocolError):
        host.synthesize("engasga Maria", stream=True)

    host.wait_for_metric("ctv_host_engine_failures_total", 9)
    assert host.synthesize("bem").status_code == 200
    assert "Maria" not in host.log_path.read_text()


def test_given_a_client_that_reads_nothing_when_streamed_then_it_is_dropped_and_others_speak(
    start_paced_host: StartHost,
) -> None:
    # 40 s of audio are 1.9 MB: more than sockets and the smallest stream buffer hold.
    host = start_paced_host(
        CHUNKS="2000", STREAM_BUFFER_BYTES="16384", STREAM_STALL_TIMEOUT_S="0.5"
    )
    with deaf_client(host):
        host.wait_for_metric(RUNNING, 1)
        host.wait_for_metric(CANCELLED, 1, reason="stalled")

        host.wait_for_metric(RUNNING, 0)


class deaf_client:  # noqa: N801 - used as a function
    """A client that asks for a stream and never reads."""

    def __init__(self, host: RunningHost) -> None:
        url = httpx.URL(host.url)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect((url.host, url.port))
        body = b'{"text":"a","stream":true}'
        self._socket.sendall(
            b"POST /synthesize HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )

    def __enter__(self) -> socket.socket:
        return self._socket

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def test_given_an_engine_that_loads_when_asked_then_it_is_alive_but_not_ready(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(LOADING_S="1.5", ready=False)
    host.wait_until_alive()

    unready, refused = host.client.get("/health/ready"), host.synthesize("a")
    not_serving = host.client.get("/health/serving")

    assert host.client.get("/health").json()["model_loaded"] is False
    assert host.client.get("/v1/voices").status_code == 200
    for answer in (unready, not_serving, refused, host.client.get("/info")):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
    host.wait_until_ready()
    assert host.synthesize("a").status_code == 200


def test_given_prod_without_a_model_when_started_then_it_refuses_in_one_line(
    tmp_path: Path,
) -> None:
    with running_host(tmp_path, {"CTV_ENV": "prod"}, ready=False) as host:
        assert host.process.wait(10) == 1

    told = host.log_path.read_text().splitlines()
    (refusal,) = [line for line in told if "cannot start" in line]
    assert "XTTS_MODEL_DIR" in refusal
    assert "ENGINE=espeak" in refusal
    assert "Traceback" not in host.log_path.read_text()


def test_given_prod_with_espeak_on_purpose_when_started_then_it_speaks(
    start_host: StartHost,
) -> None:
    host = start_host(CTV_ENV="prod", ENGINE="espeak")

    assert host.client.get("/info").json()["engine"] == "espeak"


def test_given_wrong_settings_when_started_then_one_line_names_them(tmp_path: Path) -> None:
    with running_host(tmp_path, {"ENGINE": "loud", "QUEUE_SIZE": "0"}, ready=False) as host:
        assert host.process.wait(10) == 1

    (line,) = host.log_path.read_text().splitlines()
    assert "ENGINE" in line
    assert "QUEUE_SIZE" in line


def test_given_an_engine_that_cannot_load_when_started_then_the_process_ends_and_says_why(
    tmp_path: Path,
) -> None:
    module = "tests.integration.host.paced_host"
    environment = {"LOAD_ERROR": "no model.pth"}
    with running_host(tmp_path, environment, module=module, ready=False) as host:
        assert host.process.wait(10) != 0

    assert "no model.pth" in host.log_path.read_text()
