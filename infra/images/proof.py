"""Asks running images what their users will: to start, to speak, to be told apart, to stop."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from infra.images.build import Image
from infra.images.container import Container, Mount, Run, running
from infra.images.tools import ImageError
from infra.local.processes import free_port

TEXT = "Atenção, Maria da Silva, consultório três"
_START_TIMEOUT_S = 120.0
_PACK_TIMEOUT_S = 300.0
_WAV_HEADER_BYTES, _WAV_BYTES_A_SECOND = 44, 48_000
_SECRETS = ("etc/pip.conf", "run/secrets/pip.conf", "run/secrets/ca.pem")
_BAD_SETTINGS = 78  # sysexits.h: EX_CONFIG


def prove_clean(root: Path) -> None:
    """Check that no build secret is among an image's files.

    Raises:
        ImageError: one is.
    """
    left = [name for name in _SECRETS if (root / name).exists() and (root / name).stat().st_size]
    if left:
        raise ImageError(f"the image holds build secrets: {', '.join(left)}")


def prove_serving(
    image: Image,
    root: Path,
    environment: Mapping[str, str],
    mounts: Sequence[Mount] = (),
    command: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Start the host read-only, let it speak, stop it by SIGTERM; return what was measured.

    Raises:
        ImageError: something is not as it must be.
    """
    port = free_port()
    address = {"HOST": "127.0.0.1", "PORT": str(port), "DRAIN_DELAY_S": "0"}
    how = Run(
        command=command,
        environment={**address, **environment},
        mounts=mounts,
        scratch=("/tmp", "/app/cache_audio"),  # noqa: S108 - in the container
    )
    begun = time.monotonic()
    with (
        running(image, root, how) as container,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=150) as client,
    ):
        _wait_until_ready(container, client)
        ready_s = time.monotonic() - begun
        audio_s = _speak(container, client)
        _prove_confined(container)
        _prove_healthy(container, image)
        exit_code, stop_s = container.stop()
    if exit_code != 0:
        raise ImageError(f"stopping ended with {exit_code}")
    return {"ready_s": ready_s, "audio_s": audio_s, "stop_s": stop_s, "exit_code": exit_code}


def prove_packing(image: Image, root: Path, checkpoint: Path, models: Path) -> dict[str, Any]:
    """Make a pack of a checkpoint as the image's entry point does, in `models`/pack.

    Raises:
        ImageError: it failed.
    """
    mounts = [
        Mount(checkpoint.parent, "/checkpoint"),
        Mount(models, "/models", writable=True),
    ]
    source, recording = f"/checkpoint/{checkpoint.name}", "/checkpoint/reference_voice.wav"
    how = Run(arguments=[source, "/models/pack", "--reference", recording], mounts=mounts)
    begun = time.monotonic()
    with running(image, root, how) as container:
        if container.wait(_PACK_TIMEOUT_S) != 0:
            raise ImageError(f"packing failed:\n{container.log()[-3000:]}")
    return {"pack_s": time.monotonic() - begun}


def prove_fetching(image: Image, root: Path) -> dict[str, Any]:
    """Start the init container's program without settings: it must say so by its exit code.

    Raises:
        ImageError: it did not.
    """
    with running(image, root, Run(command=["python", "-m", "infra.model_fetch"])) as container:
        exit_code = container.wait(_START_TIMEOUT_S)
        if exit_code != _BAD_SETTINGS:
            raise ImageError(f"model_fetch ended with {exit_code}:\n{container.log()[-3000:]}")
    return {"exit_code_without_settings": exit_code}


def _wait_until_ready(container: Container, client: httpx.Client) -> None:
    until = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < until and container.running():
        with suppress(httpx.TransportError):
            if client.get("/health/ready").status_code == httpx.codes.OK:
                return
        time.sleep(0.05)
    raise ImageError(f"the host did not become ready:\n{container.log()[-3000:]}")


def _speak(container: Container, client: httpx.Client) -> float:
    """Seconds of the audio that it answers."""
    answer = client.post("/synthesize", json={"text": TEXT})
    if answer.status_code != httpx.codes.OK or not answer.content.startswith(b"RIFF"):
        raise ImageError(f"no speech: {answer.text[:500]}\n{container.log()[-3000:]}")
    return (len(answer.content) - _WAV_HEADER_BYTES) / _WAV_BYTES_A_SECOND


def _prove_confined(container: Container) -> None:
    writes = "touch /app/x || touch /opt/venv/x || touch /models/x"
    if container.execute(["sh", "-c", writes]) == 0:
        raise ImageError("the root file system can be written")
    if container.execute(["sh", "-c", "test $(id -u) != 0"]) != 0:
        raise ImageError("it runs as root")


def _prove_healthy(container: Container, image: Image) -> None:
    check = image.config.get("Healthcheck")
    # ["CMD", program, argument, …]; an image that is no server has none.
    if check is not None and container.execute(check["Test"][1:]) != 0:
        raise ImageError("HEALTHCHECK fails in a healthy container")
