"""The end: a real process, real sockets and a real SIGTERM; only the engine is one of tests.

Nothing that was accepted is lost within the grace, and nothing keeps the process past it.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from model_host.audio.pauses import HEAD_SILENCE_S, TAIL_SILENCE_S
from tests.integration.host.conftest import StartHost
from tests.integration.host.running_host import RunningHost

RUNNING, WAITING = "ctv_host_running", "ctv_host_queue_depth"
PROMPTLY_S = 3.0
"""From the moment when nothing is left to wait for to the process's end, on a busy machine."""


def heard_s(answer: httpx.Response) -> float:
    """Seconds of audio in a WAV of 24 kHz, mono, 16 bits."""
    assert answer.status_code == 200, answer.text
    return (len(answer.content) - 44) / 48_000


def whole(chunks: int) -> object:
    """What `chunks` of 0.1 s last, with the quiet that is put around them."""
    return pytest.approx(chunks / 10 + HEAD_SILENCE_S + TAIL_SILENCE_S, abs=0.001)


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def refuses_connections(host: RunningHost) -> bool:
    try:
        httpx.get(f"{host.url}/health/live")
    except httpx.TransportError:  # refused, or reset: still unaccepted when the listener closed
        return True
    return False


def requests_logged(host: RunningHost) -> list[dict[str, object]]:
    return [line for line in host.log_lines() if line["message"] == "request"]


@pytest.mark.slow
def test_given_eight_streams_when_sigterm_comes_then_all_finish_whole_and_no_other_gets_in(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="20", AT_ONCE="8")
    with ThreadPoolExecutor(8) as callers:
        streams = [callers.submit(host.synthesize, "a", stream=True) for _ in range(8)]
        host.wait_for_metric(RUNNING, 8)

        host.terminate()
        wait_until(lambda: refuses_connections(host))

        assert host.process.poll() is None
        assert not any(stream.done() for stream in streams)
        assert [heard_s(stream.result()) for stream in streams] == [whole(20)] * 8
    assert host.process.wait(PROMPTLY_S) == 0


@pytest.mark.slow
def test_given_requests_that_wait_when_sigterm_comes_then_they_are_spoken_too(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="5")
    with ThreadPoolExecutor(4) as callers:
        answers = [callers.submit(host.synthesize, "a", stream=each % 2 == 0) for each in range(4)]
        host.wait_for_metric(RUNNING, 1)
        host.wait_for_metric(WAITING, 3, priority="live")

        host.terminate()

        assert [heard_s(answer.result()) for answer in answers] == [whole(5)] * 4
    assert host.process.wait(PROMPTLY_S) == 0


@pytest.mark.slow
def test_given_a_delay_when_sigterm_comes_then_it_is_unready_at_once_but_still_serves(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(DRAIN_DELAY_S="1.5")

    host.terminate()
    sent_at = time.monotonic()
    wait_until(lambda: host.client.get("/health/ready").status_code == 503)

    assert time.monotonic() - sent_at < 1
    assert host.client.get("/health/serving").status_code == 503
    assert host.client.get("/health/live").status_code == 200
    assert heard_s(host.synthesize("a")) == whole(4)
    wait_until(lambda: refuses_connections(host))
    assert time.monotonic() - sent_at >= 1.5
    assert host.process.wait(PROMPTLY_S) == 0


def test_given_idle_connections_when_sigterm_comes_then_they_keep_nobody_waiting(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(KEEP_ALIVE_S="60")
    assert host.synthesize("a").headers.get("connection") != "close"

    host.terminate()

    assert host.process.wait(PROMPTLY_S) == 0


def test_given_work_longer_than_the_grace_when_sigterm_comes_then_it_is_cut_off_and_told(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="200", DRAIN_GRACE_S="1", AT_ONCE="2")
    with ThreadPoolExecutor(3) as callers:
        stream = callers.submit(host.synthesize, "a", stream=True)
        host.wait_for_metric(RUNNING, 1)
        recording = callers.submit(host.synthesize, "a")
        host.wait_for_metric(RUNNING, 2)
        waiting = callers.submit(host.synthesize, "a")
        host.wait_for_metric(WAITING, 1, priority="live")

        host.terminate()

        assert host.process.wait(1 + PROMPTLY_S) == 0
        # A stream is visibly incomplete; who has heard nothing yet is told when to come back.
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            stream.result()
        for answer in (recording.result(), waiting.result()):
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
    spoken = [line for line in requests_logged(host) if line["route"] == "/synthesize"]
    assert [line["outcome"] for line in spoken] == ["unavailable"] * 3


@pytest.mark.slow
def test_given_an_engine_that_does_not_stop_when_sigterm_comes_then_the_process_ends_anyway(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="20", CHUNKS="2", DEAF="1", DRAIN_GRACE_S="1")
    with ThreadPoolExecutor(1) as callers:
        stuck = callers.submit(host.synthesize, "a")
        host.wait_for_metric(RUNNING, 1)

        host.terminate()

        # Within what docs/containers.md reckons with: the grace and five seconds.
        assert host.process.wait(1 + 5) == 0
        assert stuck.result().status_code == 503


@pytest.mark.slow
def test_given_a_drain_under_way_when_sigterm_comes_again_then_only_its_delay_is_skipped(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="15", DRAIN_DELAY_S="30")
    with ThreadPoolExecutor(1) as callers:
        stream = callers.submit(host.synthesize, "a", stream=True)
        host.wait_for_metric(RUNNING, 1)
        host.terminate()
        wait_until(lambda: host.client.get("/health/ready").status_code == 503)

        host.terminate()
        wait_until(lambda: refuses_connections(host))
        host.terminate()

        assert heard_s(stream.result()) == whole(15)
    assert host.process.wait(PROMPTLY_S) == 0


def test_given_an_engine_that_loads_when_sigterm_comes_then_the_process_ends_at_once(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(LOADING_S="60", DRAIN_DELAY_S="30", ready=False)
    host.wait_until_alive()

    host.terminate()

    assert host.process.wait(PROMPTLY_S) == 0


def test_given_a_running_stream_when_sigint_comes_then_no_delay_is_waited_for(
    start_paced_host: StartHost,
) -> None:
    host = start_paced_host(PACE_S="0.1", CHUNKS="10", DRAIN_DELAY_S="30")
    with ThreadPoolExecutor(1) as callers:
        stream = callers.submit(host.synthesize, "a", stream=True)
        host.wait_for_metric(RUNNING, 1)

        host.process.send_signal(signal.SIGINT)

        assert heard_s(stream.result()) == whole(10)
    host.process.wait(PROMPTLY_S)
