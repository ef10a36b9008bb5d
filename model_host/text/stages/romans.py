"""Roman numerals, where the words around them say that they are numbers.

Popes, kings and centuries are ordinals up to ten and cardinals from there on (Cunha and Cintra,
"Nova Gramática do Português Contemporâneo", ch. 12): "Pio XII" → "pio doze", "João Paulo II" →
"joão paulo segundo".
"""

from __future__ import annotations

import re

from model_host.text.portuguese.labels import is_place
from model_host.text.portuguese.letters import spelled, unaccented
from model_host.text.portuguese.numbers import Gender, cardinal, ordinal
from model_host.text.portuguese.word_lists import words
from model_host.text.stages.neighbours import word_after, word_before

_NUMERAL = re.compile(r"(?<![\w'])(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})(?![\w'º°ª])")
_VALUES = {"I": 1, "V": 5, "X": 10}
_LAST_ORDINAL = 10
_MONTH_BEHIND = re.compile(
    r"\s+de\s+(?:janeiro|fevereiro|março|abril|maio|ju[nl]ho|agosto|(?:set|out|nov|dez)\w*bro)\b",
    re.IGNORECASE,
)
"""Streets are named after days: "Rua XV de Novembro"."""

_LABELS = words(
    """
    ato capitulo ciclo classificacao conjunto distrito edificio estagio etapa fase grau jardim
    modulo parque parte pavimento regiao residencial titulo tomo vila volume
    """
)
"""Beside those of places and kinds."""

_EVENTS: dict[str, Gender] = {
    **dict.fromkeys(
        words(
            """
            bienal caminhada conferencia copa corrida edicao feira guerra jornada mostra oficina
            reuniao semana
            """
        ),
        "f",
    ),
    **dict.fromkeys(
        words(
            """
            ciclo concilio concurso congresso curso encontro festival forum mutirao plano reinado
            seminario simposio torneio workshop
            """
        ),
        "m",
    ),
}
_PERSONS = words(
    """
    adriano afonso alexandre bento carlos catarina celestino clemente dinis eduardo elisabete
    elizabeth felipe fernando filipe francisco frederico gregorio guilherme henrique inocencio
    isabel joao jorge jose julio leao luis luiz manoel manuel marcos maria napoleao nicolau paulo
    pedro pio ramses ricardo sancho sisto urbano xavier
    """
)
_CENTURY = frozenset({"seculo", "sec"})
_ONE_LETTER = frozenset("IVX")
_SHOUTED_WORDS = words("VI XI XX")


def romans(text: str) -> str:
    """Numerals of I, V and X, up to 39, behind a label or a name or before an event."""
    return _NUMERAL.sub(_said, text)


def _said(match: re.Match[str]) -> str:
    before = word_before(match)
    named, value = unaccented(before), _value(match[0])
    labelled = named in _LABELS or is_place(before)
    if labelled and match[0] == "X":
        return spelled(match[0])
    if labelled or _MONTH_BEHIND.match(match.string, match.end()):
        return cardinal(value)
    if named in _CENTURY or named in _PERSONS:
        return _of_a_person(value)
    if gender := _EVENTS.get(unaccented(word_after(match))):
        return ordinal(value, gender)
    # Behind any other name; but in a text of capitals "EU VI MARIA" has a verb.
    a_word = match[0] in _ONE_LETTER or (before.isupper() and match[0] in _SHOUTED_WORDS)
    return _of_a_person(value) if before[:1].isupper() and not a_word else match[0]


def _of_a_person(value: int) -> str:
    return ordinal(value) if value <= _LAST_ORDINAL else cardinal(value)


def _value(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    return sum(
        -value if any(value < later for later in values[index + 1 : index + 2]) else value
        for index, value in enumerate(values)
    )
