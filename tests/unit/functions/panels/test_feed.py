"""What screens follow: the feed, whole and small."""

from __future__ import annotations

import importlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest

from panels.audit import Author
from panels.calls import Wanted
from panels.errors import StaleSettingsError, UnknownEntryError
from panels.idempotency import Once
from panels.panel_settings import PanelSettings
from tests.unit.functions.panels.conftest import MARIA, Room

IDLE_BYTES_MAX = 1024
DESK = Author("Recepção")


@contextmanager
def _counted(dynamodb: Any) -> Iterator[Counter[str]]:
    """Count the requests that the functions send to DynamoDB."""
    sent: Counter[str] = Counter()

    def note(model: Any, **_: Any) -> None:
        sent[model.name] += 1

    dynamodb.meta.events.register("before-call.dynamodb", note)
    yield sent
    dynamodb.meta.events.unregister("before-call.dynamodb", note)


def _announce(room: Room, number: int) -> Any:
    """Call somebody without rendering anything."""
    return room.calling.announce("recepcao", Wanted(ticket=f"A{number:03d}"), DESK)


def test_given_nothing_new_then_a_304_costs_one_read(room: Room) -> None:
    room.call()
    seen = room.device("GET", "/calls?after=0")
    seq = seen.json["seq"]

    with _counted(room.stage.dynamodb) as sent:
        idle = room.device("GET", f"/calls?after={seq}", If_None_Match=seen.headers["etag"])

    assert (idle.status, idle.body) == (304, "")
    assert idle.headers["etag"] == seen.headers["etag"]
    assert sent == {"GetItem": 1}


def test_given_a_tag_that_a_cdn_has_weakened_then_it_is_still_known(room: Room) -> None:
    etag = room.device("GET", "/calls?after=0").headers["etag"]

    assert room.device("GET", "/calls?after=0", If_None_Match=f'"x", W/{etag}').status == 304


def test_given_a_call_or_a_change_of_settings_then_the_feed_is_another(room: Room) -> None:
    etag = room.device("GET", "/calls?after=0").headers["etag"]
    room.change(title="Outra")

    changed = room.device("GET", "/calls?after=0", If_None_Match=etag)
    room.call()
    called = room.device("GET", "/calls?after=0", If_None_Match=changed.headers["etag"])

    assert (changed.status, changed.json["settings"], changed.json["events"]) == (200, "2", [])
    assert (called.status, called.json["seq"]) == (200, 1)


def test_given_an_idle_panel_then_the_answer_is_small(room: Room) -> None:
    room.call()

    answer = room.device("GET", "/calls?after=1")

    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    assert answer.json["events"] == []
    assert len(answer.body.encode()) + headers < IDLE_BYTES_MAX
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json["now"].endswith("Z")


@pytest.mark.parametrize(
    ("show", "seen"),
    [
        ("name", (None, "Maria da Silva")),
        ("short_name", (None, "Maria S.")),
        ("ticket", ("A042", None)),
        ("name_and_ticket", ("A042", "Maria da Silva")),
    ],
)
def test_given_settings_then_a_device_gets_no_more_of_a_patient_than_they_show(
    room: Room, show: str, seen: tuple[str | None, str | None]
) -> None:
    room.change(show=show)
    call = room.call()
    room.operator("POST", f"/calls/{call['id']}/attended")

    answers = [room.device("GET", path) for path in ("/calls", "/calls?after=0")]

    for answer in answers:
        calls = [event["call"] for event in answer.json["events"]]
        assert [(one["ticket"], one["name"]) for one in calls] == [seen, seen]
        assert ("Silva" in answer.body) == (seen[1] == "Maria da Silva")
        assert ("A042" in answer.body) == (seen[0] is not None)
    assert room.events(0)[1]["call"]["name"] == "Maria da Silva"


def test_given_a_panel_of_tickets_then_a_name_never_stands_in_for_one(room: Room) -> None:
    room.change(show="ticket")
    room.call({"name": "Maria da Silva", "place": "Sala 1"})

    answer = room.device("GET", "/calls")

    assert "Maria" not in answer.body
    assert answer.json["events"][0]["call"]["place"] == "Sala 1"


def test_given_a_panel_of_names_then_a_ticket_stands_in_for_one(room: Room) -> None:
    room.call({"ticket": "A042"})

    assert room.events(0, device=True)[0]["call"]["ticket"] == "A042"


def test_given_a_long_absence_then_every_event_comes_page_by_page(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panels.feed.PAGE_EVENTS", 10)
    for number in range(1, 13):
        _announce(room, number)

    first = room.device("GET", "/calls?after=1")
    rest = room.device(
        "GET", f"/calls?after={first.json['seq']}", If_None_Match=first.headers["etag"]
    )

    assert (first.json["seq"], first.json["more"]) == (11, True)
    assert (rest.status, rest.json["seq"], rest.json["more"]) == (200, 12, False)
    events = first.json["events"] + rest.json["events"]
    assert [event["seq"] for event in events] == list(range(2, 13))


def test_given_events_that_end_with_a_page_then_there_is_no_more(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panels.feed.PAGE_EVENTS", 2)
    for number in range(2):
        _announce(room, number)

    answer = room.device("GET", "/calls?after=0")

    assert (len(answer.json["events"]), answer.json["more"]) == (2, False)


def test_given_a_screen_that_starts_then_it_gets_the_last_calls_with_their_fates(
    room: Room,
) -> None:
    calls = [_announce(room, number) for number in range(14)]
    for call in (calls[0], calls[13]):
        room.operator("POST", f"/calls/{call.id}/attended")

    events = room.events()

    assert [event["call"]["ticket"] for event in events] == [
        *(f"A{number:03d}" for number in range(2, 14)),
        "A013",
    ]
    assert events[-1]["type"] == "attended"


def test_given_a_number_that_is_yet_to_come_then_nothing_is_new(room: Room) -> None:
    room.call()

    answer = room.device("GET", "/calls?after=99")

    assert (answer.json["seq"], answer.json["events"], answer.json["more"]) == (1, [], False)


@pytest.mark.parametrize("after", ["-1", "x", "1.5"])
def test_given_no_number_then_it_is_refused(room: Room, after: str) -> None:
    assert room.device("GET", f"/calls?after={after}").status == 422


def test_given_events_that_have_expired_then_they_are_gone_before_the_table_drops_them(
    room: Room,
) -> None:
    call = room.call()
    table = room.stage.dynamodb
    for sk in ("event#000000000001", f"call#{call['id']}"):
        table.update_item(
            TableName="state",
            Key={"pk": {"S": "panel#recepcao"}, "sk": {"S": sk}},
            UpdateExpression="SET expires_at = :past",
            ExpressionAttributeValues={":past": {"N": "1"}},
        )

    answer = room.device("GET", "/calls?after=0")

    assert (answer.json["seq"], answer.json["events"]) == (1, [])
    assert room.operator("POST", f"/calls/{call['id']}/recall").status == 404


def _race(room: Room, runners: Sequence[Callable[[], Any]]) -> None:
    """Start them together; the table's transactions are atomic here, as AWS has them.

    moto undoes a transaction that fails, but does not keep others out meanwhile.
    """
    dynamodb, atomic = room.stage.dynamodb, threading.Lock()
    write = dynamodb.transact_write_items

    def write_atomically(**request: Any) -> Any:
        with atomic:
            return write(**request)

    ready = threading.Barrier(len(runners))

    def run(runner: Callable[[], Any]) -> None:
        ready.wait()
        runner()

    with pytest.MonkeyPatch.context() as patched:
        # All of them share one processor here, which desks do not.
        patched.setattr("panels.contention.PATIENCE_S", 60.0)
        patched.setattr(dynamodb, "transact_write_items", write_atomically)
        threads = [threading.Thread(target=run, args=(runner,)) for runner in runners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@pytest.mark.slow
def test_given_thirty_desks_that_call_at_once_then_no_call_is_lost_or_doubled(room: Room) -> None:
    called: list[Any] = []

    def call(number: int) -> None:
        called.append(_announce(room, number))

    _race(room, [partial(call, number) for number in range(30)])

    events = room.events(0)
    assert [event["seq"] for event in events] == list(range(1, 31))
    assert sorted(event["call"]["ticket"] for event in events) == sorted(
        f"A{number:03d}" for number in range(30)
    )
    assert {call.seq for call in called} == set(range(1, 31))


def test_given_desks_that_call_the_next_at_once_then_each_gets_another_patient(room: Room) -> None:
    room.check_in(*({"ticket": f"A{number:03d}"} for number in range(8)))
    called: list[Any] = []

    def call_next() -> None:
        called.append(room.calling.next("recepcao", None, DESK))

    _race(room, [call_next] * 10)

    tickets = [call.ticket for call in called if call]
    assert sorted(tickets) == [f"A{number:03d}" for number in range(8)]
    assert called.count(None) == 2
    assert room.operator("GET", "/waiting").json["waiting"] == []


def test_given_desks_that_call_the_same_patient_at_once_then_one_does(room: Room) -> None:
    [ana] = room.check_in({"name": "Ana"})
    called: list[Any] = []

    def call_ana() -> None:
        with suppress(UnknownEntryError):
            called.append(room.calling.announce("recepcao", Wanted(waiting=ana), DESK))

    _race(room, [call_ana] * 6)

    assert [call.name for call in called] == ["Ana"]
    assert len(room.events(0)) == 1


def test_given_desks_that_change_the_settings_at_once_then_one_does(room: Room) -> None:
    rooms = importlib.import_module("panels.assembly").panel_parts().rooms
    changed: list[int] = []

    def change(number: int) -> None:
        with suppress(StaleSettingsError):
            rooms.change("recepcao", PanelSettings(title=f"Sala {number}"), 1, DESK)
            changed.append(number)

    _race(room, [partial(change, number) for number in range(6)])

    assert len(changed) == 1
    assert room.operator("GET", "").json["title"] == f"Sala {changed[0]}"


def test_given_transactions_that_collide_then_they_are_tried_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb = room.stage.dynamodb
    write = dynamodb.transact_write_items
    collided: list[int] = []

    def collide_first(**request: Any) -> Any:
        if len(collided) % 2 == 0:
            collided.append(1)
            reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
            raise dynamodb.exceptions.TransactionCanceledException(
                {"Error": {"Code": "x"}, "CancellationReasons": reasons}, "TransactWriteItems"
            )
        collided.append(0)
        return write(**request)

    monkeypatch.setattr(dynamodb, "transact_write_items", collide_first)

    [ana] = room.check_in({"name": "Ana"})
    room.call()
    room.change(title="Outra")
    assert room.operator("POST", "/uploads", {"file_name": "a.csv"}).status == 201
    assert room.operator("DELETE", f"/waiting/{ana}").status == 204

    assert sum(collided) == 5
    assert len(room.events(0)) == 1


def test_given_one_request_sent_twice_at_once_then_there_is_one_call(room: Room) -> None:
    by = Author("Recepção", once=Once.of("o1", "k", "request"))
    called: list[Any] = []

    def announce() -> None:
        called.append(room.calling.announce("recepcao", Wanted(**MARIA), by))

    _race(room, [announce] * 8)

    assert len({call.id for call in called}) == 1
    assert len(room.events(0)) == 1
