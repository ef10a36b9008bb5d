"""The plain approach, as the replaced system did it: Flask reads the object and returns its bytes.

On a miss it asks the model host and stores the answer first.

Arguments: the mode (`hits` or `misses`), how many calls, the bucket, the model host's URL. The
variable that HOST_HEADERS names holds what the host wants to see, a key: arguments show in `ps`.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import urllib.request

from benchmarks.cache.timing import HOST_HEADERS, hand_back, time_asking


def main(mode: str, count: int, bucket: str, host_url: str) -> None:
    """Import and make the app (timed), then time `count` calls through its test client."""
    begun = time.perf_counter()
    import boto3  # noqa: PLC0415 (the imports are what is timed)
    from flask import Flask, Response, request  # noqa: PLC0415

    app = Flask(__name__)
    import_s = time.perf_counter() - begun
    s3 = boto3.client("s3")
    host_headers: dict[str, str] = json.loads(os.environ[HOST_HEADERS])

    def speak(text: str) -> bytes:
        asked = urllib.request.Request(  # noqa: S310 (http, given by the benchmark)
            f"{host_url}/synthesize",
            data=json.dumps({"text": text, "format": "wav"}).encode(),
            headers={"Content-Type": "application/json", **host_headers},
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
            audio: bytes = answer.read()
        return audio

    @app.post("/speech")
    def speech() -> Response:
        text = request.get_json()["text"]
        key = f"plain/{hashlib.sha256(text.encode()).hexdigest()}.wav"
        try:
            audio = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            audio = speak(text)
            s3.put_object(Bucket=bucket, Key=key, Body=audio, ContentType="audio/wav")
        return Response(audio, mimetype="audio/wav")

    client = app.test_client()

    def ask(text: str) -> None:
        answer = client.post("/speech", json={"text": text})
        if answer.status_code != 200 or not answer.data:
            raise SystemExit(f"unexpected answer: {answer.status}")

    hand_back({"import_s": import_s, **time_asking(mode, count, ask)})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
