"""`python -m infra.images`: build both images, run them, keep what was measured.

Needs root, buildah, runc and debootstrap, and no Docker. The checkpoint is a tiny one with random
weights: what is proved is that everything is in the images that they need.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.engine.machine import describe_machine
from infra.images.build import (
    DEBIAN_PYTHON,
    STORAGE,
    Image,
    build,
    make_debian_python,
    root_of,
    size_bytes,
)
from infra.images.container import Mount
from infra.images.proof import prove_clean, prove_fetching, prove_packing, prove_serving
from infra.images.tools import ImageError, require_tools, run, tell
from infra.local.settings import ROOT

RESULT = ROOT / "benchmarks" / "results" / "images.json"
_STANDIN = STORAGE / "standin"
_MODEL = {
    "CTV_ENV": "prod",
    "REFERENCE_AUDIO": "/app/voice_samples/reference_voice.wav",
    "SPEECH_CHECKS": "basic",  # random weights cannot speak
    "DEFAULT_TIMEOUT_S": "120",  # TTS on a busy machine
}


def main(arguments: list[str] | None = None) -> int:
    """Build, prove, write the result; 1 when something is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m infra.images", description=__doc__)
    parser.add_argument(
        "--base",
        help="image with Python 3.11, such as python:3.11-slim@sha256:…; without it one is made "
        "of Debian's packages",
    )
    parser.add_argument(
        "--torch-index",
        default="",
        help="address of an index of CPU builds of torch; without it pip's own settings name one",
    )
    options = parser.parse_args(arguments)
    try:
        require_tools()
        STORAGE.mkdir(parents=True, exist_ok=True)
        result = prove(options.base, options.torch_index)
    except ImageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    tell(f"all of it works; {RESULT.relative_to(ROOT)}")
    return 0


def prove(base: str | None, torch_index: str) -> dict[str, Any]:
    """Build both stages on `base` and ask them what their users will.

    Raises:
        ImageError: something is not as it must be.
    """
    machine = describe_machine()
    if base is None:
        tell("a base image of Debian's packages")
        make_debian_python()
    _make_checkpoint()
    images = {}
    for stage in ("serve", "pack"):
        tell(f"building {stage}")
        images[stage] = build(stage, base or DEBIAN_PYTHON, torch_index)
    with (
        root_of(images["serve"]) as serve,
        root_of(images["pack"]) as pack,
        TemporaryDirectory(dir=STORAGE) as models,
    ):
        described = {"serve": _describe(images["serve"], serve)}
        described["pack"] = _describe(images["pack"], pack)
        proofs = _prove_all(images, serve, pack, Path(models))
    return {
        "command": "make images",
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine,
        "base": base or "Debian's python3.11, in place of python:3.11-slim",
        "images": described,
        "proofs": proofs,
    }


def _prove_all(
    images: dict[str, Image], serve: Path, pack: Path, models: Path
) -> dict[str, dict[str, Any]]:
    # As a volume that fsGroup has given to the pod's user.
    models.chmod(0o777)
    recording = Mount(_STANDIN / "reference_voice.wav", _MODEL["REFERENCE_AUDIO"])
    proofs = {}
    tell("serve: eSpeak NG speaks")
    proofs["serve_espeak"] = prove_serving(images["serve"], serve, {"ENGINE": "espeak"})
    tell("pack: the fetch program starts")
    proofs["pack_fetch"] = prove_fetching(images["pack"], pack)
    tell("pack: a checkpoint is packed")
    proofs["pack_make"] = prove_packing(images["pack"], pack, _STANDIN / "checkpoint", models)
    tell("serve: XTTS-v2 speaks from that pack")
    xtts = {**_MODEL, "ENGINE": "xtts", "XTTS_MODEL_DIR": "/models/pack"}
    mounts = [Mount(models, "/models"), recording]
    proofs["serve_xtts"] = prove_serving(images["serve"], serve, xtts, mounts)
    tell("pack: TTS's own XTTS-v2 speaks from the checkpoint")
    coqui = {**_MODEL, "ENGINE": "coqui", "XTTS_MODEL_DIR": "/models/checkpoint"}
    mounts = [Mount(_STANDIN, "/models"), recording]
    command = ["python", "-m", "model_host"]
    proofs["pack_coqui"] = prove_serving(images["pack"], pack, coqui, mounts, command)
    return proofs


def _describe(image: Image, root: Path) -> dict[str, Any]:
    prove_clean(root)
    return {"size_mb": size_bytes(root) / 1e6, "user": image.config["User"]}


def _make_checkpoint() -> None:
    if not (_STANDIN / "checkpoint").is_dir():
        run([str(ROOT / ".venv-coqui/bin/python"), "-m", "infra.standin", "tiny", str(_STANDIN)])


if __name__ == "__main__":
    sys.exit(main())
