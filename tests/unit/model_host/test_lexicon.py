"""How particular words are said."""

from __future__ import annotations

import json
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_host.errors import LexiconNotKeptError, PreconditionFailedError
from model_host.lexicon_store import LexiconStore
from model_host.text.lexicon import ENTRIES_MAX, DuplicateEntryError, Entry, Lexicon, Scope
from model_host.text.lexicon_document import (
    InvalidEntriesError,
    MalformedDocumentError,
    read_json,
    write_json,
)
from model_host.text.pls import read_pls, write_pls

PLS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<lexicon version="1.0" alphabet="ipa" xml:lang="{lang}"'
    ' xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" xmlns:ctv="urn:c-tv:lexicon">'
    "{lexemes}</lexicon>"
)
WESLEY = "<lexeme><grapheme>Wesley</grapheme><alias>uésli</alias></lexeme>"


def entry(written: str, spoken: str = "dito", scope: Scope = Scope.ANY) -> Entry:
    return Entry(written=written, spoken=spoken, scope=scope)


def pls(lexemes: str, lang: str = "pt-BR") -> bytes:
    return PLS.format(lexemes=lexemes, lang=lang).encode()


@pytest.mark.parametrize(
    ("written", "text", "said"),
    [
        ("Wesley", "WESLEY Souza, sala 2", "dito Souza, sala 2"),
        ("wesley", "Para Wesley.", "Para dito."),
        ("Zoë", "zoe e ZÖE", "dito e dito"),
        ("ana", "Mariana, Ana-Clara, ana", "Mariana, dito-Clara, dito"),
        ("Sant'Anna", "sant’anna e Sant Anna", "dito e dito"),
        ("Bom Jesus", "Hospital Bom Jesus", "Hospital dito"),
        ("Bom Jesus", "foi bom. Jesus e bom, Jesus", "foi bom. Jesus e bom, Jesus"),
        ("P & D", "setor P&D e p & d", "setor dito e dito"),
        ("Sta.", "Rua Sta. Rita e Sta Rita", "Rua dito Rita e dito Rita"),
        ("H. U. T.", "no H.U.T., no H. U. T. e no hut", "no dito, no dito e no hut"),
        ("3M", "fita ３Ｍ", "fita dito"),
        ("A042", "senha a042 e A0421", "senha dito e A0421"),
    ],
)
def test_given_an_entry_then_its_words_are_found_whole_whatever_their_case_and_accents(
    written: str, text: str, said: str
) -> None:
    assert Lexicon([entry(written)]).apply(text, None) == said


def test_given_entries_within_each_other_then_the_longest_is_said() -> None:
    lexicon = Lexicon(
        [entry("São José", "a"), entry("São José do Rio", "e"), entry("José", "i"), entry("Rio")]
    )

    assert lexicon.apply("São José do Rio, São José do Sul, José", None) == "e, a do Sul, i"


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        (Scope.ANY, {None, "ticket", "name", "place"}),
        (Scope.NAME, {None, "name"}),
        (Scope.PLACE, {None, "place"}),
        (Scope.ACRONYM, {None, "ticket", "name", "place"}),
    ],
)
def test_given_a_scope_then_the_entry_holds_there_and_nowhere_else(
    scope: Scope, fields: set[Literal["ticket", "name", "place"] | None]
) -> None:
    lexicon = Lexicon([entry("MAR", scope=scope)])
    everywhere: tuple[Literal["ticket", "name", "place"] | None, ...]
    everywhere = (None, "ticket", "name", "place")

    assert {field for field in everywhere if lexicon.apply("MAR", field) == "dito"} == fields


def test_given_an_acronym_then_only_capitals_are_it() -> None:
    lexicon = Lexicon(
        [entry("UTI", "u tê i", Scope.ACRONYM), entry("H.U.", "agá u", Scope.ACRONYM)]
    )

    assert lexicon.apply("UTI, uti, Uti, ＵＴＩ, H.U. e h.u.", None) == (
        "u tê i, uti, Uti, u tê i, agá u e h.u."
    )


def test_given_the_same_words_in_several_scopes_then_the_more_particular_is_said() -> None:
    lexicon = Lexicon(
        [
            entry("Mar", "a", Scope.ANY),
            entry("Mar", "e", Scope.NAME),
            entry("Mar", "i", Scope.PLACE),
            entry("MAR", "o", Scope.ACRONYM),
        ]
    )

    assert lexicon.apply("Mar e MAR", "name") == "e e o"
    assert lexicon.apply("Mar e MAR", "place") == "i e o"
    assert lexicon.apply("Mar e MAR", "ticket") == "a e o"
    assert lexicon.apply("Mar e MAR", None) == "e e o"


@given(st.text(max_size=60))
def test_given_no_entry_for_it_then_a_text_is_as_it_was_and_untouched(text: str) -> None:
    lexicon = Lexicon([entry("palavraquenãohá")])

    assert lexicon.apply(text, None) == text
    assert lexicon.digest(text) == ""
    assert Lexicon().apply(text, None) == text


def test_given_entries_that_touch_a_text_then_its_digest_follows_them_alone() -> None:
    before = Lexicon([entry("UTI", "a"), entry("Wesley", "e")])
    after = Lexicon([entry("Wesley", "e"), entry("UTI", "i"), entry("Ana", "o")])

    assert before.digest("na UTI") != after.digest("na UTI")
    assert before.digest("o Wesley") == after.digest("o Wesley") != ""
    assert before.digest("Senha", "Wesley") == before.digest("o Wesley")
    assert before.digest("bom dia") == after.digest("bom dia") == ""


@pytest.mark.parametrize(
    "changed",
    [entry("UTIs", "u tê i"), entry("UTI", "uti"), entry("UTI", "u tê i", Scope.ACRONYM)],
)
def test_given_an_entry_that_differs_in_anything_then_digest_and_etag_differ(
    changed: Entry,
) -> None:
    known, other = Lexicon([entry("UTI", "u tê i")]), Lexicon([changed])

    assert known.etag != other.etag
    assert known.entries[0].digest != changed.digest


def test_given_entries_in_another_order_then_it_is_the_same_lexicon() -> None:
    entries = [entry("UTI"), entry("Ana"), entry("Ana", scope=Scope.NAME)]

    assert Lexicon(entries).etag == Lexicon(entries[::-1]).etag
    assert write_json(Lexicon(entries)) == write_json(Lexicon(entries[::-1]))


def test_given_two_entries_for_the_same_words_and_scope_then_the_second_is_named() -> None:
    with pytest.raises(DuplicateEntryError) as refused:
        Lexicon([entry("José"), entry("Ana"), entry("JOSE")])

    assert refused.value.position == 2


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("spoken", "u tê i!"),
        ("spoken", "UTI"),
        ("spoken", "sala 3"),
        ("spoken", "ˈsala"),
        ("spoken", "guarda-chuva"),
        ("spoken", "u t i"),
        ("spoken", ""),
        ("spoken", "a" * 201),
        ("spoken", None),
        ("written", ""),
        ("written", "..."),
        ("written", "a\x00b"),
        ("written", "a\u202eb"),
        ("written", "a" * 101),
        ("written", "a b c d e f g h i"),
        ("written", 5),
        ("scope", "everywhere"),
    ],
)
def test_given_an_entry_that_cannot_be_spoken_then_the_problem_names_it_and_quotes_nothing(
    member: str, value: object
) -> None:
    good: dict[str, Any] = {"written": "UTI", "spoken": "u tê i", "scope": "any"}
    content = json.dumps({"entries": [good, good | {"written": "Ana"} | {member: value}]})

    with pytest.raises(InvalidEntriesError) as refused:
        read_json(content.encode())

    [problem] = refused.value.problems
    assert problem.where == f"entries[1].{member}"
    assert problem.allowed
    if isinstance(value, str) and value.strip("."):
        assert value not in problem.message


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"entries": [{"written": "UTI", "spoken": "a", "segredo": 1}]}, "entries[0]"),
        ({"entries": [{"written": "UTI"}]}, "entries[0].spoken"),
        ({"entries": [], "segredo": 1}, "body"),
        ({"entries": {}}, "entries"),
        ({}, "entries"),
        ([], "body"),
        ({"entries": [{"written": "a", "spoken": "a"}] * 2}, "entries[1].written"),
        ({"entries": [{"written": "a", "spoken": "a"}] * (ENTRIES_MAX + 1)}, "entries"),
    ],
)
def test_given_a_document_that_is_no_lexicon_then_the_problem_says_where(
    document: object, where: str
) -> None:
    with pytest.raises(InvalidEntriesError) as refused:
        read_json(json.dumps(document).encode())

    assert [problem.where for problem in refused.value.problems] == [where]
    assert "segredo" not in repr(refused.value.problems)


def test_given_a_document_full_of_mistakes_then_a_bounded_number_is_told() -> None:
    document = {"entries": [{"written": "UTI", "spoken": "!"}] * 100}

    with pytest.raises(InvalidEntriesError) as refused:
        read_json(json.dumps(document).encode())

    assert len(refused.value.problems) == 20


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_given_what_is_no_json_then_it_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedDocumentError):
        read_json(content)


written = st.text(st.sampled_from("aéÇ3.&' <\">"), min_size=1, max_size=12)


@given(st.lists(st.tuples(written, st.sampled_from(Scope))))
def test_given_any_lexicon_then_it_is_read_back_as_it_was_written(
    given_entries: list[tuple[str, Scope]],
) -> None:
    entries = {}
    for words, scope in given_entries:
        if any(char.isalnum() for char in words):
            made = entry(words, scope=scope)
            entries[made.words, scope] = made
    lexicon = Lexicon(list(entries.values()))

    assert read_json(write_json(lexicon)).entries == lexicon.entries
    assert read_pls(write_pls(lexicon)).entries == lexicon.entries


def test_given_a_pls_document_of_others_then_its_aliases_are_read() -> None:
    lexemes = (
        "<metadata>de <b>outros</b></metadata><lexeme role='claws:NN1' xmlns:claws='urn:x'>"
        "<grapheme>CAPS</grapheme><grapheme> Caps\n AD </grapheme><alias>caps</alias>"
        "<alias prefer='true'>cápis</alias><example>No CAPS.</example></lexeme>"
        "<lexeme ctv:scope='acronym'><grapheme>UTI</grapheme><alias>u tê i</alias></lexeme>"
    )

    assert read_pls(pls(lexemes)).entries == (
        entry("CAPS", "cápis"),
        entry("Caps AD", "cápis"),
        entry("UTI", "u tê i", Scope.ACRONYM),
    )


@pytest.mark.parametrize(
    ("lexemes", "where"),
    [
        ("<lexeme><grapheme>a</grapheme><phoneme>a</phoneme></lexeme>", "lexeme[0]"),
        (WESLEY + "<lexeme><grapheme>a</grapheme></lexeme>", "lexeme[1]"),
        ("<lexeme><alias>a</alias></lexeme>", "lexeme[0]"),
        ("<lexeme><grapheme/><alias>a</alias></lexeme>", "entries[0].written"),
        (WESLEY * 2, "entries[1].written"),
        (WESLEY.replace("<lexeme", "<lexeme ctv:scope='x'"), "entries[0].scope"),
    ],
)
def test_given_a_lexeme_that_cannot_be_spoken_then_the_problem_says_where(
    lexemes: str, where: str
) -> None:
    with pytest.raises(InvalidEntriesError) as refused:
        read_pls(pls(lexemes))

    assert [problem.where for problem in refused.value.problems] == [where]


def test_given_phonemes_then_the_message_says_that_an_alias_works_instead() -> None:
    with pytest.raises(InvalidEntriesError) as refused:
        read_pls(pls("<lexeme><grapheme>a</grapheme><phoneme>a</phoneme></lexeme>"))

    assert "phonemes" in refused.value.problems[0].message
    assert "alias" in refused.value.problems[0].message


def test_given_another_language_or_another_document_then_it_is_refused() -> None:
    with pytest.raises(InvalidEntriesError):
        read_pls(pls(WESLEY, lang="en"))
    with pytest.raises(InvalidEntriesError):
        read_pls(b"<html/>")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<lexicon>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="klingon"?><lexicon/>',
        b'<!DOCTYPE lexicon SYSTEM "http://127.0.0.1/x.dtd"><lexicon/>',
        b'<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><l>&b;</l>',
        b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>',
    ],
)
def test_given_xml_that_is_broken_or_dangerous_then_it_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedDocumentError):
        read_pls(content)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "voices" / "lexicon.json"


def always(_: Lexicon) -> bool:
    return True


def if_it_is(known: Lexicon) -> Callable[[Lexicon], bool]:
    return lambda current: current.etag == known.etag


def test_given_two_hosts_with_one_file_when_one_replaces_it_then_both_have_it(path: Path) -> None:
    one, other = LexiconStore(path), LexiconStore(path)
    assert not other.current.entries

    one.replace(Lexicon([entry("UTI")]), always)

    assert one.current.entries == other.current.entries == (entry("UTI"),)
    other.replace(Lexicon([entry("UTI", "outro")]), if_it_is(one.current))
    assert one.current.entries == (entry("UTI", "outro"),)


def test_given_a_lexicon_that_changed_meanwhile_then_it_is_not_overwritten(path: Path) -> None:
    one, other = LexiconStore(path), LexiconStore(path)
    seen = one.current
    other.replace(Lexicon([entry("UTI")]), if_it_is(seen))

    with pytest.raises(PreconditionFailedError):
        one.replace(Lexicon([entry("Ana")]), if_it_is(seen))

    assert one.current.entries == (entry("UTI"),)


def test_given_a_volume_that_remembers_the_status_of_paths_then_a_change_is_seen_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an NFS client, which asks the server only when a file is opened
    one, other = LexiconStore(path), LexiconStore(path)
    one.replace(Lexicon([entry("UTI")]), always)
    seen = one.current
    remembered, stat = path.stat(), Path.stat
    monkeypatch.setattr(
        Path, "stat", lambda self, **options: remembered if self == path else stat(self, **options)
    )

    # When another pod replaces the lexicon
    other.replace(Lexicon([entry("Ana")]), if_it_is(seen))

    # Then this one speaks by it, and does not overwrite it
    assert one.current.entries == (entry("Ana"),)
    with pytest.raises(PreconditionFailedError):
        one.replace(Lexicon([entry("Bia")]), if_it_is(seen))


def test_given_a_file_that_goes_then_the_lexicon_is_empty(path: Path) -> None:
    store = LexiconStore(path)
    store.replace(Lexicon([entry("UTI")]), always)

    path.unlink()

    assert store.current.entries == ()


def test_given_a_file_that_is_no_lexicon_then_what_held_goes_on_and_the_log_quotes_nothing(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = LexiconStore(path)
    store.replace(Lexicon([entry("UTI")]), always)
    assert store.current.entries

    path.write_text('{"entries": [{"written": "Zuleica", "spoken": "!"}]}')

    assert store.current.entries == store.current.entries == (entry("UTI"),)
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    assert "Zuleica" not in caplog.text
    store.replace(Lexicon([entry("Ana")]), if_it_is(store.current))
    assert LexiconStore(path).current.entries == (entry("Ana"),)


def test_given_a_place_that_cannot_be_written_then_the_operator_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = LexiconStore(tmp_path / "file" / "lexicon.json")

    with pytest.raises(LexiconNotKeptError):
        store.replace(Lexicon([entry("UTI")]), always)
    assert store.current.entries == ()


def add_one(path: Path, words: str) -> None:
    """Add an entry as a client does: read, change, write, and again if another was faster."""
    store = LexiconStore(path)
    while True:
        seen = store.current
        try:
            store.replace(Lexicon([*seen.entries, entry(words)]), if_it_is(seen))
        except PreconditionFailedError:
            continue
        return


@pytest.mark.slow
def test_given_many_processes_that_add_entries_at_once_then_none_is_lost(path: Path) -> None:
    context = get_context("spawn")
    names = ["ana", "bia", "caio", "davi", "eva", "gil"]
    writers = [context.Process(target=add_one, args=(path, name)) for name in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert [one.written for one in LexiconStore(path).current.entries] == names
    assert list(path.parent.glob("*.partial")) == []
