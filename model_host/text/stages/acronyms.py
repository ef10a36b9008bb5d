"""Acronyms: read as words ("SUS"), spelled ("UTI"), or said in full ("RX")."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import spelled
from model_host.text.portuguese.word_lists import words
from model_host.text.stages.neighbours import word_after, word_before

_SPELLED = words(
    """
    ACS ADN AIH AVC AVE BCG BPC CNES CNH CNPJ CNS CPF CRF CRM CRP CT CTI DNA DNV DPOC DST DVD EAD
    EAS ECG EEG EMG ENMG ESF FGTS GPS HB HC HCG HDL HIV HPV HU IAM IBGE IMC INR INSS IPTU IRC IST
    ITU LDL LGBT LGBTQIA LGPD MMSS OAB OMS ONG PA PC PCD PCR PE PNE PS PSA PSF PT PTT RG RH RJ RM
    RMN RN RNA RNM RT SADT SMS SP SSVV TAP TC TDAH TFD TGO TGP TI TSH TV UBS UBSF UCI UF URA USB
    USG UTI UTIN UTIP VDRL VHS VLDL VO WC
    """
)
_SAID = {"RX": "raio xis", "OK": "oquei", "WHATSAPP": "uatizápi", "WIFI": "uaifai"}
_READ = words(
    """
    AIDS AMA ANVISA APAE CAPS CEP CID COVID CRAS CREAS INCA LACEN LER MEI NASF PET PIX SAMU SUS UPA
    VIP
    """
)
"""Others that have the shape of a word are read, too."""

_KNOWN_IN_SMALL_LETTERS = words(
    """
    AVC BCG CNES CNH CNPJ CNS CPF CT DNA ECG EEG HIV HPV IMC INSS IST LGPD PCR PCD PNE PSA RG RX
    SMS TDAH TSH TV UBS UCI USG UTI UTIN WHATSAPP WIFI
    """
)
"""No words, so that they need no capitals to be known."""

_STATES = words(
    """
    AC AL AP AM BA CE DF GO MA MT MS MG PB PR PI RJ RN RS RO RR SC SP SE TO PE PA ES
    """
)
_AFTER_A_SLASH = re.compile(rf"(?<=\w)\s?[/-]\s?({'|'.join(sorted(_STATES))})\b")
_DOTTED = re.compile(r"(?<![\w.])(?:[A-Z]\.){2,}[A-Z]?(?!\w)")
_PLUS = re.compile(r"(?<=[A-Z]{3})\+(?!\w)")
_PLURAL = re.compile(r"(?<![\w'])([A-Z]{2,5})s(?![\w'])")
_TOKEN = re.compile(
    rf"(?<![\w'])(?:[A-ZÀ-Þ]{{2,10}}|(?i:{'|'.join(sorted(_KNOWN_IN_SMALL_LETTERS))}))(?![\w'])"
)
_SHOUTED_FROM = 3
_LONGEST_UNKNOWN = 5
_SYLLABLES = re.compile(
    r"(?:(?:[bcdfghjklmnpqrstvwxyzç]|[bcfgptdv][lr]|[cln]h|qu|gu|ps|pn)?"
    r"[aeiouyáàâãéêíóôõú]{1,3}(?:[lmnrsxz]|[nr]s)?)+",
    re.IGNORECASE,
)


def known_acronym(capitals: str) -> str | None:
    """How a known acronym is said; None for another."""
    if capitals in _SAID:
        return _SAID[capitals]
    if capitals in _READ:
        return capitals.lower()
    return spelled(capitals) if capitals in _SPELLED else None


def acronyms(text: str) -> str:
    """Known ones as their table says; unknown ones are spelled where they cannot be read.

    In capitals beside other capitals it is a word: people are called "RUTH LIMA".
    """
    if text.islower():
        return _TOKEN.sub(_said, text)
    text = _AFTER_A_SLASH.sub(lambda match: f", {spelled(match[1])}", text)
    text = _PLUS.sub(" mais", text)
    text = _DOTTED.sub(_dotted, text)
    text = _PLURAL.sub(lambda match: known_acronym(match[1]) or match[0], text)
    return _TOKEN.sub(_said, text)


def _dotted(match: re.Match[str]) -> str:
    letters = match[0].replace(".", "")
    return letters if letters in _READ else spelled(letters)


def _said(match: re.Match[str]) -> str:
    token, capitals = match[0], match[0].upper()
    certain = capitals in _KNOWN_IN_SMALL_LETTERS
    # Beside another word in capitals it is a word, too: "RUTH LIMA", "SALA DE TRIAGEM".
    shouted = any(_is_shouted(word) for word in (word_before(match), word_after(match)))
    if capitals in _SAID:
        return _SAID[capitals]
    if capitals in _READ:
        return token
    readable = shouted or len(token) > _LONGEST_UNKNOWN or bool(_SYLLABLES.fullmatch(token))
    if capitals in _SPELLED and (certain or not (shouted and _SYLLABLES.fullmatch(token))):
        return spelled(token)
    return token if readable else spelled(token)


def _is_shouted(word: str) -> bool:
    known = word in _SPELLED or word in _SAID or word in _READ
    return len(word) >= _SHOUTED_FROM and word.isupper() and not known
