"""`make say`: speak one text through the running stack and play it if this machine can."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from infra.local.api_client import ApiClient
from infra.local.settings import ROOT, LocalRunError, LocalSettings
from infra.local.stack_file import StackFile

PLAYERS = (
    ["paplay"],
    ["aplay", "-q"],
    ["afplay"],
    ["ffplay", "-nodisp", "-autoexit", "-v", "error"],
)
PLAYER_TIMEOUT_S = 120


def run(settings: LocalSettings, text: str) -> None:
    """Speak `text`, write `out/say.wav`, play it."""
    if not text.strip():
        raise LocalRunError('Nothing to say: make say TEXT="Atenção, senha A042, guichê 2"')
    target = ROOT / "out" / "say.wav"
    target.parent.mkdir(exist_ok=True)
    with ApiClient(StackFile.read(settings.stack_file)) as api:
        begun = time.monotonic()
        answer = api.speak({"text": text, "format": "wav"})
        waited_s = time.monotonic() - begun
        target.write_bytes(api.download(answer))
    source = "from the cache" if answer["cached"] else "spoken now"
    print(f"{answer['duration_s']:.2f} s of speech, {source}, after {waited_s:.2f} s: {target}")
    _play(target)


def _play(path: Path) -> None:
    player = next((player for player in PLAYERS if shutil.which(player[0])), None)
    if player is None:
        print("No audio player found here; open the file to hear it.")
        return
    done = subprocess.run(
        [*player, str(path)], check=False, capture_output=True, timeout=PLAYER_TIMEOUT_S
    )
    if done.returncode != 0:
        print("This machine could not play it; open the file to hear it.")
