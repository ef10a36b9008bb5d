"""In which words and in which manner a panel says a call."""

from __future__ import annotations

import re
from typing import Final

from panels.calls import PanelCall, Patient
from panels.panel_settings import PanelSettings
from speech.request import Call, Manner, Said, SpeechRequest

# A patient who waits for no certain place may be called to any; more than these are not rendered.
_PLACES_AHEAD: Final = 4
_CLAUSE_END: Final = re.compile(r"([,;:.!?]+\s*)")


def manner(settings: PanelSettings) -> Manner:
    """How a panel speaks: every browser plays mp3, and whoever may be named is kept a day."""
    return Manner(voice=settings.voice, format="mp3", retention="personal")


def said(call: PanelCall | Patient, settings: PanelSettings) -> Said:
    """What a panel says for a call."""
    if isinstance(call, PanelCall) and call.text is not None:
        return call.text
    words = _filled(settings.template, call) if settings.template else ""
    return words or _parts(call, settings)


def spoken(call: PanelCall, settings: PanelSettings) -> SpeechRequest:
    """The request for a call's speech."""
    what = said(call, settings)
    return SpeechRequest.model_construct(
        **dict(manner(settings)),
        text=what if isinstance(what, str) else None,
        call=what if isinstance(what, Call) else None,
    )


def said_ahead(patient: Patient, settings: PanelSettings) -> tuple[Said, ...]:
    """What the later call of a waiting patient will say, for each place it may name."""
    if patient.place is not None or not settings.places:
        return (said(patient, settings),)
    places = settings.places[:_PLACES_AHEAD]
    calls = (patient.model_copy(update={"place": place}) for place in places)
    return tuple(dict.fromkeys(said(call, settings) for call in calls))


def _parts(patient: Patient, settings: PanelSettings) -> Call:
    ticket, name = patient.ticket, patient.name
    if settings.say == "name" and name is not None:
        ticket = None
    elif settings.say == "ticket" and ticket is not None:
        name = None
    return Call(ticket=ticket, name=name, place=patient.place)


def _filled(template: str, patient: Patient) -> str:
    """Fill a template; a clause that names what is missing is left out, with its comma."""
    ticket, name = patient.ticket, patient.name
    if "{senha}" not in template:
        name = name or ticket
    elif "{nome}" not in template:
        ticket = ticket or name
    values = {"{senha}": ticket, "{nome}": name, "{local}": patient.place}
    missing = [placeholder for placeholder, value in values.items() if value is None]
    *pieces, last = _CLAUSE_END.split(template)
    clauses = [*zip(pieces[::2], pieces[1::2], strict=True), (last, "")]
    kept = [
        clause for clause in clauses if clause[0] and not any(one in clause[0] for one in missing)
    ]
    if not any(placeholder in text for text, _ in kept for placeholder in ("{senha}", "{nome}")):
        return ""
    words = "".join(text + end for text, end in kept).rstrip(" ,;:")
    return re.sub("|".join(map(re.escape, values)), lambda found: values[found[0]] or "", words)
