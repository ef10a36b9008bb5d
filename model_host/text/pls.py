"""The lexicon as W3C Pronunciation Lexicon Specification 1.0, the part of it that can be spoken.

https://www.w3.org/TR/pronunciation-lexicon/. XTTS has no phonemes, so an alias is all that works.
Where an entry holds is not in the standard and stands in an attribute of our own namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import (
    Element,
    ParseError,
    SubElement,
    indent,
    register_namespace,
    tostring,
)

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from model_host.text.lexicon import Lexicon, Scope
from model_host.text.lexicon_document import (
    EntryProblem,
    InvalidEntriesError,
    MalformedDocumentError,
    lexicon_of,
)

MEDIA_TYPE: Final = "application/pls+xml"
"""RFC 4267."""

_PLS = "http://www.w3.org/2005/01/pronunciation-lexicon"
_OURS = "urn:c-tv:lexicon"
_XML = "http://www.w3.org/XML/1998/namespace"
_LEXICON, _LEXEME = f"{{{_PLS}}}lexicon", f"{{{_PLS}}}lexeme"
_GRAPHEME, _ALIAS, _PHONEME = f"{{{_PLS}}}grapheme", f"{{{_PLS}}}alias", f"{{{_PLS}}}phoneme"
_SCOPE, _LANG = f"{{{_OURS}}}scope", f"{{{_XML}}}lang"
_LANGUAGES = ("pt", "pt-br")

register_namespace("", _PLS)
register_namespace("ctv", _OURS)


def read_pls(content: bytes) -> Lexicon:
    """Read a PLS document; each grapheme of a lexeme becomes an entry.

    Of several aliases the preferred one is said, else the first, as the standard has it.

    Raises:
        MalformedDocumentError: it is not XML, or has a document type or entities, which could
            name files or grow without bound.
        InvalidEntriesError: it says which lexemes are not allowed, and why.
    """
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise MalformedDocumentError("it has a document type or entities") from None
    except (ParseError, ValueError, LookupError):  # LookupError: an encoding that nobody knows
        raise MalformedDocumentError("it is not well-formed XML") from None
    if root.tag != _LEXICON:
        raise InvalidEntriesError([EntryProblem("lexicon", f"must be the root, of {_PLS}")])
    if root.get(_LANG, "").lower() not in _LANGUAGES:
        raise InvalidEntriesError(
            [EntryProblem("lexicon.xml:lang", "is another language", ("pt-BR", "pt"))]
        )
    return lexicon_of(
        [row for number, lexeme in enumerate(root.iter(_LEXEME)) for row in _rows(number, lexeme)]
    )


def write_pls(lexicon: Lexicon) -> bytes:
    """Write a PLS document, a lexeme for each entry."""
    root = Element(_LEXICON, {"version": "1.0", "alphabet": "ipa", _LANG: "pt-BR"})
    for entry in lexicon.entries:
        scope = {} if entry.scope is Scope.ANY else {_SCOPE: entry.scope.value}
        lexeme = SubElement(root, _LEXEME, scope)
        SubElement(lexeme, _GRAPHEME).text = entry.written
        SubElement(lexeme, _ALIAS).text = entry.spoken
    indent(root)
    content: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


def _rows(number: int, lexeme: Element) -> Iterator[dict[str, str]]:
    where = f"lexeme[{number}]"
    if lexeme.find(_PHONEME) is not None:
        message = "has phonemes, which the voice cannot say: respell it in an alias"
        raise InvalidEntriesError([EntryProblem(where, message)])
    aliases, graphemes = lexeme.findall(_ALIAS), lexeme.findall(_GRAPHEME)
    if not aliases or not graphemes:
        raise InvalidEntriesError([EntryProblem(where, "needs a grapheme and an alias")])
    preferred = next((alias for alias in aliases if alias.get("prefer") == "true"), aliases[0])
    for grapheme in graphemes:
        yield {
            "written": grapheme.text or "",
            "spoken": preferred.text or "",
            "scope": lexeme.get(_SCOPE, Scope.ANY),
        }
