"""A page that stays open for days: what it holds after 2 000 calls is what it held after 200."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from infra.local.stack import LocalStack

HURRIED_ROOM = (Path(__file__).parent / "hurried_room.js").read_text()
GROWTH_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Held:
    """What a page holds after its garbage was collected.

    Attributes:
        heap_bytes: JavaScript objects, what the browser keeps for them, and array buffers.
        nodes: DOM nodes.
        listeners: event listeners.
    """

    heap_bytes: int
    nodes: int
    listeners: int


@pytest.mark.timeout(600)
def test_two_thousand_calls_leave_nothing_behind(stack: LocalStack, browser: Browser) -> None:
    # Given a TV whose day goes by in minutes, after its first 200 calls
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(HURRIED_ROOM)
    page = context.new_page()
    page.goto(f"{stack.settings.pages_url}/panel/#panel=sala&token=nenhum")
    devtools = context.new_cdp_session(page)
    call(page, 200)
    early = held(devtools)
    # When 1 800 more are called
    call(page, 2_000)
    # Then the page holds no more than before, and it did speak: hurried clocks leave a sound
    # little time to begin, so not every one does
    late = held(devtools)
    assert page.evaluate("window.__room.spoken.size") > 1_900
    assert late.heap_bytes - early.heap_bytes < GROWTH_BYTES_MAX, (early, late)
    assert late.nodes - early.nodes < 100, (early, late)
    assert late.listeners - early.listeners < 10, (early, late)
    context.close()


def call(page: Page, calls: int) -> None:
    """Have so many called in all, and wait until the last has left the screen."""
    page.evaluate("wanted => { window.__room.wanted = wanted; }", calls)
    page.wait_for_function(
        "wanted => window.__room.shown.size >= wanted", arg=calls, timeout=400_000, polling=500
    )
    page.wait_for_function("() => document.documentElement.dataset.call === ''")


def held(devtools: CDPSession) -> Held:
    for _ in range(3):  # what a first collection finalizes, a later one frees
        devtools.send("HeapProfiler.collectGarbage")
    devtools.send("Performance.enable")
    usage = devtools.send("Runtime.getHeapUsage")
    metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
    heap = sum(usage.get(k, 0) for k in ("usedSize", "embedderHeapUsedSize", "backingStorageSize"))
    return Held(int(heap), int(metrics["Nodes"]), int(metrics["JSEventListeners"]))
