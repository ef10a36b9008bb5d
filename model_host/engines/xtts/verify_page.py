"""`verify`'s listening page: one HTML file with every recording in it, in Brazilian Portuguese.

It needs no network and no other file, so that it can be sent to whoever is to listen.
"""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Sequence
from html import escape
from pathlib import Path

from model_host.engines.base import Samples
from model_host.engines.xtts.verify_sides import REFERENCE_NAME, Figures, Side

_PCM16_MAX = 32_767

_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.5rem; border-bottom: 1px solid #8888; vertical-align: top; }
audio { width: 100%; min-width: 12rem; }
.scroll { overflow-x: auto; }
:focus-visible { outline: 3px solid #1b6ca8; outline-offset: 2px; }
"""

_NAMES = {REFERENCE_NAME: "Referência (TTS)", "int8": "int8", "int4": "int4", "fp32": "fp32"}


def write_page(path: Path, calls: Sequence[str], sides: Sequence[Side]) -> Path:
    """Write the page; returns its path.

    Args:
        path: of the HTML file.
        calls: what was spoken.
        sides: who spoke it, each with one recording a call.
    """
    path.write_text(_page(calls, sides), encoding="utf-8")
    return path


def _page(calls: Sequence[str], sides: Sequence[Side]) -> str:
    heads = "".join(f'<th scope="col">{_name(side)}</th>' for side in sides)
    rows = "".join(_call(number, call, sides) for number, call in enumerate(calls))
    figures = "".join(_figures(side.figures) for side in sides)
    return f"""<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comparação de vozes: referência e pacotes</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>Comparação de vozes</h1>
<p>Cada frase foi falada pela referência e por cada pacote, com a mesma voz. Como a fala é sorteada,
as entonações diferem entre si; o que importa é se alguma soa pior: chiado, robótica, cortada,
palavras trocadas.</p>
<h2>Ouvir</h2>
<div class="scroll" role="region" aria-label="Gravações" tabindex="0">
<table>
<thead><tr><th scope="col">Frase</th>{heads}</tr></thead>
<tbody>{rows}</tbody>
</table>
</div>
<h2>Medidas</h2>
<div class="scroll" role="region" aria-label="Medidas" tabindex="0">
<table>
<thead><tr><th scope="col">Lado</th>
<th scope="col">Latentes, sinal/ruído</th>
<th scope="col">Escolhas iguais</th>
<th scope="col">Distância log-mel</th>
<th scope="col">Duração de uma frase</th>
<th scope="col">Trabalho por segundo de fala</th></tr></thead>
<tbody>{figures}</tbody>
</table>
</div>
</main>
</body>
</html>
"""


def _call(number: int, call: str, sides: Sequence[Side]) -> str:
    cells = "".join(
        f'<td><audio controls preload="none" aria-label="{escape(call)}: {_name(side)}" '
        f'src="{_data_url(side.speech[number], side.sample_rate_hz)}"></audio></td>'
        for side in sides
    )
    return f'<tr><th scope="row">{escape(call)}</th>{cells}</tr>\n'


def _figures(figures: Figures) -> str:
    agreed = None if figures.agreed is None else f"{figures.agreed} de {figures.tokens}"
    cells = (
        _decimal(figures.latents_db, 1, "dB"),
        agreed or "",
        _decimal(figures.log_mel_db, 2, "dB"),
        _decimal(figures.duration_s, 2, "s"),
        _decimal(figures.rtf, 2, "s"),
    )
    name = escape(_NAMES[figures.name])
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'


def _name(side: Side) -> str:
    return escape(_NAMES[side.figures.name])


def _decimal(value: float | None, digits: int, unit: str) -> str:
    """A number as Brazilians write it; empty where there is none."""
    return "" if value is None else f"{value:.{digits}f} {unit}".replace(".", ",")


def _data_url(samples: Samples, sample_rate_hz: int) -> str:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(sample_rate_hz)
        recording.writeframes((samples.clip(-1, 1) * _PCM16_MAX).astype("<i2").tobytes())
    return "data:audio/wav;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
