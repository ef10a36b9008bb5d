"""An entry of the lexicon that changes gives new keys to what it touches, and only to that."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_host.text.lexicon import Entry, Lexicon, Scope
from model_host.text.lexicon_document import write_json
from speech.lexicon import KnownLexicon, known_entry
from tests.unit.functions.conftest import Stage
from tests.unit.functions.test_warmup_and_cleanup import warm_up

CALL_OF_WESLEY = {"call": {"name": "Wesley Souza", "place": "Sala 1"}}
CALL_OF_ANA = {"call": {"name": "Ana Souza", "place": "Sala 1"}}


def lexicon(**spoken: str) -> Lexicon:
    return Lexicon([Entry(written=written, spoken=said) for written, said in spoken.items()])


def nfc(text: str) -> str:
    """As both sides fold a text before they look at it."""
    return unicodedata.normalize("NFC", text)


def known(lexicon: Lexicon) -> KnownLexicon:
    """What the functions know of a lexicon, by the host's own JSON."""
    return KnownLexicon(map(known_entry, json.loads(write_json(lexicon))["entries"]))


words = st.sampled_from(
    ["UTI", "uti", "Ana", "Sant'Anna", "São", "JOSÉ", "jose", "Sta.", "D'Ávila", "３Ｍ", "1ª", "m̃a",
     "A042", "Zoë", "ﬁm", "Straße", "İ", "ﾞ", "x\u200dy", "½", "٣", "Мария", "de", "_", "·"]
)  # fmt: skip
anything = st.text(max_size=12)
texts = st.lists(words | anything, max_size=12).map(lambda some: nfc(" ".join(some)))


@st.composite
def lexicons(draw: st.DrawFn) -> Lexicon:
    written = draw(st.lists(st.lists(words | anything, min_size=1, max_size=3).map(" ".join)))
    entries = {}
    for one in written:
        scope = draw(st.sampled_from(Scope))
        try:
            entry = Entry(written=one, spoken=draw(st.sampled_from(["a", "bê cê"])), scope=scope)
        except ValueError:  # nothing that an entry may have
            continue
        entries[entry.words, scope] = entry
    return Lexicon(list(entries.values()))


@given(lexicons(), st.lists(texts, max_size=3))
def test_given_any_lexicon_and_texts_then_host_and_functions_tell_the_same_digest(
    lexicon: Lexicon, written: list[str]
) -> None:
    assert known(lexicon).digest(written) == lexicon.digest(*written)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("UTI", "a uti e"),
        ("uti", "ＵＴＩ"),
        ("Zoe", "zoë"),
        ("zoë", "ZOE"),
        ("ma", nfc("m̃a")),
        ("fim", "ﬁm"),
        ("strasse", "Straße"),
        ("xy", "x\u200dy"),
        ("Sant'Anna", "sant anna"),
        ("Sta. Maria", "STA MARIA"),
    ],
)
def test_given_an_entry_and_another_spelling_of_it_then_both_sides_know_that_it_is_touched(
    written: str, text: str
) -> None:
    host = lexicon(**{written: "a"})

    assert host.digest(text) != ""
    assert known(host).digest([text]) == host.digest(text)


@given(lexicons(), texts, st.sampled_from([None, "ticket", "name", "place"]))
def test_given_any_text_that_a_lexicon_changes_then_the_functions_know_that_it_is_touched(
    lexicon: Lexicon, text: str, field: Any
) -> None:
    if lexicon.apply(text, field) != text:
        assert known(lexicon).digest([text]) != ""


def test_given_an_entry_that_changes_then_only_the_calls_it_touches_are_spoken_anew(
    stage: Stage,
) -> None:
    stage.host.lexicon = lexicon(Wesley="uésli")
    before = [stage.say(call).json["id"] for call in (CALL_OF_WESLEY, CALL_OF_ANA)]

    stage.host.lexicon = lexicon(Wesley="véslei")
    warm_up(stage)
    stage.restart()
    after = [stage.say(call).json for call in (CALL_OF_WESLEY, CALL_OF_ANA)]

    assert after[0]["id"] != before[0]
    assert after[1]["id"] == before[1]
    assert [answer["cached"] for answer in after] == [False, True]


def test_given_a_host_of_before_there_was_a_lexicon_then_an_empty_one_changes_no_key(
    stage: Stage,
) -> None:
    before = stage.say(CALL_OF_WESLEY).json["id"]
    stage.host.lexicon = Lexicon()
    warm_up(stage)
    stage.restart()

    assert stage.say(CALL_OF_WESLEY).json["id"] == before


def test_given_a_lexicon_then_the_manifest_keeps_it_for_when_the_host_is_down(
    stage: Stage,
) -> None:
    stage.host.lexicon = lexicon(Wesley="uésli")
    spoken = stage.say(CALL_OF_WESLEY).json["id"]
    stage.host.up = False
    stage.restart()

    assert stage.say(CALL_OF_WESLEY).json == stage.api("GET", f"/v1/speech/{spoken}").json
    described = stage.api("GET", "/info").json
    assert described["lexicon"] == stage.host.lexicon.etag
    assert "lexicon_entries" not in described


def test_given_a_pinned_phrase_that_a_new_entry_touches_then_only_it_is_rendered_anew(
    stage: Stage,
) -> None:
    phrases = b"Visite a UTI.\nBom dia.\n"
    stage.s3.put_object(Bucket="phrases", Key="phrases/pinned.txt", Body=phrases)
    warm_up(stage)
    stage.render_all()

    stage.host.lexicon = lexicon(UTI="u tê i")

    assert warm_up(stage)["queued"] == 1
    stage.render_all()
    assert stage.host.spoken[2:] == ["Visite a UTI."]
    assert warm_up(stage)["missing"] == 0


def test_given_pods_with_different_lexicons_then_audio_is_kept_under_what_was_said(
    stage: Stage,
) -> None:
    stage.host.lexicon = lexicon(Wesley="uésli")
    warm_up(stage)
    expected = stage.say(CALL_OF_WESLEY, Prefer="respond-async").json["id"]
    stage.host.other_lexicon = lexicon(Wesley="véslei")

    stage.render_all("live")

    moved = stage.api("GET", f"/v1/speech/{expected}").json
    assert (moved["status"], moved["id"] != expected) == ("ready", True)
    stage.host.lexicon, stage.host.other_lexicon = stage.host.other_lexicon, None
    warm_up(stage)
    stage.restart()
    assert stage.say(CALL_OF_WESLEY).json["id"] == moved["id"]


def test_given_a_lexicon_that_changed_since_the_host_named_it_then_the_one_read_is_published(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.host.lexicon = lexicon(Wesley="uésli")
    described = stage.host.info() | {"lexicon": "of a moment ago"}
    monkeypatch.setattr(stage.host, "info", lambda: described)

    assert stage.api("GET", "/info").json["lexicon"] == stage.host.lexicon.etag


@pytest.mark.parametrize("answer", [{"entries": [{"written": "UTI"}]}, {"entries": [5]}, {}])
def test_given_a_lexicon_that_is_not_as_agreed_then_what_was_known_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    stage.host.lexicon = lexicon(Wesley="uésli")
    known = stage.say(CALL_OF_WESLEY).json["id"]
    stage.host.lexicon = lexicon(Wesley="véslei")
    monkeypatch.setattr(
        "tests.unit.functions.host_stand_in.write_json", lambda _: json.dumps(answer)
    )

    assert warm_up(stage)["host_up"] is False
    stage.restart()
    assert stage.say(CALL_OF_WESLEY).json["id"] == known
