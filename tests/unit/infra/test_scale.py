"""The scale model: Kubernetes' autoscaler, a day in which nothing is lost, a bill that adds up."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.scale import bill, breaking, comparison, day, demand, inputs, known, levers, manifests
from infra.scale import page as pages
from infra.scale.autoscaler import (
    Bounds,
    ScalingPolicy,
    ScalingRules,
    Stabilizer,
    pods_for_average,
    pods_for_total,
)
from infra.scale.day import Clip, Day
from infra.scale.simulation import Observed, Outcome, Setup, run
from infra.scale.strategies import AtLeastBetween, Autoscaled, Fixed, HourByHour

ASSUMED = inputs.assumptions()
PRICES = inputs.prices()
LIMITS = inputs.limits()
KNOWN = known.read()
HOST = KNOWN.host
LENGTH_S = HOST.audio_s
NOON_S = 12 * 3600.0
SETUP = Setup(HOST, start_s=100.0, metric_age_s=30.0, render_concurrency=8)


def live(called_s: float, length_s: float = LENGTH_S) -> Clip:
    return Clip(length_s, None, called_s)


def lived(clips: list[Clip], pods: int = 1, setup: Setup = SETUP) -> Outcome:
    return run(Day(clips, 0), setup, Fixed(pods))


# The autoscaler


@pytest.mark.parametrize(
    ("values", "target", "wanted"),
    [
        ([200.0] * 3, 100.0, 6),  # "if the current metric value is 200m and the desired is 100m"
        ([50.0] * 4, 100.0, 2),  # "if the current value is instead 50m"
        ([90.0] * 50, 75.0, 60),  # the blog on configurable tolerance
        ([104.0] * 10, 100.0, 10),  # within the tolerance of 0.1
        ([96.0] * 10, 100.0, 10),
        ([0.0, 0.0], 4.0, 0),
        ([3.0, 8.0], 4.0, 3),  # rounded up
    ],
)
def test_given_a_metric_then_pods_are_as_kubernetes_documents(
    values: list[float], target: float, wanted: int
) -> None:
    assert pods_for_average(values, 0, len(values), target) == wanted


def test_given_pods_that_start_then_one_burst_is_not_answered_twice() -> None:
    assert pods_for_average([16.0, 16.0], 0, 2, 4.0) == 8
    assert pods_for_average([17.0, 17.0], 6, 8, 4.0) == 8


def test_given_pods_that_start_then_they_do_not_count_where_fewer_are_wanted() -> None:
    assert pods_for_average([1.0, 1.0], 2, 4, 4.0) == 1


def test_given_a_queue_then_each_pod_gets_its_part_of_it() -> None:
    assert pods_for_total(30, 1, 10) == 3
    assert pods_for_total(0, 3, 10) == 0
    assert pods_for_total(21, 2, 10) == 2


def test_given_a_quiet_minute_then_pods_stay_for_the_window() -> None:
    bounds = Bounds(1, 10, down=ScalingRules(300, (ScalingPolicy("Percent", 100, 15),)))
    stabilizer = Stabilizer(bounds)
    assert stabilizer.next(0, 4, 8) == 8
    assert [stabilizer.next(at_s, 8, 2) for at_s in (15, 150, 300)] == [8, 8, 8]
    assert stabilizer.next(315, 8, 2) == 2


def test_given_a_rush_then_pods_come_as_fast_as_the_better_policy_lets_them() -> None:
    rules = ScalingRules(0, (ScalingPolicy("Percent", 100, 60), ScalingPolicy("Pods", 2, 60)))
    stabilizer = Stabilizer(Bounds(1, 100, up=rules))
    pods, seen = 1, []
    for at_s in range(0, 200, 15):
        pods = stabilizer.next(at_s, pods, 50)
        seen.append(pods)
    assert seen == [3, 3, 3, 3, 6, 6, 6, 6, 12, 12, 12, 12, 24, 24]


def test_given_pods_that_just_went_then_both_directions_reckon_from_the_period_s_begin() -> None:
    # calculateScaleUpLimitWithScalingRules: the current ones, less those added, plus those deleted
    down = ScalingRules(0, (ScalingPolicy("Pods", 4, 60),))
    up = ScalingRules(0, (ScalingPolicy("Pods", 2, 60),))
    stabilizer = Stabilizer(Bounds(1, 100, up=up, down=down))
    assert stabilizer.next(0, 10, 1) == 6
    assert stabilizer.next(15, 6, 50) == 12
    assert stabilizer.next(30, 12, 1) == 6


def test_given_policies_that_wait_for_the_slower_one_then_it_decides() -> None:
    rules = ScalingRules(
        0, (ScalingPolicy("Percent", 100, 60), ScalingPolicy("Pods", 1, 60)), "Min"
    )
    assert Stabilizer(Bounds(1, 100, up=rules)).next(0, 8, 50) == 9


def test_given_a_direction_that_is_disabled_then_pods_stay() -> None:
    rules = ScalingRules(0, (), "Disabled")
    assert Stabilizer(Bounds(1, 10, down=rules)).next(0, 8, 2) == 8


@given(
    wanted=st.lists(st.integers(0, 1000), min_size=1, max_size=100),
    least=st.integers(1, 5),
    more=st.integers(0, 20),
)
def test_given_any_wishes_then_pods_stay_within_their_bounds(
    wanted: list[int], least: int, more: int
) -> None:
    stabilizer, pods = Stabilizer(Bounds(least, least + more)), least
    for number, one in enumerate(wanted):
        pods = stabilizer.next(15.0 * number, pods, one)
        assert least <= pods <= least + more


def test_given_the_manifests_then_their_numbers_are_used() -> None:
    hpa, keda = manifests.hpa(), manifests.keda()
    assert 1 <= hpa.bounds.least < hpa.bounds.most
    assert keda.bounds == hpa.bounds, "both scale the same Deployment"
    assert hpa.cpu is not None
    packed = 100.0  # percent: what a busy pod has at least, however full its node is
    assert pods_for_average([packed] * 2, 0, 2, hpa.cpu) > 2, "or busy pods would never be too much"
    assert keda.queued is not None


# A day


def test_given_a_lone_call_then_it_takes_what_was_measured() -> None:
    [(_, wait_s)] = lived([live(NOON_S)]).waits
    assert wait_s == pytest.approx(LENGTH_S / HOST.throughput[1])


@pytest.mark.parametrize("at_once", [1, 2, 4, 8, 16])
def test_given_calls_at_once_then_they_share_what_a_pod_makes(at_once: int) -> None:
    outcome = lived([live(NOON_S) for _ in range(at_once)])
    expected_s = at_once * LENGTH_S / HOST.throughput[at_once]
    assert [wait_s for _, wait_s in outcome.waits] == pytest.approx([expected_s] * at_once)


def test_given_more_calls_than_rows_then_the_last_one_waits_for_room() -> None:
    outcome = lived([live(NOON_S) for _ in range(HOST.rows + 1)])
    full_s = HOST.rows * LENGTH_S / HOST.throughput[HOST.rows]
    assert outcome.waits[-1][1] == pytest.approx(full_s + LENGTH_S / HOST.throughput[1])


def test_given_work_done_ahead_then_a_call_does_not_notice_it() -> None:
    ahead = [Clip(LENGTH_S, NOON_S - 1, None) for _ in range(50)]
    outcome = lived([*ahead, live(NOON_S)])
    assert outcome.waits[0][1] == pytest.approx(LENGTH_S / HOST.throughput[1])
    assert outcome.made == 51


def test_given_a_clip_that_was_made_ahead_then_its_call_waits_for_nothing() -> None:
    assert lived([Clip(LENGTH_S, NOON_S - 60, NOON_S)]).waits == ((NOON_S, 0.0),)


def test_given_a_clip_that_is_still_queued_then_its_call_has_it_spoken_at_once() -> None:
    backlog = [Clip(LENGTH_S, NOON_S - 1, None) for _ in range(500)]
    outcome = lived([*backlog, Clip(LENGTH_S, NOON_S - 1, NOON_S)])
    assert outcome.waits[0][1] == pytest.approx(LENGTH_S / HOST.throughput[1])
    assert outcome.made == 501, "once, not twice"


def test_given_few_renders_at_once_then_more_pods_make_no_more_ahead() -> None:
    long_s = 10 * LENGTH_S
    clips = [Clip(long_s, 0.0, None) for _ in range(4_000)]
    narrow = replace(SETUP, render_concurrency=1)
    day_of_speech_s = 86_400 * HOST.throughput[1]
    for pods in (1, 4):
        assert lived(clips, pods, narrow).made == pytest.approx(day_of_speech_s / long_s, rel=0.01)


def test_given_a_pod_that_is_wanted_then_it_serves_only_once_it_has_started() -> None:
    strategy = AtLeastBetween(Fixed(1), floor=3, from_h=12, to_h=13)
    samples = run(Day([], 0), SETUP, strategy).samples
    serving = {sample.at_s - NOON_S: sample.serving for sample in samples}
    assert (serving[0], serving[90], serving[105], serving[3600]) == (1, 1, 3, 1)


def test_given_pods_that_serve_since_a_moment_then_old_metrics_do_not_make_them_forgotten() -> None:
    looks: list[Observed] = []

    class Watching:
        first = 1

        def pods(self, seen: Observed) -> int:
            looks.append(seen)
            return 3 if seen.now_s >= NOON_S else 1

    run(Day([], 0), SETUP, Watching())
    assert all(len(seen.jobs) + seen.starting == seen.wanted for seen in looks)
    unheard = [seen.now_s - NOON_S for seen in looks if seen.starting]
    assert max(unheard) > SETUP.start_s, "a pod that serves is unknown for the age of the metric"


def test_given_pods_then_each_is_paid_from_its_order_to_its_end() -> None:
    assert lived([], pods=3).pod_s == pytest.approx(3 * 86_400)
    strategy = AtLeastBetween(Fixed(1), floor=3, from_h=12, to_h=13)
    assert run(Day([], 0), SETUP, strategy).pod_s == pytest.approx(86_400 + 2 * 3600)


def test_given_a_pod_that_goes_then_it_ends_what_it_speaks() -> None:
    planned = (2,) * 12 + (1,) * 12
    calls = [live(NOON_S - 0.5), live(NOON_S - 0.4)]
    outcome = run(Day(calls, 0), SETUP, HourByHour(planned))
    assert [wait_s for _, wait_s in outcome.waits] == pytest.approx(
        [LENGTH_S / HOST.throughput[1]] * 2
    )


clips = st.builds(
    lambda length_s, ordered_s, after_s: Clip(
        length_s,
        ordered_s,
        None if after_s is None else (ordered_s or 30_000.0) + after_s,
    ),
    st.floats(1, 10),
    st.floats(25_000, 30_000),
    st.none() | st.floats(0, 5_000),
) | st.builds(live, st.floats(25_000, 35_000), st.floats(1, 10))


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(drawn=st.lists(clips, max_size=60), at_once=st.integers(1, 20))
def test_given_any_day_then_nothing_is_lost_and_pods_stay_within_bounds(
    drawn: list[Clip], at_once: int
) -> None:
    scaling = manifests.hpa()
    setup = replace(SETUP, render_concurrency=at_once)
    outcome = run(Day(drawn, 0), setup, Autoscaled(scaling, manifests.busy_cpu_percent()))

    assert outcome.made == len(drawn)
    assert outcome.unmade == 0
    called = sorted(clip.called_s for clip in drawn if clip.called_s is not None)
    assert [called_s for called_s, _ in outcome.waits] == called
    assert all(wait_s >= 0 for _, wait_s in outcome.waits)
    assert all(
        scaling.bounds.least <= sample.wanted <= scaling.bounds.most
        and sample.serving <= scaling.bounds.most
        for sample in outcome.samples
    )


def test_given_a_drawn_day_then_calls_come_when_the_clinics_are_open() -> None:
    panels = 50
    drawn = day.draw(panels, ASSUMED, LENGTH_S)
    called = [clip.called_s for clip in drawn.clips if clip.called_s is not None]
    by_hour = Counter(int(at_s // 3600) for at_s in called)
    expected = ASSUMED.clinic_day.calls_by_hour
    unheard = 1 - ASSUMED.speech.unannounced_share * ASSUMED.speech.heard_before_share
    for hour, each in enumerate(expected):
        mean = panels * each * unheard
        assert abs(by_hour[hour] - mean) <= 5 * math.sqrt(mean)
    assert len(drawn.clips) == pytest.approx(
        panels * ASSUMED.clinic_day.calls * ASSUMED.speech.renders_per_call, rel=0.05
    )
    assert all(clip.ordered_s is not None or clip.called_s is not None for clip in drawn.clips)


def test_given_the_same_seed_then_the_day_is_the_same() -> None:
    assert day.draw(3, ASSUMED, LENGTH_S, seed=7) == day.draw(3, ASSUMED, LENGTH_S, seed=7)
    assert day.draw(3, ASSUMED, LENGTH_S, seed=7) != day.draw(3, ASSUMED, LENGTH_S, seed=8)


# The bill and the limits


def month(panels: int) -> bill.Bill:
    return bill.month(panels, ASSUMED, KNOWN, PRICES, least_pods=2)


def test_given_a_month_then_it_is_the_sum_of_its_parts() -> None:
    one = month(1_000)
    assert one.total_usd == pytest.approx(sum(one.usd.values()))
    assert one.usd_per_panel * 1_000 == pytest.approx(one.total_usd)
    assert one.usd_per_call * one.calls == pytest.approx(one.total_usd)


def test_given_twice_the_panels_then_requests_double_and_the_cluster_stays() -> None:
    few, many = month(100), month(200)
    assert many.load.api_requests == pytest.approx(2 * few.load.api_requests)
    assert many.usd["S3"] == pytest.approx(2 * few.usd["S3"])
    assert many.usd["Cluster and network"] == few.usd["Cluster and network"]


def test_given_any_size_then_each_panel_costs_less_than_at_a_smaller_one() -> None:
    shares = [month(panels).usd_per_panel for panels in pages.SIZES]
    assert shares == sorted(shares, reverse=True)


def test_given_many_logs_of_functions_then_further_ones_cost_less() -> None:
    assert month(100_000).usd["Logs"] < 0.9 * 100 * month(1_000).usd["Logs"]


def test_given_pages_then_both_firewalls_are_paid() -> None:
    api, pages_acl = KNOWN.stack.firewall_rules
    one = month(1)
    requests = 2 * one.load.api_requests + one.load.page_requests
    expected = requests * 0.6e-6 + (api + pages_acl) * 1.0 + 2 * 5.0
    assert api > 0
    assert pages_acl > 0
    assert one.usd["WAF"] == pytest.approx(expected)


def test_given_the_guide_then_its_node_is_paid_for_and_a_usual_month_mails_nobody() -> None:
    guide = (pages.PAGE.parent / "deploy.md").read_text(encoding="utf-8")
    [node] = re.findall(r"\w+\.\w*large", PRICES.price["host_node_hour"].page)
    assert f"such as {node}" in guide
    [budget] = re.findall(r"MONTHLY_BUDGET_USD=(\d+)", guide)
    assert month(10).total_usd < 0.8 * float(budget)


@pytest.mark.parametrize(("memory_mb", "slower"), [(512, 3.455), (1024, 1.728), (3008, 1.0)])
def test_given_a_functions_memory_then_its_handler_has_that_share_of_a_cpu(
    memory_mb: int, slower: float
) -> None:
    stack = KNOWN.stack
    assert stack.handler_on_s(memory_mb / 1024) == pytest.approx(slower * stack.handler_s, rel=1e-3)


def test_given_a_new_node_then_both_images_come_before_the_pod_serves() -> None:
    bare = ASSUMED.pod.start_s(0, HOST.load_s)
    pulled_s = ASSUMED.pod.start_s(HOST.image_bytes, HOST.load_s) - bare
    assert HOST.image_bytes > 2e9, "the pack's image has torch in it"
    assert pulled_s == pytest.approx(HOST.image_bytes / ASSUMED.pod.image_bytes_per_s)


def test_given_steps_then_each_unit_costs_what_its_step_says() -> None:
    price = PRICES.price["api_request"].model_copy(
        update={"usd": 4.0, "per": 1.0, "steps": ((10.0, 2.0), (20.0, 1.0))}
    )
    assert [price.cost(units) for units in (0, 5, 10, 15, 25)] == [0, 20, 40, 50, 65]


def test_given_the_price_table_then_every_price_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = set()
    cost = inputs.Prices.cost

    def note(self: inputs.Prices, item: str, units: float) -> float:
        asked.add(item)
        return cost(self, item, units)

    monkeypatch.setattr(inputs.Prices, "cost", note)
    levers.pull(10, ASSUMED, KNOWN, PRICES, least_pods=2)
    assert asked == set(PRICES.price)


def test_given_the_quotas_then_every_one_is_looked_at() -> None:
    found = breaking.in_order(ASSUMED, KNOWN, LIMITS, manifests.hpa().bounds)
    assert {limit.page for limit in LIMITS.limit.values()} <= {one.source for one in found}


def test_given_limits_then_the_first_to_be_reached_comes_first_and_is_full_at_its_panels() -> None:
    found = breaking.in_order(ASSUMED, KNOWN, LIMITS, manifests.hpa().bounds)
    reached = [one for one in found if one.is_reached]
    assert found[: len(reached)] == sorted(reached, key=lambda one: one.panels)
    for one in reached:
        assert one.share(round(one.panels)) == pytest.approx(1, rel=0.02)


def limit(what: str, stack: known.Stack = KNOWN.stack) -> breaking.Breaking:
    """The nearest limit of what panels run into."""
    bounds = manifests.hpa().bounds
    found = breaking.in_order(ASSUMED, replace(KNOWN, stack=stack), LIMITS, bounds)
    return next(one for one in found if one.what == what)


def test_given_the_stages_throttle_then_what_is_kept_for_the_api_takes_that_many() -> None:
    kept, throttle = limit("invocations of the API function"), limit("requests to the API")
    assert kept.panels >= throttle.panels
    few = replace(KNOWN.stack, api_reserved=200)
    assert limit("invocations of the API function", few).most == 2_000


def test_given_renders_at_once_then_pods_share_them_and_make_no_more_than_all_their_rows() -> None:
    most = manifests.hpa().bounds.most

    def clips_per_s(at_once: int) -> float:
        return limit("clips made ahead", replace(KNOWN.stack, render_concurrency=at_once)).most

    def pods_make(pods: int, each: int) -> float:
        return pods * HOST.speech_per_s(each) / LENGTH_S

    assert clips_per_s(3) == pytest.approx(pods_make(3, 1))
    assert clips_per_s(4 * most) == pytest.approx(pods_make(most, 4))
    assert clips_per_s(1_000) == pytest.approx(pods_make(most, HOST.rows - HOST.live_reserve))


def test_given_a_limit_that_few_panels_share_then_more_panels_elsewhere_do_not_matter() -> None:
    found = breaking.in_order(ASSUMED, KNOWN, LIMITS, manifests.hpa().bounds)
    [address] = [one for one in found if one.what == "requests from one address"]
    gathered = round(ASSUMED.clinic_day.panels_per_address)
    assert address.share(100_000) == address.share(gathered) == 2 * address.share(gathered // 2)


def test_given_each_lever_then_it_lowers_the_bill_and_raises_no_load() -> None:
    pulled = levers.pull(1_000, ASSUMED, KNOWN, PRICES, least_pods=2)
    costs, loads = [one.usd for one in pulled], [one.requests_per_s for one in pulled]
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs)) == len(costs)
    assert loads == sorted(loads, reverse=True)


def test_given_slower_polls_then_heartbeats_and_calls_stay_as_many() -> None:
    slower = replace(KNOWN, pages=replace(KNOWN.pages, poll_s=10.0))
    activity = demand.month(ASSUMED)
    before = demand.load(activity, ASSUMED, KNOWN).requests
    after = demand.load(activity, ASSUMED, slower).requests
    assert {name for name in before if before[name] != after[name]} == {"feed"}


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("clinic_day", {"calls_by_hour": [1.0] * 23}),
        ("speech", {"on_list_share": 1.2}),
        ("fleet", {"planned_load": 0.0}),
        ("pod", {"coffee_s": 3.0}),
    ],
)
def test_given_a_figure_that_cannot_be_then_it_is_refused(
    section: str, change: dict[str, Any]
) -> None:
    figures = ASSUMED.model_dump()
    figures[section] |= change
    with pytest.raises(ValidationError):
        inputs.Assumptions.model_validate(figures)


# The page


def test_the_page_has_what_the_model_says() -> None:
    made = pages.tables(ASSUMED, KNOWN, PRICES, LIMITS, comparison.read())
    text = pages.PAGE.read_text(encoding="utf-8")
    assert pages.filled(text, made) == text, "run: make scale"


def test_given_a_page_without_marks_then_the_missing_table_is_named() -> None:
    with pytest.raises(ValueError, match="bill"):
        pages.filled("# Scale", {"bill": "| |"})


@pytest.mark.slow
def test_the_day_that_is_kept_is_the_one_that_the_simulation_gives() -> None:
    [way] = [one for one in comparison.ways(ASSUMED, KNOWN) if one.name == "KEDA"]
    drawn = comparison.draw(way, ASSUMED, KNOWN)
    outcome = comparison.live(way, drawn, ASSUMED, KNOWN)
    summary = comparison.summarise(way, outcome, drawn, KNOWN, PRICES)
    assert summary in comparison.read(), "run: make scale"
