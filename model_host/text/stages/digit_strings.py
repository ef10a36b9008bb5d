"""Numbers that are said digit by digit: telephones, documents, addresses of machines."""

from __future__ import annotations

import re
from functools import partial

from model_host.text.portuguese.labels import is_place
from model_host.text.portuguese.numbers import cardinal, digits
from model_host.text.stages.neighbours import word_before

_GROUPED = re.compile(
    r"""(?<![\w.,/-])(?!(?:19|20)\d\d-(?:19|20)\d\d\b)(?:
        \d{3}\.\d{3}\.\d{3}-\d{2}                                  # CPF
      | \d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}                            # CNPJ
      | \d{3}[ .]\d{4}[ .]\d{4}[ .]\d{4}                           # CNS
      | \d{1,2}\.\d{3}\.\d{3}-[\dXx]                               # RG
      | \d{2}\.?\d{3}-\d{3}                                        # CEP
      | 0[3589]00[ .-]?\d{3}[ .-]?\d{3,4}                          # 0800
      | (?:\+\d{1,3}[ .-]?)?(?:\(0?\d{2}\)\s?|0?\d{2}[ .-])?9?[ .]?\d{4}[-.]\d{4}
      | (?:\+\d{1,3}[ .-]?)?\(0?\d{2}\)\s?9?[ .]?\d{4}[ ]?\d{4}
      | \d{3}-\d{4}
      | (?!\d{1,3}\.000\.)(?:OCTET\.){3}OCTET                         # IPv4
    )(?![\w/-]|[.,]\d)""".replace("OCTET", r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"),
    re.VERBOSE,
)
_AFTER_A_NAME = re.compile(
    r"\b(tel(?:efone)?s?|fone|cel(?:ular)?|whats(?:app)?|zap|ramal|ext(?:ensão)?|cpf|cnpj|rg|cns|"
    r"cep|pis|nis|crm|coren|cro|cart[aã]o|protocolo|matr[ií]cula|prontu[aá]rio|registro|samu|"
    r"disque|ligue(?:\s+para)?(?:\s+o)?|bombeiros)"
    r"(\.?(?:[-/][A-Z]{2})?(?:\s+(?:n[º°o.]+|do\s+sus))?\s*:?\s*)"
    r"(\d+(?:[ .-]+\d{2,5})*(?:-[\dXx])?)(?![\w:]|[/,]\d)",
    re.IGNORECASE,
)
_CALL_FOR_HELP = re.compile(r"\b(?:ligue|disque|discar|telefone)\b", re.IGNORECASE)
_EMERGENCY = re.compile(r"(?<![\w.,/:-])1[0-9]{2}(?![\w:%/-]|[.,]\d|\s?[ªº°])")
"""The numbers of public services have three digits, the first a one (Anatel, Resolução 749)."""

_LONG = re.compile(
    r"(?<![\w.,-])\+\d{10,15}(?![\w-]|[.,]\d)|(?<![\w.,-])\d{11}(?![\w-]|[.,]\d)|(?<![\w.,-])\d{15,}(?![\w-]|[.,]\d)"
)
_FREE_OF_CHARGE = re.compile(r"0([3589]00)[ .-]?(?=\d)")
_TWO_TELEPHONES = re.compile(r"(\d{4}-\d{4})\s?/\s?(?=\d{4}-\d{4})")
_IP_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def digit_strings(text: str, *, six_as_meia: bool = False) -> str:
    """Telephones, documents and the like, digit by digit, with a pause between their groups.

    Args:
        text: any.
        six_as_meia: say "meia" for six.
    """
    text = _TWO_TELEPHONES.sub(r"\1, ", text)
    say = partial(_groups, six_as_meia=six_as_meia)
    text = _GROUPED.sub(lambda match: say(match[0]), text)
    if _CALL_FOR_HELP.search(text):
        text = _EMERGENCY.sub(
            lambda match: match[0] if is_place(word_before(match)) else say(match[0]), text
        )
    text = _AFTER_A_NAME.sub(lambda match: f"{match[1]}{match[2]}{say(match[3])}", text)
    return _LONG.sub(lambda match: say(match[0]), text)


def _groups(number: str, *, six_as_meia: bool) -> str:
    if free := _FREE_OF_CHARGE.match(number):
        hundreds = cardinal(int(free[1]))
        return f"zero {hundreds}, {_groups(number[free.end() :], six_as_meia=six_as_meia)}"
    parts = [
        "xis" if part in "Xx" else digits(part, six_as_meia=six_as_meia)
        for part in re.findall(r"\d+|[Xx]", number)
    ]
    if _IP_ADDRESS.fullmatch(number):
        return " ponto ".join(parts)
    return ("mais " if number.startswith("+") else "") + ", ".join(parts)
