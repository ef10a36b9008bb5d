"""Roman numerals, where the words around them say that they are numbers.

Popes, kings and centuries are ordinals up to ten and cardinals from there on (Cunha and Cintra,
ch. 12): "Pio XII" → "pio doze", "João Paulo II" → "joão paulo segundo".
"""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import unaccented
from model_host.text.portuguese.numbers import cardinal, ordinal

_NUMERAL = r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})"
_VALUES = {"I": 1, "V": 5, "X": 10}

_LABELS = (
    "ala|andar|anexo|ato|bloco|capítulo|categoria|classe|ciclo|distrito|edifício|estágio|etapa|"
    "fase|fator|grau|grupo|lote|módulo|nível|parte|pavilhão|pavimento|portão|prédio|quadra|região|"
    "setor|sala|tipo|título|tomo|torre|unidade|volume|zona|classificação|residencial|parque"
)
_EVENTS = {
    "conferencia": "f", "semana": "f", "jornada": "f", "mostra": "f", "feira": "f", "guerra": "f",
    "reuniao": "f", "edicao": "f", "corrida": "f", "caminhada": "f", "oficina": "f", "copa": "f",
    "bienal": "f",
    "encontro": "m", "congresso": "m", "simposio": "m", "forum": "m", "seminario": "m",
    "concurso": "m", "festival": "m", "curso": "m", "torneio": "m", "ciclo": "m", "mutirao": "m",
    "plano": "m", "reinado": "m", "concilio": "m", "workshop": "m",
}  # fmt: skip
_REGNAL = (
    "pedro|joão|paulo|pio|bento|leão|gregório|clemente|inocêncio|urbano|sisto|luís|luiz|carlos|"
    "henrique|eduardo|jorge|ricardo|guilherme|frederico|napoleão|fernando|filipe|felipe|afonso|"
    "manuel|manoel|maria|isabel|elizabeth|elisabete|catarina|josé|dinis|sancho|alexandre|nicolau|"
    "ramsés|xavier|francisco|adriano|celestino|júlio|marcos"
)

_AFTER_LABEL = re.compile(rf"\b((?i:{_LABELS}|século|séc\.?)\s+)({_NUMERAL})\b")
_AFTER_NAME = re.compile(rf"\b((?i:{_REGNAL})\s+)({_NUMERAL})\b(?!\.\s*[A-Z])")
_AFTER_ANY_NAME = re.compile(
    r"\b([A-ZÀ-Ý][^\W\d_]+\s+)(X{1,2}(?:IX|IV|V?I{1,3})?|IX|IV|VI{1,3}|I{2,3})\b"
)
_BEFORE_EVENT = re.compile(rf"\b({_NUMERAL})\s+(?=([^\W\d_]+))")
_SHOUTED_WORDS = frozenset({"VI", "XI", "XX"})


def romans(text: str) -> str:
    """Numerals of I, V and X, up to 39, behind a label or a name or before an event."""
    text = _AFTER_LABEL.sub(_labelled, text)
    text = _AFTER_NAME.sub(lambda match: match[1] + _of_a_person(_value(match[2])), text)
    text = _BEFORE_EVENT.sub(_of_an_event, text)
    return _AFTER_ANY_NAME.sub(_maybe_of_a_person, text)


def _labelled(match: re.Match[str]) -> str:
    value = _value(match[2])
    century = match[1].lower().startswith("s") and "c" in match[1].lower()[:3]
    return match[1] + (_of_a_person(value) if century else cardinal(value))


def _maybe_of_a_person(match: re.Match[str]) -> str:
    """In a text of capitals "EU VI MARIA" has a verb."""
    if match[1].isupper() and match[2] in _SHOUTED_WORDS:
        return match[0]
    return match[1] + _of_a_person(_value(match[2]))


def _of_an_event(match: re.Match[str]) -> str:
    gender = _EVENTS.get(unaccented(match[2]))
    if gender is None:
        return match[0]
    return ordinal(_value(match[1]), "f" if gender == "f" else "m") + " "


def _of_a_person(value: int) -> str:
    return ordinal(value) if value <= 10 else cardinal(value)  # noqa: PLR2004 - the grammar's


def _value(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    return sum(
        -value if any(value < later for later in values[index + 1 : index + 2]) else value
        for index, value in enumerate(values)
    )
