"""An uploaded file: expanded by prerender, spoken by render, reported beside it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.functions.conftest import QUEUES, Stage, aws_event

KEY = "uploads/manhã de março (1).csv"
FILE = """\
ticket;name;place;speed
A001;João;Sala 1;
A002;;Sala 2;
;Maria;Sala 3;9
;;;
A001;João;Sala 1;
A003;Ana;"Sala
de vacina";
A004;a;b;c;d
A005;"Zé\x07segredo";Sala 1;
""".encode()


def test_given_an_upload_when_its_messages_are_rendered_then_every_row_is_accounted_for(
    stage: Stage,
) -> None:
    assert stage.notify("prerender", stage.upload(KEY, b"\xef\xbb\xbf" + FILE)) == []
    progress = stage.beside(KEY, "progress")
    assert (progress["status"], progress["accepted"], progress["rejected"]) == ("rendering", 4, 4)

    stage.render_all()

    report = stage.beside(KEY, "report")
    assert {name: report[name] for name in ("total", "rendered", "cached", "failed")} == {
        "total": 8,
        "rendered": 3,
        "cached": 1,
        "failed": 0,
    }
    assert [(row["line"], row["field"]) for row in report["rejected_rows"]] == [
        (4, "speed"),
        (5, "row"),
        (9, "row"),
        (10, "name"),
    ]
    assert "segredo" not in json.dumps(report)
    assert report["started_at"] <= report["finished_at"]
    assert report["render_seconds"] > 0
    assert stage.beside(KEY, "progress")["status"] == "done"
    kept = sorted(name.split("/")[2] for name in stage.cached_keys())
    assert kept == ["personal", "personal", "phrase"]


def test_given_everything_delivered_twice_then_each_row_counts_once(stage: Stage) -> None:
    event = stage.upload(KEY, b"text\num\ndois\n")
    stage.notify("prerender", event, event)
    messages = stage.queued("bulk")
    stage.render(messages)
    stage.render(messages)
    stage.notify("prerender", event)

    report = stage.beside(KEY, "report")
    assert (report["total"], report["rendered"], report["cached"]) == (2, 2, 0)
    assert stage.queued("bulk") == []


def test_given_the_same_file_put_again_then_it_is_another_upload(stage: Stage) -> None:
    for sequencer in ("01", "02"):
        stage.notify("prerender", stage.upload(KEY, b"text\num\n", sequencer))
        stage.render_all()

    report = stage.beside(KEY, "report")
    assert (report["total"], report["rendered"], report["cached"]) == (1, 0, 1)


def test_given_rows_finished_before_the_file_was_read_to_its_end_then_nothing_is_missed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = stage.upload(KEY, b"text\n" + b"".join(b"frase %d\n" % n for n in range(15)))

    def crash(*_: object) -> None:
        raise RuntimeError("the Lambda timed out")

    with monkeypatch.context() as crashing:
        crashing.setattr("speech.uploads.UploadLedger.expanded", crash)
        assert stage.notify("prerender", event) == ["m0"]
    stage.render_all()
    assert stage.beside(KEY, "progress")["status"] == "expanding"

    stage.notify("prerender", event)
    stage.render_all()

    report = stage.beside(KEY, "report")
    assert (report["status"], report["total"], report["rendered"]) == ("done", 15, 15)


def test_given_rows_the_host_refuses_then_they_are_reported_and_consumed(stage: Stage) -> None:
    stage.notify("prerender", stage.upload(KEY, b"text\num\ndois\n"))
    stage.host.faults.append("rejected")
    stage.render_all()

    report = stage.beside(KEY, "report")
    assert (report["failed"], report["rendered"]) == (1, 1)
    assert report["failed_rows"] == [{"line": 2, "reason": "text: nothing to say"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "needs a column"),
        (b"colour,text\nred,oi\n", "column 1 is unknown"),
        (b"text,text\na,b\n", "twice"),
        ("text\noi\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_given_a_file_that_cannot_be_read_then_the_report_says_why(
    stage: Stage, content: bytes, reason: str
) -> None:
    assert stage.notify("prerender", stage.upload(KEY, content)) == []

    report = stage.beside(KEY, "report")
    assert report["status"] == stage.beside(KEY, "progress")["status"] == "rejected"
    assert reason in report["reason"]
    assert stage.queued("bulk") == []


def test_given_latin_1_then_the_rows_with_accents_are_refused_and_the_rest_go_on(
    stage: Stage,
) -> None:
    stage.notify("prerender", stage.upload(KEY, "text\nAtenção\nSenha 1\n".encode("latin-1")))
    stage.render_all()

    report = stage.beside(KEY, "report")
    assert report["rendered"] == 1
    [row] = report["rejected_rows"]
    assert row["line"] == 2
    assert "UTF-8" in row["reason"]


def test_given_too_many_rows_then_the_rest_is_refused(stage: Stage) -> None:
    stage.restart(MAX_UPLOAD_ROWS="2")
    stage.notify("prerender", stage.upload(KEY, b"text\na\nb\nc\nd\n"))
    stage.render_all()

    report = stage.beside(KEY, "report")
    assert (report["total"], report["rendered"]) == (3, 2)
    assert report["rejected_rows"][0]["line"] == 4


def test_given_json_lines_and_text_then_they_are_read_alike(stage: Stage) -> None:
    lines = [
        {"name": "Ana", "place": "Sala 1", "format": "mp3"},
        {"ticket": "A1", "voice": "papagaio"},
        {"text": "oi", "call": {"name": "Ana"}},
        {"text": 5},
    ]
    content = "\n".join(map(json.dumps, lines)) + "\n\n[1]\n{broken\n"
    stage.notify("prerender", stage.upload("uploads/a.jsonl", content.encode()))
    text = "# fixed\n\n  Bom dia. \n\nMantenha silêncio.\n"
    stage.notify("prerender", stage.upload("phrases/b.txt", text.encode()))
    stage.render_all()

    report = stage.beside("uploads/a.jsonl", "report")
    assert [row["line"] for row in report["rejected_rows"]] == [2, 3, 4, 6, 7]
    assert report["rejected_rows"][0]["reason"] == "no such voice (allowed: maria, joao)"
    assert stage.beside("phrases/b.txt", "report")["rendered"] == 2
    assert sorted(stage.host.spoken) == ["Ana, Sala 1", "Bom dia.", "Mantenha silêncio."]


@pytest.mark.parametrize(
    "key", ["uploads/a.csv.report.json", "uploads/a.csv.progress.json", "elsewhere/a.csv", "a.txt"]
)
def test_given_what_is_no_upload_then_it_is_ignored(stage: Stage, key: str) -> None:
    assert stage.notify("prerender", stage.upload(key, b"text\noi\n")) == []
    assert stage.dynamodb.scan(TableName="state")["Items"] == []


def test_given_s3s_test_event_then_it_is_consumed_and_nonsense_is_not(stage: Stage) -> None:
    assert stage.notify("prerender", aws_event("s3_test_event")) == []
    assert stage.notify("cleanup", aws_event("s3_test_event")) == []
    assert stage.notify("prerender", {"not": "ours"}) == ["m0"]


def test_given_a_file_deleted_before_it_was_read_then_the_upload_is_rejected(
    stage: Stage,
) -> None:
    event = stage.upload(KEY, b"text\noi\n")
    stage.s3.delete_object(Bucket="phrases", Key=KEY)

    assert stage.notify("prerender", event) == []
    assert "deleted" in stage.beside(KEY, "report")["reason"]


@pytest.mark.parametrize(
    ("fault", "receives", "again_s"),
    [("busy", 1, 5), ("failed", 2, 10), ("reset", 4, 40), ("deadline", 12, 300)],
)
def test_given_a_host_that_fails_then_the_message_comes_again_later_and_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, fault: str, receives: int, again_s: int
) -> None:
    stage.notify("prerender", stage.upload(KEY, b"text\num\n"))
    stage.host.always = fault
    [message] = stage.queued("bulk")
    message["Attributes"]["ApproximateReceiveCount"] = str(receives)
    changes = visibility_changes(stage, monkeypatch)

    assert stage.render([message]) == [message["MessageId"]]

    assert changes == [(f"{QUEUES}/bulk", again_s)]
    assert stage.beside(KEY, "progress")["status"] == "rendering"


def test_given_a_fault_of_aws_then_it_is_logged_by_its_code_and_the_message_comes_again(
    stage: Stage, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.notify("prerender", stage.upload(KEY, b"name\nZuleica\n"))
    changes = visibility_changes(stage, monkeypatch)

    def deny(*_: object, **__: object) -> None:
        denied = {"Error": {"Code": "AccessDenied", "Message": "Zuleica"}}
        raise ClientError(denied, "HeadObject")  # type: ignore[arg-type]

    monkeypatch.setattr("speech.store.SpeechStore.find", deny)
    messages = stage.queued("bulk")

    assert stage.render(messages) == [messages[0]["MessageId"]]
    assert changes == [(f"{QUEUES}/bulk", 5)]
    assert '"aws_code":"AccessDenied","aws_operation":"HeadObject"' in log.getvalue()
    assert "Zuleica" not in log.getvalue()


def test_given_a_message_of_before_calls_had_parts_then_its_text_is_spoken(stage: Stage) -> None:
    request = {
        "text": "Atenção, Ana, Sala 1",
        "language": "pt",
        "voice": "maria",
        "format": "wav",
        "speed": 1.0,
        "retention": "personal",
    }
    message = {
        "version": 1,
        "id": f"personal.maria.{'0' * 64}.wav",
        "request": request,
        "priority": "live",
        "upload": None,
        "accepted_at": 1.0,
        "correlation_id": "before",
    }
    stage.sqs.send_message(QueueUrl=f"{QUEUES}/live", MessageBody=json.dumps(message))

    stage.render_all("live")

    assert stage.host.requests[0]["text"] == "Atenção, Ana, Sala 1"


def test_given_a_call_then_its_message_carries_its_parts_and_nothing_empty(stage: Stage) -> None:
    stage.notify("prerender", stage.upload(KEY, b"name,place\nAna,Sala 1\n"))

    [message] = stage.queued("bulk")

    request = json.loads(message["Body"])["request"]
    assert request["call"] == {"name": "Ana", "place": "Sala 1"}
    assert "text" not in request


def test_given_one_bad_message_in_a_batch_then_only_it_fails(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.notify("prerender", stage.upload(KEY, b"text\num\ndois\n"))
    messages = stage.queued("bulk")
    poison = messages[0] | {"MessageId": "poison", "Body": '{"not": "ours"}', "queue": "live"}
    changes = visibility_changes(stage, monkeypatch)

    assert stage.render([messages[0], poison, messages[1]]) == ["poison"]

    assert changes == [(f"{QUEUES}/live", 0)]
    assert stage.beside(KEY, "report")["rendered"] == 2


def test_given_no_time_left_then_messages_wait_for_the_next_invocation(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.notify("prerender", stage.upload(KEY, b"text\num\n"))
    stage.context.left_ms = 12_000
    changes = visibility_changes(stage, monkeypatch)
    messages = stage.queued("bulk")

    assert stage.render(messages) == [messages[0]["MessageId"]]
    assert changes == [(f"{QUEUES}/bulk", 1)]
    assert stage.host.spoken == []


def test_given_messages_then_their_age_is_measured(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.notify("prerender", stage.upload(KEY, b"text\num\n"))
    [message] = stage.queued("bulk")
    message["Attributes"]["SentTimestamp"] = str(
        int(message["Attributes"]["SentTimestamp"]) - 60_000
    )
    stage.render([message])

    emitted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [age] = [one for one in emitted if "QueueAgeSeconds" in one]
    assert 60 <= age["QueueAgeSeconds"][0] < 65
    assert age["queue"] == "bulk"


def test_given_sqs_that_takes_part_of_a_batch_then_the_rest_is_sent_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, refusals = stage.sqs.send_message_batch, [2, 1]

    def part(**request: Any) -> Any:
        refused = request["Entries"][: refusals.pop()] if refusals else []
        taken = [entry for entry in request["Entries"] if entry not in refused]
        if taken:
            send(QueueUrl=request["QueueUrl"], Entries=taken)
        return {"Failed": [{"Id": entry["Id"]} for entry in refused]}

    monkeypatch.setattr(stage.sqs, "send_message_batch", part)
    monkeypatch.setattr("speech.queues._RETRY_PAUSE_S", 0)

    stage.notify("prerender", stage.upload(KEY, b"text\n1\n2\n3\n"))

    assert len(stage.queued("bulk")) == 3


def visibility_changes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is asked of ChangeMessageVisibility from now on."""
    changes: list[tuple[str, int]] = []

    def change(**request: Any) -> None:
        changes.append((request["QueueUrl"], request["VisibilityTimeout"]))

    monkeypatch.setattr(stage.sqs, "change_message_visibility", change)
    return changes
