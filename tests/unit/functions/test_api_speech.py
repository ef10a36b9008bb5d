from __future__ import annotations

from tests.unit.functions.conftest import Stage


def test_given_an_empty_cache_when_a_call_is_made_then_it_is_spoken_once_and_then_found(
    stage: Stage,
) -> None:
    call = {"call": {"ticket": "A042", "name": "João da Silva", "place": "Consultório 03"}}

    first = stage.say(call)
    again = stage.say(call)

    assert first.status == 200, first.body
    assert (first.json["cached"], again.json["cached"]) == (False, True)
    assert first.json["id"] == again.json["id"]
    assert stage.host.spoken == ["Atenção, João da Silva, senha A042, Consultório 03"]
