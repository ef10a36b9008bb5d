"""What the host promises its callers, over real HTTP with the real embedded engine."""

from __future__ import annotations

import io
import json
import re
import socket
from typing import Any

import av
import httpx
import numpy as np
import pytest
import soundfile
from openai import BadRequestError, OpenAI, UnprocessableEntityError

from tests.integration.host.running_host import RunningHost

NAME = "Maria Aparecida da Conceição"
CALL = f"{NAME}, consultório três."
MEDIA_TYPES = {
    "wav": "audio/wav",
    "pcm": "audio/pcm;rate=24000",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
}
CODECS = {"wav": "pcm_s16le", "flac": "flac", "mp3": "mp3float", "opus": "opus", "aac": "aac"}


def decode(data: bytes, audio_format: str) -> tuple[np.ndarray, int]:
    """Decode with PyAV; returns samples, shape (n,), ±1.0, and the rate."""
    if audio_format == "pcm":
        return np.frombuffer(data, "<i2") / 32768, 24_000
    with av.open(io.BytesIO(data), mode="r") as container:
        stream = container.streams.audio[0]
        assert CODECS[audio_format] in {stream.codec_context.name, "mp3float"}
        resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
        frames = [
            part
            for frame in [*container.decode(audio=0), None]
            for part in resampler.resample(frame)
        ]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]), stream.rate


def assert_speech(data: bytes, audio_format: str, duration_s: float) -> None:
    samples, rate_hz = decode(data, audio_format)
    assert rate_hz == (48_000 if audio_format == "opus" else 24_000)
    assert len(samples) / rate_hz == pytest.approx(duration_s, abs=0.13)
    assert np.abs(samples).max() > 0.2
    assert np.sqrt(np.mean(samples**2)) > 0.03


def assert_problem(response: httpx.Response, status: int, *fields: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "request_id"} <= set(problem)
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["x-request-id"]
    assert [error["field"] for error in problem.get("errors", [])] == list(fields)
    return problem


def test_given_a_running_host_when_asked_for_health_then_the_old_keys_stand_exactly(
    host: RunningHost,
) -> None:
    assert host.client.get("/health").text == ('{"device":"cpu","model_loaded":true,"status":"ok"}')
    assert host.client.get("/health/live").status_code == 200
    assert host.client.get("/health/ready").json() == {"status": "ready"}
    assert host.client.get("/health/serving").json() == {"status": "serving"}


def test_given_a_running_host_when_asked_what_speaks_then_it_tells_the_truth(
    host: RunningHost,
) -> None:
    info = host.client.get("/info").json()

    assert list(info)[:5] == ["device", "model", "model_loaded", "reference_audio", "temp_dir"]
    assert list(info)[5:] == [
        "engine", "fingerprint", "lexicon", "sample_rate_hz", "languages", "voices",
        "default_voice", "formats", "version", "limits", "versions", "engine_details",
    ]  # fmt: skip
    assert info["engine"] == "espeak"
    assert "xtts" not in info["model"]
    assert re.fullmatch(r"[0-9a-f]{16}", info["fingerprint"])
    assert info["limits"] == {"text_chars_max": 1000, "speed_min": 0.5, "speed_max": 2.0}
    voices = host.client.get("/v1/voices").json()["voices"]
    assert [v["id"] for v in voices] == [v["id"] for v in info["voices"]]
    assert [v["id"] for v in voices if v["default"]] == [info["default_voice"]]


@pytest.mark.parametrize("audio_format", list(MEDIA_TYPES))
def test_given_each_format_when_spoken_whole_then_it_decodes_to_speech_of_the_stated_length(
    host: RunningHost, audio_format: str
) -> None:
    response = host.synthesize(CALL, format=audio_format)

    assert response.status_code == 200
    assert response.headers["content-type"] == MEDIA_TYPES[audio_format]
    assert int(response.headers["content-length"]) == len(response.content)
    assert response.headers["ctv-engine"] == "espeak"
    assert response.headers["ctv-voice"] == "default"
    assert response.headers["ctv-fingerprint"] == host.client.get("/info").json()["fingerprint"]
    assert re.fullmatch(r"\d+\.\d{3}", response.headers["ctv-duration"])
    assert_speech(response.content, audio_format, float(response.headers["ctv-duration"]))


@pytest.mark.parametrize("audio_format", list(MEDIA_TYPES))
def test_given_each_format_when_streamed_then_it_is_chunked_and_decodes_to_the_same_speech(
    host: RunningHost, audio_format: str
) -> None:
    whole_s = float(host.synthesize(CALL).headers["ctv-duration"])

    response = host.synthesize(CALL, format=audio_format, stream=True)

    assert response.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in response.headers
    assert "ctv-duration" not in response.headers
    assert_speech(response.content, audio_format, whole_s)


def test_given_a_whole_wav_when_opened_by_another_library_then_it_is_24_khz_mono_16_bit(
    host: RunningHost,
) -> None:
    info = soundfile.info(io.BytesIO(host.synthesize(CALL).content))

    assert (info.samplerate, info.channels, info.subtype) == (24_000, 1, "PCM_16")


def test_given_the_old_callers_body_when_posted_then_it_still_speaks(host: RunningHost) -> None:
    response = host.client.post("/synthesize", json={"text": CALL, "language": "pt"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "audio/wav"


def test_given_voice_and_speed_when_spoken_then_both_are_heard(host: RunningHost) -> None:
    usual, quick = host.synthesize(CALL), host.synthesize(CALL, speed=2.0)
    other = host.synthesize(CALL, voice="female")

    ratio = float(quick.headers["ctv-duration"]) / float(usual.headers["ctv-duration"])
    assert ratio == pytest.approx(0.5, rel=0.15)
    assert other.headers["ctv-voice"] == "female"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"text": "Maria\u0007"}, ["text"]),
        ({"text": "Maria \u202e"}, ["text"]),
        ({"text": ""}, ["text"]),
        ({"text": "?!"}, ["text"]),
        ({"text": "á" * 1001}, ["text"]),
        ({"text": 5}, ["text"]),
        ({}, ["text"]),
        ({"text": "a", "language": "en"}, ["language"]),
        ({"text": "a", "voice": "alloy"}, ["voice"]),
        ({"text": "a", "format": "ogg"}, ["format"]),
        ({"text": "a", "speed": 0.4}, ["speed"]),
        ({"text": "a", "speed": 2.1}, ["speed"]),
        ({"text": "a", "seed": -1}, ["seed"]),
        ({"text": "a", "stream": 1}, ["stream"]),
        ({"text": "a", "candidates": 9}, ["candidates"]),
        ({"text": "a", "stream": True, "candidates": 2}, ["candidates"]),
        ({"text": "a", "emotion": "sad"}, ["emotion"]),
        ({"text": "a", "speed": 9, "format": "x"}, ["format", "speed"]),
    ],
)
def test_given_a_wrong_field_when_posted_then_a_problem_names_it(
    host: RunningHost, body: dict[str, Any], fields: list[str]
) -> None:
    problem = assert_problem(host.client.post("/synthesize", json=body), 422, *fields)

    if fields[0] in {"language", "voice", "format", "speed"}:
        assert all(error["allowed"] for error in problem["errors"])
    assert "Maria" not in json.dumps(problem)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"text": "a"', 400),
        (b"", 400),
        (b'"text"', 400),
        (b"[]", 400),
        (b'{"text": "a", "speed": NaN}', 400),
        (b'{"text": "\xff"}', 400),
        (b"[" * 60_000, 400),
        (b'{"speed": ' + b"9" * 5000 + b"}", 400),
        (b'{"text": "a\\ud800"}', 422),
        (b'{"text": "a", "speed": 1e999}', 422),
    ],
    ids=["cut", "empty", "string", "array", "nan", "latin1", "deep", "digits", "half", "infinite"],
)
def test_given_a_body_that_is_no_request_when_posted_then_it_is_refused(
    host: RunningHost, content: bytes, status: int
) -> None:
    response = host.client.post(
        "/synthesize", content=content, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "media_type", ["text/plain", "", "application/json; charset=latin-1", "multipart/form-data"]
)
def test_given_another_media_type_when_posted_then_415_names_what_is_allowed(
    host: RunningHost, media_type: str
) -> None:
    response = host.client.post(
        "/synthesize", content=b'{"text":"a"}', headers={"Content-Type": media_type}
    )

    problem = assert_problem(response, 415, "Content-Type")
    assert problem["errors"][0]["allowed"] == ["application/json"]


@pytest.mark.parametrize("size", [65_537, 5_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_given_a_body_too_large_when_posted_then_413_however_it_is_framed(
    host: RunningHost, size: int, chunked: bool
) -> None:
    body = b'{"text":"' + b"a" * size + b'"}'
    content = iter([body[i : i + 8192] for i in range(0, len(body), 8192)]) if chunked else body

    response = httpx.post(
        f"{host.url}/synthesize", content=content, headers={"Content-Type": "application/json"}
    )

    problem = assert_problem(response, 413, "Content-Length")
    assert problem["errors"][0]["allowed"] == {"maximum": 65_536}


def test_given_a_declared_length_too_large_when_only_announced_then_413_comes_at_once(
    host: RunningHost,
) -> None:
    url = httpx.URL(host.url)
    with socket.create_connection((url.host, url.port or 80), timeout=2) as client:
        client.sendall(
            b"POST /synthesize HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
        )

        assert client.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("CTV-Priority", "urgent"),
        ("CTV-Timeout", "soon"),
        ("CTV-Timeout", "0"),
        ("CTV-Timeout", "-1"),
        ("CTV-Timeout", "nan"),
        ("CTV-Timeout", "601"),
        ("X-Request-Id", "a b"),
        ("X-Request-Id", "x" * 129),
    ],
)
def test_given_a_wrong_header_when_posted_then_400_names_it(
    host: RunningHost, header: str, value: str
) -> None:
    assert_problem(host.synthesize("a", headers={header: value}), 400, header)


def test_given_a_request_id_when_posted_then_it_comes_back(host: RunningHost) -> None:
    asked = host.synthesize("oi", headers={"X-Request-Id": "call-1.a_B"})
    refused = host.synthesize("", headers={"X-Request-Id": "call-2"})

    assert asked.headers["x-request-id"] == "call-1.a_B"
    assert refused.json()["request_id"] == "call-2"


def test_given_an_unknown_path_or_method_when_asked_then_it_is_a_problem_too(
    host: RunningHost,
) -> None:
    assert_problem(host.client.get("/nothing"), 404)
    refused = host.client.delete("/synthesize")
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "POST"


@pytest.fixture
def openai(host: RunningHost) -> OpenAI:
    return OpenAI(base_url=f"{host.url}/v1", api_key="unused", max_retries=0)


@pytest.mark.parametrize("audio_format", list(MEDIA_TYPES))
def test_given_the_openai_client_when_it_asks_for_each_format_then_it_gets_speech(
    host: RunningHost, openai: OpenAI, audio_format: Any
) -> None:
    whole_s = float(host.synthesize(CALL).headers["ctv-duration"])

    answer = openai.audio.speech.create(
        model="tts-1", voice="default", input=CALL, response_format=audio_format
    )

    assert_speech(answer.content, audio_format, whole_s)


def test_given_the_openai_client_when_it_streams_then_the_pieces_are_an_mp3(
    host: RunningHost, openai: OpenAI
) -> None:
    whole_s = float(host.synthesize(CALL).headers["ctv-duration"])

    with openai.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="female", input=CALL, instructions="Fale com calma."
    ) as answer:
        assert answer.headers["content-type"] == "audio/mpeg"
        pieces = list(answer.iter_bytes())

    assert_speech(b"".join(pieces), "mp3", whole_s)


def test_given_the_openai_client_when_its_voice_is_unknown_then_its_error_names_ours(
    openai: OpenAI,
) -> None:
    with pytest.raises(UnprocessableEntityError, match="default, female") as refused:
        openai.audio.speech.create(model="tts-1", voice="alloy", input=CALL)

    assert refused.value.param == "voice"
    assert NAME not in str(refused.value)


def test_given_the_openai_client_when_it_asks_for_events_then_it_is_told_what_streams(
    openai: OpenAI,
) -> None:
    with pytest.raises(UnprocessableEntityError, match="stream_format"):
        openai.audio.speech.create(model="tts-1", voice="default", input=CALL, stream_format="sse")


def test_given_openais_route_when_the_header_is_wrong_then_its_client_shows_which(
    openai: OpenAI,
) -> None:
    with pytest.raises(BadRequestError, match="CTV-Priority"):
        openai.audio.speech.create(
            model="tts-1", voice="default", input=CALL, extra_headers={"CTV-Priority": "x"}
        )


def test_given_the_document_when_read_then_every_speaking_route_tells_its_errors(
    host: RunningHost,
) -> None:
    document = host.client.get("/openapi.json").json()

    for path in ("/synthesize", "/v1/audio/speech"):
        operation = document["paths"][path]["post"]
        assert set(operation["responses"]) == {
            "200", "400", "413", "415", "422", "500", "503", "504",
        }  # fmt: skip
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema["examples"]
    assert host.client.get("/docs").status_code == 404


def test_given_all_these_requests_when_the_log_is_read_then_no_line_holds_a_text(
    host: RunningHost,
) -> None:
    host.synthesize(CALL, headers={"X-Request-Id": "privacy-1"})
    host.synthesize(CALL, emotion=NAME, headers={"X-Request-Id": "privacy-2"})
    host.client.post("/synthesize", content=f'{{"text": "{NAME}'.encode())
    host.client.get(f"/{NAME}", params={"text": NAME})

    log = host.log_path.read_text() + json.dumps(host.log_lines(), ensure_ascii=False)
    assert "Aparecida" not in log
    assert "Concei" not in log
    (line,) = [line for line in host.log_lines() if line.get("request_id") == "privacy-1"]
    assert line["text_chars"] == len(CALL)
    assert set(line) >= {
        "route", "status", "format", "voice", "priority", "queue_wait_s", "synthesis_s",
        "audio_s", "rtf", "outcome",
    }  # fmt: skip
    assert "Aparecida" not in host.client.get("/metrics").text
