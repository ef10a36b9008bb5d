"""Titles, addresses and other shortened words, with the full stop or without it."""

from __future__ import annotations

import re

_WITH_OR_WITHOUT_STOP = {
    "dr": "doutor", "dra": "doutora", "drs": "doutores", "dras": "doutoras",
    "drª": "doutora", "dr.ª": "doutora", "dr(a)": "doutor ou doutora", "dr.(a)": "doutor ou doutora",
    "sr": "senhor", "sra": "senhora", "srs": "senhores", "sras": "senhoras", "srª": "senhora",
    "sr.ª": "senhora", "sr(a)": "senhor ou senhora", "sr.(a)": "senhor ou senhora",
    "srta": "senhorita", "srtas": "senhoritas",
    "prof": "professor", "profa": "professora", "profª": "professora", "prof.ª": "professora",
    "profs": "professores",
    "enf": "enfermeiro", "enfa": "enfermeira", "enfª": "enfermeira", "enf.ª": "enfermeira",
    "exmo": "excelentíssimo", "exma": "excelentíssima", "ilmo": "ilustríssimo",
    "ilma": "ilustríssima",
    "sto": "santo", "sta": "santa", "stos": "santos",
    "av": "avenida", "pça": "praça", "pca": "praça", "trav": "travessa", "rod": "rodovia",
    "apto": "apartamento", "aptos": "apartamentos", "qd": "quadra", "cj": "conjunto",
    "jd": "jardim", "dpto": "departamento", "depto": "departamento", "jr": "júnior",
    "ltda": "limitada", "cia": "companhia", "hosp": "hospital",
    "tel": "telefone", "tels": "telefones", "obs": "observação", "etc": "etcétera",
    "vc": "você", "vcs": "vocês", "pq": "porque", "qdo": "quando", "mto": "muito", "tb": "também",
    "pcte": "paciente", "pctes": "pacientes", "hs": "horas", "hrs": "horas",
    "nº": "número", "n°": "número", "n.º": "número", "n.°": "número", "nºs": "números",
    "s/n": "sem número", "s/nº": "sem número",
    "e/ou": "e ou",
}  # fmt: skip
_NEED_STOP = {
    "al": "alameda", "est": "estrada", "ed": "edifício", "bl": "bloco", "lt": "lote",
    "vl": "vila", "ap": "apartamento", "pq": "parque", "cap": "capitão", "sgt": "sargento",
    "cel": "coronel", "ten": "tenente", "gen": "general", "maj": "major", "des": "desembargador",
    "pe": "padre", "fr": "frei", "téc": "técnico", "farm": "farmacêutico",
    "fisio": "fisioterapeuta", "psic": "psicólogo", "nutr": "nutricionista", "med": "médico",
    "amb": "ambulatório", "consult": "consultório", "cons": "consultório",
    "atend": "atendimento", "pac": "paciente", "gui": "guichê", "sl": "sala", "recep": "recepção",
    "odont": "odontólogo", "pág": "página", "pag": "página", "págs": "páginas",
    "art": "artigo", "núm": "número", "num": "número", "séc": "século",
    "aprox": "aproximadamente", "máx": "máximo", "mín": "mínimo", "gov": "governador",
    "pres": "presidente", "dep": "deputado", "sen": "senador", "mons": "monsenhor",
    "rev": "reverendo", "cód": "código", "cod": "código", "ref": "referência",
    "resp": "responsável", "min": "minutos", "seg": "segunda", "qua": "quarta",
    "qui": "quinta", "sex": "sexta", "sáb": "sábado", "dom": "domingo", "p.ex": "por exemplo",
    "jan": "janeiro", "fev": "fevereiro", "abr": "abril", "jun": "junho", "jul": "julho",
    "ago": "agosto", "nov": "novembro",
}  # fmt: skip
"""None of them is a word by itself: "dez.", "set.", "ver." end sentences."""

_ALONE = re.compile(
    r"(?<![\w.@/])("
    + "|".join(sorted(map(re.escape, _WITH_OR_WITHOUT_STOP), key=len, reverse=True))
    + r")(?![\w@(ª]|/\w)\.?",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(?<![\w.@/])([cps])/\s?(?=[^\W_])(?!nº?\b)", re.IGNORECASE)
_BEFORE_SLASH = {"c": "com ", "p": "para ", "s": "sem "}
_STOPPED = re.compile(
    r"(?<![\w.@/-])("
    + "|".join(sorted(map(re.escape, _NEED_STOP), key=len, reverse=True))
    + r")\.(?!\w)",
    re.IGNORECASE,
)
_NUMBER_SIGN = re.compile(r"(?<!\w)(?:n\.|no\.|#)\s?(?=\d)", re.IGNORECASE)
_BY_NAME = re.compile(
    r"(?P<before>^|[,;:(]\s*|\b[a-zà-ÿ]+\s+)(?P<letter>[RDSPrdp])\.\s+(?=(?P<next>[A-ZÀ-Ý][^\W\d_]+))"
)
_KINGS = frozenset({"pedro", "joão", "manuel", "sebastião", "helder", "paulo", "bosco"})
_KEEPS_ITS_STOP = frozenset({"etc", "ltda", "cia", "jr", "hs", "hrs", "apto", "tel"})


def abbreviations(text: str) -> str:
    """ "Dra. Ana" → "doutora Ana", "R. Bahia, nº 5" → "rua Bahia, número 5"."""
    text = _BY_NAME.sub(_by_name, text)
    text = _SLASHED.sub(lambda match: _BEFORE_SLASH[match[1].lower()], text)
    text = _ALONE.sub(_alone, text)
    text = _STOPPED.sub(_stopped, text)
    return _NUMBER_SIGN.sub("número ", text)


def _alone(match: re.Match[str]) -> str:
    return _WITH_OR_WITHOUT_STOP[match[1].lower()] + _kept_stop(match, match[1].lower())


def _stopped(match: re.Match[str]) -> str:
    return _NEED_STOP[match[1].lower()] + _kept_stop(match, "")


def _kept_stop(match: re.Match[str], written: str) -> str:
    """A full stop at the very end of the text, or before a new sentence, ends that as well."""
    if not match[0].endswith("."):
        return ""
    rest = match.string[match.end() :]
    at_the_end = not rest.strip()
    new_sentence = written in _KEEPS_ITS_STOP and bool(re.match(r"\s+[A-ZÀ-Ý]", rest))
    return "." if at_the_end or new_sentence else ""


def _by_name(match: re.Match[str]) -> str:
    """ "R. Bahia" is a street, "Maria R. Lima" has a middle name: the word before tells."""
    said = {"R": "rua", "D": "dona", "S": "são", "P": "padre"}[match["letter"].upper()]
    if said == "dona" and match["next"].lower() in _KINGS:
        said = "dom"
    return f"{match['before']}{said} "
