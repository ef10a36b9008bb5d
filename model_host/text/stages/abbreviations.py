"""Titles, addresses and other shortened words, with the full stop or without it."""

from __future__ import annotations

import re

from model_host.text.portuguese.word_lists import words

_WITH_OR_WITHOUT_STOP = {
    "dr": "doutor", "dra": "doutora", "drs": "doutores", "dras": "doutoras", "sr": "senhor",
    "sra": "senhora", "srs": "senhores", "sras": "senhoras", "srta": "senhorita",
    "srtas": "senhoritas", "prof": "professor", "profa": "professora", "profs": "professores",
    "enf": "enfermeiro", "enfa": "enfermeira", "exmo": "excelentíssimo", "exma": "excelentíssima",
    "ilmo": "ilustríssimo", "ilma": "ilustríssima", "sto": "santo", "sta": "santa",
    "stos": "santos", "av": "avenida", "pça": "praça", "pca": "praça", "trav": "travessa",
    "rod": "rodovia", "apto": "apartamento", "aptos": "apartamentos", "qd": "quadra",
    "cj": "conjunto", "jd": "jardim", "dpto": "departamento", "depto": "departamento",
    "jr": "júnior", "ltda": "limitada", "cia": "companhia", "hosp": "hospital", "tel": "telefone",
    "tels": "telefones", "obs": "observação", "etc": "etcétera", "vc": "você", "vcs": "vocês",
    "pq": "porque", "qdo": "quando", "mto": "muito", "tb": "também", "pcte": "paciente",
    "pctes": "pacientes", "hs": "horas", "hrs": "horas",
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
    "resp": "responsável", "univ": "universidade", "lab": "laboratório", "sec": "secretaria",
    "min": "minutos", "seg": "segunda", "qua": "quarta", "qui": "quinta", "sex": "sexta",
    "sáb": "sábado", "dom": "domingo", "ext": "extensão", "jan": "janeiro", "fev": "fevereiro",
    "abr": "abril", "jun": "junho", "jul": "julho", "ago": "agosto", "nov": "novembro",
}  # fmt: skip
"""None of them is a word by itself: "dez.", "set.", "ver." end sentences."""

_SIGNED = {
    "drª": "doutora", "dr.ª": "doutora", "srª": "senhora", "sr.ª": "senhora",
    "profª": "professora", "prof.ª": "professora", "enfª": "enfermeira", "enf.ª": "enfermeira",
    "dr(a)": "doutor ou doutora", "dr.(a)": "doutor ou doutora", "sr(a)": "senhor ou senhora",
    "sr.(a)": "senhor ou senhora", "mª": "maria", "nº": "número", "n°": "número", "n.º": "número",
    "n.°": "número", "nºs": "números", "s/n": "sem número", "s/nº": "sem número", "e/ou": "e ou",
    "p.ex": "por exemplo",
}  # fmt: skip

_RANKS = {
    "mal": "marechal", "ver": "vereador", "al": "alameda", "vig": "vigário",
    "brig": "brigadeiro", "alm": "almirante", "cap": "capitão", "ten": "tenente",
    "des": "desembargador", "pe": "padre", "fr": "frei", "dom": "dom",
}  # fmt: skip
"""Some of them are words by themselves, so a name must follow."""

_MINISTRY = re.compile(r"\b[Mm]in\.\s+(?=d[aeo]s?\s+[A-ZÀ-Ý])")
_RANK = re.compile(rf"(?<![\w.@/-])((?i:{'|'.join(_RANKS)}))\.(?=\s+[A-ZÀ-Ý])")
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
_AT_A_START = r"(?P<before>^|[,;:(]\s*|\b[a-zà-ÿ]+\s+)"
"""Behind a name in capitals an "R." or a "D." is an initial."""

_GLUED = re.compile(r"(?<![\w.@])([^\W\d_]{2,5})\.(?=[A-ZÀ-Ý][a-zà-ÿ])")
_STREET = re.compile(_AT_A_START + r"[Rr]\.\s+(?=[^\W\d_]{3,}|d[aeo]s?\b|\d|[A-Z],)")
_PERSON = re.compile(
    _AT_A_START + r"(?P<letter>[DSPdp])\.\s+(?=(?P<next>[A-ZÀ-Ý][^\W\d_]+|(?<=^d\. )[^\W\d_]{2,}))"
)
_PERSONS = {"D": "dona", "S": "são", "P": "padre"}
_KINGS = words("pedro joão manuel sebastião helder paulo bosco")
_KEEPS_ITS_STOP = words("etc ltda cia jr hs hrs apto tel")


def abbreviations(text: str) -> str:
    """Say them in full: "Dra. Ana" → "doutora Ana", "R. Bahia, nº 5" → "rua Bahia, número 5"."""
    text = _GLUED.sub(_unglued, text)
    text = _STREET.sub(r"\g<before>rua ", text)
    text = _PERSON.sub(_person, text)
    text = _MINISTRY.sub("ministério ", text)
    text = _RANK.sub(lambda match: _RANKS[match[1].lower()], text)
    text = _WITH_SIGNS.sub(lambda match: _SIGNED[match["sign"].lower()], text)
    text = _SLASHED.sub(lambda match: _BEFORE_SLASH[match[1].lower()], text)
    text = _WORD.sub(_word, text)
    return _NUMBER_SIGN.sub("número ", text)


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
    rest = match.string[match.end() :]
    at_the_end = not rest.strip()
    new_sentence = written in _KEEPS_ITS_STOP and bool(re.match(r"\s+[A-ZÀ-Ý]", rest))
    return "." if at_the_end or new_sentence else ""


def _person(match: re.Match[str]) -> str:
    said = _PERSONS[match["letter"].upper()]
    if said == "dona" and match["next"].lower() in _KINGS:
        said = "dom"
    return f"{match['before']}{said} "
