"""`python -m model_host.engines.xtts verify`: a pack against its checkpoint, in figures and by ear.

For whoever has the real weights. What is compared:

- led by the reference's own greedy tokens: latents (signal to noise), tokens that would have been
  chosen otherwise, and the audio of those latents (distance of the log-mel spectrograms);
- speaking freely, as the checkpoint's config samples: duration, and work for a second of speech.

Needs torch and TTS, 4 GB of memory, 3 GB of disk and about ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from model_host.engines.xtts.pack import make_pack
from model_host.engines.xtts.pack_format import Pack, Precision
from model_host.engines.xtts.verify_page import write_page
from model_host.engines.xtts.verify_sides import Figures, measure_pack, measure_reference
from model_host.engines.xtts.voices import VoiceStore

if TYPE_CHECKING:
    from argparse import _SubParsersAction

CALLS = (
    "Senha a zero quarenta e dois, dirija-se ao guichê três.",
    "Atenção, Maria da Silva, consultório cinco.",
    "João Pedro de Oliveira, por favor, compareça à sala de coleta.",
    "Senhora Beatriz Cavalcanti, a doutora Helena aguarda no segundo andar.",
    "Senha pê cento e dezessete, preferencial, guichê um.",
    "Atenção, o atendimento da oftalmologia começa em quinze minutos.",
    "Sebastião dos Anjos, volte à recepção com os seus documentos.",
    "Acompanhante de Ana Luísa, dirija-se à enfermaria do terceiro andar.",
)
"""Calls as a waiting room hears them, normalised: words only."""

Tell = Callable[[str], None]


def register(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser."""
    parser = subparsers.add_parser(
        "verify",
        help="compare a pack with its checkpoint, in figures and by ear",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="DIR")
    parser.add_argument("--reference", type=Path, required=True, metavar="WAV", help="the voice")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    parser.add_argument("--pack", type=Path, metavar="DIR", help="default: an int8 one made in OUT")
    parser.add_argument(
        "--calls",
        type=int,
        choices=range(1, len(CALLS) + 1),
        metavar="N",
        default=len(CALLS),
        help="only the first of them (default: all %(default)s)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare; a table on standard output, `verify.json` and `index.html` in `options.out`.

    Raises:
        EngineUnavailableError: the checkpoint, a pack or the recording is of no use.
        UnusableRecordingError: no voice can be made of the recording.
    """
    started_s = time.monotonic()

    def tell(message: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started_s:5.0f} s  {message}\n")

    options.out.mkdir(parents=True, exist_ok=True)
    packs = _packs(options, tell)
    calls = CALLS[: options.calls]
    voices_dir = options.out / ".voices"
    voice = VoiceStore(packs[0], voices_dir).latents(options.reference)
    reference = measure_reference(options.checkpoint, voice, calls, tell)
    sides = [reference.side]
    for pack in packs:
        tell(f"{pack.manifest.precision}: {len(calls)} calls")
        sides.append(measure_pack(pack, options.reference, voices_dir, calls, reference))
    figures = [side.figures for side in sides]
    told = {"calls": list(calls), "sides": [asdict(one) for one in figures]}
    (options.out / "verify.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    page = write_page(options.out / "index.html", calls, sides)
    sys.stdout.write(f"{table(figures)}\n\nlisten: {page}\n")
    return 0


def table(figures: Sequence[Figures]) -> str:
    """The figures, aligned, one side a line."""
    lines = ["            latents    tokens agreed   log-mel   duration    RTF"]
    for one in figures:
        latents = "-" if one.latents_db is None else f"{one.latents_db:.1f} dB"
        agreed = "-" if one.agreed is None else f"{one.agreed}/{one.tokens}"
        mel = "-" if one.log_mel_db is None else f"{one.log_mel_db:.2f} dB"
        lines.append(
            f"{one.name:<8}{latents:>11}{agreed:>17}{mel:>10}"
            f"{one.duration_s:>9.2f} s{one.rtf:>7.2f}"
        )
    return "\n".join(lines)


def _packs(options: argparse.Namespace, tell: Tell) -> list[Pack]:
    """The pack in question, then one in fp32 unless it is that itself."""
    directory = options.pack or options.out / "pack-int8"
    packs = [_pack(options, directory, "int8", tell)]
    if packs[0].manifest.precision != "fp32":
        packs.append(_pack(options, options.out / "pack-fp32", "fp32", tell))
    return packs


def _pack(options: argparse.Namespace, directory: Path, precision: Precision, tell: Tell) -> Pack:
    if options.pack == directory or directory.exists():
        pack = Pack.open(directory)
        pack.verify_hashes()
        return pack
    return make_pack(options.checkpoint, directory, precision=precision, progress=tell)
