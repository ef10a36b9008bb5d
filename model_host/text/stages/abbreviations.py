"""Titles, addresses and other shortened words, with the full stop or without it."""

from __future__ import annotations

import re

from model_host.text.portuguese.word_lists import words
from model_host.text.stages.neighbours import word_before

_WITH_OR_WITHOUT_STOP = {
    "dr": "doutor", "dra": "doutora", "drs": "doutores", "dras": "doutoras", "sr": "senhor",
    "sra": "senhora", "srs": "senhores", "sras": "senhoras", "srta": "senhorita",
    "srtas": "senhoritas", "prof": "professor", "profa": "professora", "profs": "professores",
    "enf": "enfermeiro", "enfa": "enfermeira", "exmo": "excelentíssimo", "exma": "excelentíssima",
    "ilmo": "ilustríssimo", "ilma": "ilustríssima", "sto": "santo", "sta": "santa",
    "stos": "santos", "av": "avenida", "pça": "praça", "pca": "praça", "trav": "travessa",
    "rod": "rodovia", "apto": "apartamento", "aptos": "apartamentos", "qd": "quadra",
    "cj": "conjunto", "jd": "jardim", "dpto": "departamento", "depto": "departamento",
    "jr": "júnior", "ltda": "limitada", "cia": "companhia", "hosp": "hospital", "fco": "francisco",
    "tel": "telefone", "tels": "telefones", "obs": "observação", "etc": "etcétera", "vc": "você",
    "vcs": "vocês", "pq": "porque", "qdo": "quando", "mto": "muito", "tb": "também",
    "pcte": "paciente", "pctes": "pacientes", "hs": "horas", "hrs": "horas",
}  # fmt: skip
_NEED_STOP = {
    "est": "estrada", "ed": "edifício", "bl": "bloco", "lt": "lote", "vl": "vila",
    "ap": "apartamento", "pq": "parque", "sgt": "sargento", "cel": "coronel", "gen": "general",
    "maj": "major", "téc": "técnico", "farm": "farmacêutico", "fisio": "fisioterapeuta",
    "psic": "psicólogo", "nutr": "nutricionista", "med": "médico", "amb": "ambulatório",
    "consult": "consultório", "cons": "consultório", "atend": "atendimento", "pac": "paciente",
    "gui": "guichê", "sl": "sala", "recep": "recepção", "odont": "odontólogo", "pág": "página",
    "pag": "página", "págs": "páginas", "art": "artigo", "núm": "número", "num": "número",
    "séc": "século", "aprox": "aproximadamente", "máx": "máximo", "mín": "mínimo",
    "gov": "governador", "pres": "presidente", "dep": "deputado", "sen": "senador",
    "mons": "monsenhor", "rev": "reverendo", "cód": "código", "cod": "código", "ref": "referência",
    "resp": "responsável", "temp": "temperatura", "sat": "saturação", "val": "validade",
    "ex": "exemplo", "co": "companhia", "ltd": "limitada", "st": "santo", "univ": "universidade",
    "lab": "laboratório", "sec": "secretaria", "min": "minutos", "seg": "segunda", "qua": "quarta",
    "qui": "quinta", "sex": "sexta", "sáb": "sábado", "dom": "domingo", "ext": "extensão",
    "jan": "janeiro", "fev": "fevereiro", "abr": "abril", "jun": "junho", "jul": "julho",
    "ago": "agosto", "nov": "novembro",
}  # fmt: skip
"""None of them is a word by itself: "dez.", "set.", "ver." end sentences."""

_SIGNED = {
    "drª": "doutora", "dr.ª": "doutora", "srª": "senhora", "sr.ª": "senhora",
    "profª": "professora", "prof.ª": "professora", "enfª": "enfermeira", "enf.ª": "enfermeira",
    "dr(a)": "doutor ou doutora", "dr.(a)": "doutor ou doutora", "sr(a)": "senhor ou senhora",
    "sr.(a)": "senhor ou senhora", "mª": "maria", "nº": "número", "n°": "número", "n.º": "número",
    "n.°": "número", "nºs": "números", "s/a": "esse á", "dr.º": "doutor", "drº": "doutor",
    "sr.º": "senhor", "srº": "senhor", "s/n": "sem número", "s/nº": "sem número", "e/ou": "e ou",
    "p.ex": "por exemplo",
}  # fmt: skip

_RANKS = {
    "mal": "marechal", "ver": "vereador", "al": "alameda", "vig": "vigário", "brig": "brigadeiro",
    "alm": "almirante", "cap": "capitão", "ten": "tenente", "des": "desembargador", "pe": "padre",
    "fr": "frei", "dom": "dom", "gal": "general", "ir": "irmã", "eng": "engenheiro", "cb": "cabo",
    "sd": "soldado", "pr": "pastor", "adv": "advogado", "ass": "assistente",
}  # fmt: skip
"""Some of them are words by themselves, so a name must follow."""

_MINISTRY = re.compile(r"\b[Mm]in\.\s+(?=d[aeo]s?\s+[A-ZÀ-Ý])")
_RANK = re.compile(rf"(?<![\w.@/-])((?i:{'|'.join(_RANKS)}))\.(?=\s+[A-ZÀ-Ý])")
_SIGNS = frozenset("ª°º(/#.")
_WORD = re.compile(r"(?<![\w.@/-])([^\W\d_]{2,7})(\.?)(?![\w@(ª/]|\.\w)")
_WITH_SIGNS = re.compile(
    r"(?<![\w.@/])(?P<sign>"
    + "|".join(sorted(map(re.escape, _SIGNED), key=len, reverse=True))
    + r")\.?(?![^\W\d]|@)",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(?<![\w.@/])([cps])/\s?(?=[^\W_])(?!nº?\b)", re.IGNORECASE)
_BEFORE_SLASH = {"c": "com ", "p": "para ", "s": "sem "}
_NUMBER_SIGN = re.compile(r"(?<!\w)(?:n\.|no\.|#)\s?(?=\d)", re.IGNORECASE)
_GLUED = re.compile(r"(?<![\w.@])([^\W\d_]{2,5})\.(?=[A-ZÀ-Ý][a-zà-ÿ])")
_OUR_LADY = re.compile(r"(?<!\w)N(?:\.|ª)?\s?S(?:ra\.?|rª|\.)(?=\s)")
_NURSING = re.compile(r"\bt[ée]c\.?\s?(?:de\s+)?enf(?:\.|\b)", re.IGNORECASE)
_OF_ONE_LETTER = re.compile(r"(?<![\w.'])([RDSPrdp])\.\s+(?=([^\W\d_]+|\d)(,?))")
_SAID_OF_ONE_LETTER = {"R": "rua", "D": "dona", "S": "são", "P": "padre"}
_NAMED_AFTER_PERSONS = words(
    "rua avenida av praça travessa hospital escola colégio maternidade igreja bairro vila"
)
_PARTICLES = words("da das de do dos")
_SHORTEST_NAME = 3
_END = re.compile(r"\s*$")
_CAPITAL = re.compile(r"\s+[A-ZÀ-Ý]")
_KINGS = words("pedro joão manuel sebastião helder paulo bosco")
_KEEPS_ITS_STOP = words("etc ltda cia jr hs hrs apto tel")


def abbreviations(text: str) -> str:
    """Say them in full: "Dra. Ana" → "doutora Ana", "R. Bahia, nº 5" → "rua Bahia, número 5"."""
    if "." in text:
        text = _OF_ONE_LETTER.sub(_of_one_letter, text)
        text = _NURSING.sub("técnico de enfermagem", text)
        text = text if text.islower() else _before_names(text)
    if not _SIGNS.isdisjoint(text):
        text = _WITH_SIGNS.sub(lambda match: _SIGNED[match["sign"].lower()], text)
        text = _SLASHED.sub(lambda match: _BEFORE_SLASH[match[1].lower()], text)
        text = _NUMBER_SIGN.sub("número ", text)
    return _WORD.sub(_word, text)


def _before_names(text: str) -> str:
    """Those that are words, or nothing at all, unless a name in capitals follows."""
    text = _GLUED.sub(_unglued, text)
    text = _OUR_LADY.sub("nossa senhora", text)
    text = _MINISTRY.sub("ministério ", text)
    return _RANK.sub(lambda match: _RANKS[match[1].lower()], text)


def _unglued(match: re.Match[str]) -> str:
    known = match[1].lower() in _WITH_OR_WITHOUT_STOP
    return f"{match[0]} " if known else match[0]


def _word(match: re.Match[str]) -> str:
    written = match[1].lower()
    said = _WITH_OR_WITHOUT_STOP.get(written)
    if match[2]:
        said = _NEED_STOP.get(written, said)
    return said + _kept_stop(match, written) if said else match[0]


def _kept_stop(match: re.Match[str], written: str) -> str:
    """A full stop at the very end of the text, or before a new sentence, ends that as well."""
    if not match[0].endswith("."):
        return ""
    at_the_end = _END.match(match.string, match.end())
    new_sentence = written in _KEEPS_ITS_STOP and _CAPITAL.match(match.string, match.end())
    return "." if at_the_end or new_sentence else ""


def _of_one_letter(match: re.Match[str]) -> str:
    """Behind a name in capitals "R." and "D." are initials: "Ana D. Lima"."""
    before, named, letter = word_before(match), match[2], match[1].upper()
    if before[:1].isupper() and before.lower() not in _NAMED_AFTER_PERSONS:
        return match[0]
    if letter == "R":
        street = len(named) >= _SHORTEST_NAME or named in _PARTICLES or named.isdecimal()
        return "rua " if street or match[3] else match[0]
    # In small letters only at the start of all: "item d. depois" is a list.
    if not (named[:1].isupper() or match.start() == 0) or len(named) == 1:
        return match[0]
    king = letter == "D" and named.lower() in _KINGS
    return "dom " if king else f"{_SAID_OF_ONE_LETTER[letter]} "
