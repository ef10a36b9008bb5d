"""`python -m benchmarks.speech.run_on`: a run-on before and after the checks, to hear and to see.

eSpeak NG says a call; 0.7 s later it goes on with what nobody asked for, as XTTS does at times. The
checks and the leveller that serve every whole recording make the second file of the first. Writes
docs/audio/run-on-before.mp3 and -after.mp3, and docs/images/run-on.png.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

from benchmarks.speech.voice import spoken
from model_host.audio.codecs import open_encoder
from model_host.audio.formats import SAMPLE_RATE_HZ, AudioFormat
from model_host.audio.levelling import Leveller
from model_host.audio.pauses import HEAD_SILENCE_S, TAIL_SILENCE_S, assembled, silence
from model_host.engines.base import Samples
from model_host.verification.checks import FullChecks, Line

mpl.use("Agg")
from matplotlib import pyplot as plt

DOCS = Path(__file__).parents[2] / "docs"
CALL = "atenção, maria da silva, consultório três."
BABBLE = "ora bora lalá mima zuque trenó pata fofa."
GAP_S = 0.7


def main() -> None:
    """Make both recordings and the picture."""
    call, babble = spoken([CALL, BABBLE])
    said = np.concatenate([silence(HEAD_SILENCE_S), call, silence(GAP_S), babble])
    take = FullChecks(attempts=1).examine(Line("default", CALL), said)
    if not take.ran_on or not take.sound:
        raise RuntimeError("the run-on was not found")
    leveller = Leveller(-23.0)
    after = leveller.whole("default", assembled([take.samples], [TAIL_SILENCE_S]))
    before = leveller.whole("default", said)
    for name, samples in (("before", before), ("after", after)):
        (DOCS / "audio").mkdir(exist_ok=True)
        (DOCS / "audio" / f"run-on-{name}.mp3").write_bytes(_mp3(samples))
    draw(before, after, DOCS / "images" / "run-on.png")


def _mp3(samples: Samples) -> bytes:
    with open_encoder(AudioFormat.MP3, samples_total=len(samples)) as encoder:
        return encoder.encode(samples) + encoder.finish()


def draw(before: Samples, after: Samples, picture: Path) -> None:
    """Write spectrograms, one above the other, where the second ends marked in both."""
    figure, axes = plt.subplots(2, 1, sharex=True, figsize=(9, 5), layout="constrained")
    cut_s = len(after) / SAMPLE_RATE_HZ
    for axis, samples, title in zip(
        axes,
        (before, after),
        (f'"{CALL}" and what follows after {GAP_S} s', "What is answered"),
        strict=True,
    ):
        # 25 ms windows, 6 ms apart: the usual resolution for speech.
        axis.specgram(
            samples + 1e-9,
            NFFT=int(SAMPLE_RATE_HZ * 0.025),
            Fs=SAMPLE_RATE_HZ,
            noverlap=int(SAMPLE_RATE_HZ * 0.019),
            vmin=-140,
        )
        axis.axvline(cut_s, color="red", linestyle="--", label="cut")
        axis.set(title=title, ylabel="Hz")
    axes[0].legend(loc="upper right")
    axes[1].set(xlabel="s", xlim=(0, len(before) / SAMPLE_RATE_HZ))
    figure.savefig(picture, dpi=80)
    plt.close(figure)


if __name__ == "__main__":
    main()
