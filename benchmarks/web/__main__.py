"""`make bench-web`: measure the pages on the whole local system, write benchmarks/results/web.json.

Times are taken in the pages themselves, by the one clock that both pages of this machine share.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from infra.local.processes import beside_others
from infra.local.settings import ROOT
from infra.local.stack import LocalStack
from infra.local.waiting_room import WaitingRoom
from tests.e2e.web.browser import FLAGS, find
from tests.e2e.web.television import EARS

RESULTS = ROOT / "benchmarks" / "results" / "web.json"
CALLS = 30
LOADS = 7
SLOWER_CPU = 4
VIEWPORT: Any = {"width": 1280, "height": 720}

# When the first call stands on the screen, in ms since the navigation began.
_FIRST_CALL = """
new MutationObserver(() => {
  if (document.documentElement.dataset.call && !window.__firstCall)
    requestAnimationFrame(() => { window.__firstCall = performance.now(); });
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-call"] });
"""
_LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
# When each call came on the screen, by the machine's clock.
_SHOWN_AT = """
window.__shownAt = {};
new MutationObserver(() => {
  const call = document.documentElement.dataset.call;
  if (call) window.__shownAt[call] ??= Date.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-call"] });
"""


def main() -> None:
    """Bring the stack up on free ports, measure, write the results."""
    settings = beside_others("bench")
    stack = LocalStack(settings)
    try:
        stack.start()
        with sync_playwright() as playwright:
            flags = [*FLAGS, "--autoplay-policy=no-user-gesture-required"]
            browser = playwright.chromium.launch(executable_path=find(), args=flags)
            result = measure(stack, browser)
            browser.close()
    finally:
        stack.stop()
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result["summary"], indent=2))


def measure(stack: LocalStack, browser: Browser) -> dict[str, Any]:
    """All figures of one run."""
    from_desk = desk_to_tv(stack, browser)
    first = {f"{slower}x": first_call(stack, browser, slower) for slower in (1, SLOWER_CPU)}
    return {
        "command": "make bench-web",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "browser": browser.version,
        },
        "summary": {
            "script_gzip_bytes": script_bytes(),
            "desk_to_tv_shown_ms": spread(from_desk["shown_ms"]),
            "desk_to_tv_heard_ms": spread(from_desk["heard_ms"]),
            "first_call_visible": {
                cpu: {since: spread(times) for since, times in taken.items()}
                for cpu, taken in first.items()
            },
        },
        "samples": {**from_desk, "first_call_visible": first},
    }


def desk_to_tv(stack: LocalStack, browser: Browser) -> dict[str, list[float]]:
    """From the click on "Chamar" to the call on the screen, and to the first sound of its speech.

    The patients have checked in, so their speech was rendered ahead; there is no chime.
    """
    room = WaitingRoom(stack.describe({}), "medida")
    room.open(repeats=1, chime="none")
    tv = page_of(browser, _SHOWN_AT, EARS)
    tv.goto(room.panel_url(room.pair("TV")))
    tv.wait_for_function("() => document.documentElement.dataset.voice === 'true'")
    desk = page_of(browser)
    desk.goto(room.console_url)
    desk.get_by_label("Painel").select_option(room.panel)
    desk.get_by_role("button", name="Começar").click()
    desk.evaluate(
        """() => { window.__clicks = [];
           addEventListener("click", () => window.__clicks.push(Date.now()), true); }"""
    )
    room.check_in(*({"ticket": f"A{n:03d}", "place": "Triagem"} for n in range(CALLS)))
    time.sleep(20)
    times: dict[str, list[float]] = {"shown_ms": [], "heard_ms": []}
    for number in range(CALLS):
        before = len(tv.evaluate("Object.keys(window.__shownAt)"))
        desk.get_by_role("button", name="Chamar próximo").click()
        tv.wait_for_function("n => Object.keys(window.__shownAt).length > n", arg=before)
        call = tv.evaluate("() => document.documentElement.dataset.call")
        tv.wait_for_function(
            "call => window.__heard.some((one) => one.speaking === call)", arg=call
        )
        clicked = desk.evaluate("() => window.__clicks.at(-1)")
        times["shown_ms"].append(tv.evaluate("call => window.__shownAt[call]", call) - clicked)
        heard = "call => window.__heard.find((one) => one.speaking === call).at"
        times["heard_ms"].append(tv.evaluate(heard, call) - clicked)
        tv.wait_for_function("() => document.documentElement.dataset.call === ''", timeout=30_000)
        time.sleep((number % 10) / 10)  # so that clicks fall anywhere between two polls
    room.close()
    return times


def first_call(stack: LocalStack, browser: Browser, slower: int) -> dict[str, list[float]]:
    """The first call on a TV's screen, nothing cached, on a CPU slowed down so many times.

    Since the navigation began, and since the page's load event.
    """
    times: dict[str, list[float]] = {"after_navigation_ms": [], "after_load_ms": []}
    for number in range(LOADS):
        room = WaitingRoom(stack.describe({}), f"medida-{slower}-{number}")
        room.open()
        url = room.panel_url(room.pair("TV"))
        room.announce(name="Maria da Silva", place="Triagem")
        page = page_of(browser, _FIRST_CALL)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.goto(url)
        page.wait_for_function("() => window.__firstCall")
        visible = float(page.evaluate("window.__firstCall"))
        times["after_navigation_ms"].append(visible)
        times["after_load_ms"].append(visible - float(page.evaluate(_LOADED)))
        page.context.close()
        room.close()
    return times


def page_of(browser: Browser, *scripts: str) -> Page:
    """A page with its own storage."""
    context = browser.new_context(viewport=VIEWPORT, locale="pt-BR")
    for script in scripts:
        context.add_init_script(script)
    return context.new_page()


def script_bytes() -> dict[str, int]:
    """The panel's scripts, compressed: the page's, and its service worker."""
    dist = ROOT / "web" / "dist"
    page = (dist / "panel" / "index.html").read_text()
    names = [path for path in (dist / "assets").glob("*.js") if path.name in page]
    sizes = {"page": sum(map(compressed, names)), "worker": compressed(dist / "panel" / "sw.js")}
    return {**sizes, "total": sum(sizes.values())}


def compressed(path: Path) -> int:
    """Bytes of a file after gzip."""
    return len(gzip.compress(path.read_bytes()))


def spread(times: Sequence[float]) -> dict[str, float]:
    """Median and worst."""
    pick: dict[str, Callable[[Sequence[float]], float]] = {"median": statistics.median, "max": max}
    return {name: round(of(times), 1) for name, of in pick.items()}


if __name__ == "__main__":
    main()
