"""Acronyms: read as words ("SUS"), spelled ("UTI"), or said in full ("RX")."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import spelled

_SPELLED = frozenset(
    """
    ACS ADN AIH AVC AVE BCG BPC CNES CNH CNPJ CNS CPF CRF CRM CRP CT CTI DIU DNA DNV DPOC DST
    DVD EAD ECG EEG EMG ENMG ESF FGTS GPS HB HC HCG HDL HIV HPV IAM IBGE IMC INR INSS IPTU IRC IST
    ITU LDL LGPD MMSS OAB OMS ONG PA PC PCD PCR PE PNE PS PSA PSF PT PTT RG RH RJ RM RMN RN RNA RNM
    RT SADT SMS SP SSVV TAP TC TDAH TFD TGO TGP TI TSH TV UBS UBSF UCI UF URA USB USG UTI UTIN UTIP
    VDRL VHS VLDL VO WC
    """.split()
)
_SAID = {"RX": "raio xis", "WHATSAPP": "uatizápi", "WIFI": "uaifai"}
_READ = frozenset(
    "AIDS AMA ANVISA APAE CAPS CEP CID COVID CRAS CREAS INCA LACEN LER MEI PET PIX SAMU SUS UPA VIP".split()
)
"""Others that have the shape of a word are read, too."""

_KNOWN_IN_SMALL_LETTERS = frozenset(
    """
    AVC BCG CNES CNH CNPJ CNS CPF CT DNA ECG EEG HIV HPV IMC INSS IST ITU LGPD PCR PCD PNE PSA RG
    RX SMS TDAH TSH TV UBS UCI USG UTI UTIN WHATSAPP WIFI
    """.split()
)
"""No words, so that they need no capitals to be known."""

_STATES = frozenset(
    "AC AL AP AM BA CE DF GO MA MT MS MG PB PR PI RJ RN RS RO RR SC SP SE TO PE PA ES".split()
)
_AFTER_A_SLASH = re.compile(rf"(?<=\w)\s?[/-]\s?({'|'.join(sorted(_STATES))})\b")
_DOTTED = re.compile(r"(?<![\w.])(?:[A-Z]\.){2,}[A-Z]?(?!\w)")
_TOKEN = re.compile(r"(?<![\w'])[A-Za-zÀ-ÿ]{2,10}(?![\w'])")
_LONGEST_UNKNOWN = 5
_SYLLABLES = re.compile(
    r"(?:(?:[bcdfghjklmnpqrstvwxyzç]|[bcfgptdv][lr]|[cln]h|qu|gu|ps|pn)?"
    r"[aeiouyáàâãéêíóôõú]{1,3}(?:[lmnrsxz]|[nr]s)?)+",
    re.IGNORECASE,
)


def acronyms(text: str) -> str:
    """Known ones as their table says; unknown ones are spelled where they cannot be read.

    In a text of capitals only, what can be read is taken for a word.
    """
    text = _AFTER_A_SLASH.sub(lambda match: f", {spelled(match[1])}", text)
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    shouted = not any(char.islower() for char in text)
    return _TOKEN.sub(lambda match: _said(match[0], shouted=shouted), text)


def _said(token: str, *, shouted: bool) -> str:
    capitals = token.upper()
    certain = capitals in _KNOWN_IN_SMALL_LETTERS
    if token != capitals and not certain:
        return token
    if capitals in _SAID:
        return _SAID[capitals]
    if capitals in _READ:
        return token
    readable = len(token) > _LONGEST_UNKNOWN or _SYLLABLES.fullmatch(token) is not None
    if capitals in _SPELLED and (certain or not (shouted and readable)):
        return spelled(token)
    return token if readable else spelled(token)
