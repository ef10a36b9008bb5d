"""The tables of docs/scale.md, between their marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from infra.local.settings import ROOT
from infra.scale import bill, breaking, comparison, demand, levers, manifests
from infra.scale.inputs import Assumptions, Limits, Prices
from infra.scale.known import Known

PAGE: Final = ROOT / "docs" / "scale.md"
SIZES: Final = (10, 1_000, 100_000)

_WHOLE_FROM: Final = 100
_NAUGHT: Final = 0.005

Cells = Sequence[str]


def tables(
    assumed: Assumptions,
    known: Known,
    prices: Prices,
    limits: Limits,
    days: Sequence[comparison.Summary],
) -> dict[str, str]:
    """Every table as Markdown, by the name in its marks."""
    scaling = manifests.hpa()
    bills = [bill.month(panels, assumed, known, prices, scaling.bounds.least) for panels in SIZES]
    found = breaking.in_order(assumed, known, limits, scaling.bounds)
    return {
        "panel": _one_panel(assumed, known),
        "month": _month(bills),
        "bill": _bill(bills),
        "limits": _limits(found),
        "levers": _levers(assumed, known, prices, scaling.bounds.least),
        "day": _days(days),
        "start": _start(assumed, known),
    }


def filled(text: str, made: Mapping[str, str]) -> str:
    """The page with every table put between its marks.

    Raises:
        ValueError: a table has no marks in the page.
    """
    for name, table in made.items():
        begin, end = f"<!-- {name}: written by `make scale` -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, ended, after = rest.partition(end)
        if not (found and ended):
            raise ValueError(f"no marks for the table {name}")
        text = f"{before}{begin}\n{table}\n{end}{after}"
    return text


def write(made: Mapping[str, str], page: Path = PAGE) -> None:
    """Put the tables into the page."""
    page.write_text(filled(page.read_text(encoding="utf-8"), made), encoding="utf-8")


def _one_panel(assumed: Assumptions, known: Known) -> str:
    busiest = demand.load(demand.busiest_second(assumed), assumed, known)
    month = demand.load(demand.month(assumed), assumed, known)
    watching = {"feed", "feed_changed", "waiting"}
    polls = sum(count for name, count in month.requests.items() if name in watching)
    return _markdown(
        ("one panel", "", "of all requests"),
        [
            ("asks the API, in the busiest hour", f"{busiest.api_requests:.2f} requests/s", ""),
            (
                "… a month",
                _short(month.api_requests),
                "",
            ),
            ("… of which screens and desks look for news", _short(polls), _share(polls, month)),
            (
                "… heartbeats",
                _short(month.requests["heartbeat"]),
                _share(month.requests["heartbeat"], month),
            ),
            (
                "… all else: calls, their speech, check-in",
                _short(month.api_requests - polls - month.requests["heartbeat"]),
                _share(month.api_requests - polls - month.requests["heartbeat"], month),
            ),
            ("has the host speak, a month", f"{month.speech_s / 3600:.1f} h", ""),
        ],
    )


def _month(bills: Sequence[bill.Bill]) -> str:
    def row(name: str, values: Iterable[str]) -> Cells:
        return (name, *values)

    loads = [one.load for one in bills]
    return _markdown(
        ("a month of", *(f"{panels:,} panels".replace(",", " ") for panels in SIZES)),
        [
            row("calls", (_short(one.calls) for one in bills)),
            row("clips spoken by the host", (_short(load.renders) for load in loads)),
            row("… while somebody waits", (_short(load.missed) for load in loads)),
            row("hours of speech", (_short(load.speech_s / 3600) for load in loads)),
            row("pods at the peak", (_short(one.fleet.most) for one in bills)),
            row("pods on average", (f"{one.fleet.mean:.1f}" for one in bills)),
            row("requests to the API", (_short(load.api_requests) for load in loads)),
            row("authorizer, invocations", (_short(load.authorized) for load in loads)),
            row("render, invocations", (_short(load.render_calls) for load in loads)),
            row("API function, hours", (_short(load.api_s / 3600) for load in loads)),
            row("render function, hours", (_short(load.render_s / 3600) for load in loads)),
            row("table reads", (_short(load.reads) for load in loads)),
            row("table writes", (_short(load.writes) for load in loads)),
            row("S3 writes", (_short(load.object_writes) for load in loads)),
            row("S3 reads", (_short(load.object_reads) for load in loads)),
            row("SQS requests for messages", (_short(load.queue_requests) for load in loads)),
            row("clips to screens, GB", (_short(load.clip_bytes / 1e9) for load in loads)),
            row(
                "answers through CloudFront, GB",
                (_short(load.answer_bytes / 1e9) for load in loads),
            ),
        ],
    )


def _bill(bills: Sequence[bill.Bill]) -> str:
    groups = sorted(bills[-1].usd, key=lambda group: -bills[-1].usd[group])
    rows: list[Cells] = [(group, *(_money(one.usd[group]) for one in bills)) for group in groups]
    rows += [
        ("**together**", *(f"**{_money(one.total_usd)}**" for one in bills)),
        ("a panel", *(_money(one.usd_per_panel) for one in bills)),
        ("a call", *(f"{one.usd_per_call:.4f}" for one in bills)),
    ]
    return _markdown(
        ("USD a month", *(f"{panels:,} panels".replace(",", " ") for panels in SIZES)), rows
    )


def _limits(found: Sequence[breaking.Breaking]) -> str:
    rows = [
        (
            f"{_short(one.panels)} {one.where}".rstrip(),
            one.what,
            f"{one.each:.3g} of {_plain(one.most)} {one.unit}",
            *(_of_limit(one.share(panels)) for panels in SIZES),
            one.source,
            one.remedy,
        )
        for one in found
    ]
    sizes = (f"{panels:,}".replace(",", " ") for panels in SIZES)
    return _markdown(("panels", "run into", "one panel takes", *sizes, "limit", "what to do"), rows)


def _levers(assumed: Assumptions, known: Known, prices: Prices, least_pods: int) -> str:
    sizes = SIZES[1:]
    pulled = [levers.pull(panels, assumed, known, prices, least_pods) for panels in sizes]
    rows = [
        (
            one[0].change,
            *(f"{_money(lever.usd)}, {_short(lever.requests_per_s)}/s" for lever in one),
            f"{one[-1].usd / one[-1].bill.panels:.2f}",
        )
        for one in zip(*pulled, strict=True)
    ]
    heads = (f"{panels:,} panels".replace(",", " ") for panels in sizes)
    return _markdown(("each beside those above it", *heads, "USD a panel"), rows)


def _days(days: Sequence[comparison.Summary]) -> str:
    rows = [
        (
            one.name,
            str(one.render_concurrency),
            f"{one.ready_share:.1%}",
            f"{one.p50_s:.1f} / {one.p95_s:.1f} / {one.p99_s:.1f}",
            f"{one.late_share:.2%}",
            "never" if one.list_done_h is None else _hour(one.list_done_h),
            str(one.pods_most),
            f"{one.pod_hours:.0f}",
            f"{one.usd:.2f}",
        )
        for one in days
    ]
    return _markdown(
        (
            "pods",
            "made ahead at once",
            "ready when called",
            "wait of the others, p50 / p95 / p99, s",
            "late",
            "list done",
            "most pods",
            "pod hours",
            "USD",
        ),
        rows,
    )


def _start(assumed: Assumptions, known: Known) -> str:
    pod, host = assumed.pod, known.host
    return _markdown(
        ("until a pod serves", "s", "from"),
        [
            ("a node", f"{pod.node_s:.0f}", "assumed"),
            ("the images", f"{pod.pull_s(host.image_bytes):.0f}", "`images.json`; rate assumed"),
            ("the pack", f"{pod.fetch_s:.0f}", "its size; rate assumed"),
            ("loading", f"{host.load_s:.0f}", "`engine.json`, files in the page cache"),
            ("the load balancer", f"{pod.registered_s:.0f}", "assumed, of its health checks"),
            ("**together**", f"**{pod.start_s(host.image_bytes, host.load_s):.0f}**", ""),
        ],
    )


def _markdown(heads: Cells, rows: Iterable[Cells]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _share(part: float, load: demand.Load) -> str:
    return f"{part / load.api_requests:.1%}"


def _short(value: float) -> str:
    """Three digits that matter, with k, M or G."""
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= unit * 0.9995:
            return (
                f"{value / unit:.3g}{name}" if value < unit * 999.5 else f"{value / unit:.0f}{name}"
            )
    return f"{value:.3g}"


def _plain(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if value >= _WHOLE_FROM else f"{value:.3g}"


def _money(usd: float) -> str:
    return f"{usd:,.0f}".replace(",", " ") if usd >= _WHOLE_FROM else f"{usd:.2f}"


def _of_limit(share: float) -> str:
    """Percent, or how many times too much."""
    if share >= 1:
        return f"**{_short(share)}x**"
    return f"{share:.0%}" if share >= _NAUGHT else "0%"


def _hour(hour: float) -> str:
    return f"{int(hour)}:{round(hour % 1 * 60):02d}"
