"""What a TV does when the network, the API or a clip fails: it shows the call, and says it."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Route

from infra.local.waiting_room import WaitingRoom
from tests.e2e.web.television import AUDIBLE_RMS

if TYPE_CHECKING:
    from tests.e2e.web.conftest import OpenRoom, OpenTelevision
    from tests.e2e.web.television import Television

# A browser that has a Brazilian voice of its own, and notes what it is given to say.
_SYSTEM_VOICE = """
window.__said = [];
const voice = { lang: "pt-BR", name: "Sistema", localService: true, default: true, voiceURI: "s" };
Object.defineProperty(speechSynthesis, "getVoices", { value: () => [voice] });
Object.defineProperty(speechSynthesis, "speak", { value: (utterance) => {
  window.__said.push(utterance.text);
  setTimeout(() => utterance.dispatchEvent(new Event("start")), 10);
  setTimeout(() => utterance.dispatchEvent(new Event("end")), 500);
} });
window.SpeechSynthesisUtterance = class extends EventTarget {
  constructor(text) { super(); this.text = text; }
  set onstart(f) { this.addEventListener("start", f); }
  set onend(f) { this.addEventListener("end", f); }
  set onerror(f) { this.addEventListener("error", f); }
};
"""

_FEED = re.compile(r"/calls(\?|$)")


def fail(route: Route) -> None:
    route.fulfill(status=500, content_type="application/problem+json", body="{}")


def break_clip(route: Route) -> None:
    route.fulfill(
        status=200,
        headers={"Access-Control-Allow-Origin": "*", "Content-Type": "audio/mpeg"},
        body=b"this is no audio",
    )


def never_answer(_route: Route) -> None:
    """Leave the request open, as a stuck server does."""


FAULTS: list[Any] = [
    pytest.param("**/calls/*/speech*", fail, id="the API fails"),
    pytest.param("**/c-tv/cache/**", break_clip, id="the clip is broken"),
    pytest.param("**/c-tv/cache/**", never_answer, id="the clip never comes"),
]


@pytest.mark.parametrize(("where", "fault"), FAULTS)
def test_without_a_clip_the_browsers_own_voice_says_it(
    where: str, fault: Any, television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given a TV whose browser speaks Portuguese, and no clip that plays
    tv = television(room)
    tv.context.add_init_script(_SYSTEM_VOICE)
    tv.context.route(where, fault)
    tv.turn_on()
    # When a patient is called
    call = room.announce(name="Luísa Assunção", place="Triagem")
    # Then the call is shown at once, and the browser's voice says it in the end
    tv.expect_shown("Luísa Assunção")
    tv.page.wait_for_function("() => window.__said.length > 0", timeout=40_000)
    said = tv.page.evaluate("window.__said")
    assert "Luísa Assunção" in said[0]
    assert tv.shown() == [call]
    assert tv.spoken() == []


@pytest.mark.parametrize(("where", "fault"), FAULTS)
def test_with_no_voice_at_all_the_chime_draws_the_eye(
    where: str, fault: Any, television: OpenTelevision, open_room: OpenRoom
) -> None:
    # Given a TV without any voice
    room = open_room(chime="two_tones")
    tv = television(room)
    tv.context.route(where, fault)
    tv.turn_on()
    # When two patients are called
    calls = [room.announce(name=name, place="Triagem") for name in ("Ana Alves", "José Souza")]
    # Then both are shown, in order, each with the chime
    tv.wait_until_shown(calls[1], timeout_s=60)
    tv.expect_shown("José Souza")
    _wait_until_idle(tv)
    assert tv.shown() == calls
    assert tv.loudest() > AUDIBLE_RMS


def test_a_minute_without_network_loses_nothing(
    television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given a TV that has spoken a call
    tv = television(room).turn_on()
    before = room.announce(ticket="H1")
    tv.wait_until_spoken(before)
    # When its network is gone for a minute, in which three patients are called
    tv.context.set_offline(True)
    tv.expect_data("link", "offline")
    calls = [room.announce(ticket=f"H{number}") for number in (2, 3, 4)]
    time.sleep(60)
    tv.context.set_offline(False)
    # Then it catches up by itself, in order, and repeats nothing
    tv.expect_data("link", "ok", timeout_s=40)
    tv.wait_until_spoken(*calls, timeout_s=60)
    assert tv.spoken() == [before, *calls]


def test_a_call_that_comes_too_late_is_shown_and_not_spoken(
    television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given a call that was made while the TV was off, over two minutes ago by the API's clock
    tv = television(room)
    late = room.announce(ticket="I1")
    tv.context.route(_FEED, _made_earlier)
    # When the TV is turned on, and another patient is called
    tv.turn_on()
    tv.expect_text("I1")
    # Then the late call stands on the screen and is not heard
    tv.context.unroute(_FEED)
    now = room.announce(ticket="I2")
    tv.wait_until_spoken(now)
    assert late not in tv.spoken()


def test_a_reload_without_network_still_shows_and_speaks(
    television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given a TV that has long words to say, and the clips of three calls after them
    tv = television(room).turn_on()
    tv.wait_until_worker_serves()
    tv.expect_data("voice", "true")
    words = room.announce(text="A farmácia fecha ao meio-dia, o laboratório às quinze horas. " * 4)
    calls = [room.announce(ticket=f"J{number}", place="Triagem") for number in (1, 2, 3)]
    tv.wait_until_kept(4)
    # When the network goes and the page is loaded again
    tv.context.set_offline(True)
    tv.page.reload()
    # Then the page is there, says that it has no connection, and speaks what was left
    tv.expect_data("link", "offline")
    tv.wait_until_spoken(calls[-1], timeout_s=90)
    assert tv.spoken() == [words, *calls]


def _made_earlier(route: Route) -> None:
    """The feed as it would be had its calls been made two and a half minutes earlier."""
    answer = route.fetch()
    if answer.status != HTTPStatus.OK:
        route.fulfill(response=answer)
        return
    feed = answer.json()
    earlier = datetime.fromisoformat(feed["now"]) - timedelta(minutes=2, seconds=30)
    for event in feed["events"]:
        event["call"]["called_at"] = earlier.isoformat().replace("+00:00", "Z")
    route.fulfill(response=answer, json=feed)


def _wait_until_idle(tv: Television) -> None:
    tv.expect_data("speaking", "", timeout_s=60)
