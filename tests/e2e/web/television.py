"""A TV in the waiting room: a page in Chromium, what stands on it and what sounds from it."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

EARS = (Path(__file__).parent / "ears.js").read_text()
# An RMS of full scale that speech and the chime pass, and silence does not: -46 dBFS.
AUDIBLE_RMS = 0.005


@dataclass(frozen=True, slots=True)
class Heard:
    """2048 samples that sounded.

    Attributes:
        at_ms: when, in ms since the epoch.
        rms: how loud, of full scale.
        speaking: id of the call that the page said it was speaking then; "" for none.
    """

    at_ms: float
    rms: float
    speaking: str


class Television:
    """The panel's page.

    Args:
        context: a browser context of its own, as every TV has its own storage.
        url: the panel's address with the device's token.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.problems: list[str] = []
        context.add_init_script(EARS)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self._note("error", str(error)))
        self.url = url

    def turn_on(self) -> Television:
        """Load the page and wait until it has met the API."""
        self.page.goto(self.url)
        self.expect_data("link", "ok")
        return self

    def expect_data(self, name: str, value: str, timeout_s: float = 20) -> None:
        """Wait until the page says so of itself (docs/panel.md lists what it says)."""
        expect(self.page.locator("html")).to_have_attribute(
            f"data-{name}", value, timeout=timeout_s * 1000
        )

    def data(self, name: str) -> str:
        """What the page says of itself now."""
        return self.page.locator("html").get_attribute(f"data-{name}") or ""

    def shown_call(self) -> str:
        """Id of the call on screen."""
        return self.data("call")

    def shown(self) -> list[str]:
        """Ids of the calls that were on screen, in order."""
        ids: list[str] = self.page.evaluate("window.__shown")
        return ids

    def wait_until_shown(self, call: str, timeout_s: float = 30) -> None:
        """Wait until this call is, or was, on screen."""
        self.page.wait_for_function(
            "call => window.__shown.includes(call)", arg=call, timeout=timeout_s * 1000
        )

    def wait_until_worker_serves(self) -> None:
        """Wait until the service worker has the shell and answers for the page."""
        self._wait_for_promise(
            """navigator.serviceWorker.ready.then(
                 () => navigator.serviceWorker.controller !== null)"""
        )

    def wait_until_kept(self, clips: int, timeout_s: float = 30) -> None:
        """Wait until so many clips are kept for the calls to come."""
        kept = "caches.open('clips').then((cache) => cache.keys()).then((keys) => keys.length)"
        self._wait_for_promise(f"{kept}.then((kept) => kept >= {clips})", timeout_s)

    def loudest(self) -> float:
        """The loudest RMS of 2048 samples so far, of full scale."""
        return max((one.rms for one in self.heard()), default=0.0)

    def expect_text(self, text: str, timeout_s: float = 20) -> None:
        """Wait until these words stand anywhere on the page."""
        expect(self.page.locator("body")).to_contain_text(text, timeout=timeout_s * 1000)

    def expect_shown(self, text: str, timeout_s: float = 20) -> None:
        """Wait until the current call has these words."""
        expect(self.page.get_by_role("status").first).to_contain_text(
            text, timeout=timeout_s * 1000
        )

    def heard(self) -> list[Heard]:
        """What has sounded since the page was loaded."""
        raw: list[dict[str, Any]] = self.page.evaluate("window.__heard")
        return [Heard(one["at"], one["rms"], one["speaking"]) for one in raw]

    def spoken(self) -> list[str]:
        """The ids of the calls that were heard, in order, each run of sound once."""
        loud = [one.speaking for one in self.heard() if one.speaking and one.rms > AUDIBLE_RMS]
        return [call for call, _ in itertools.groupby(loud)]

    def wait_until_spoken(self, *calls: str, timeout_s: float = 30) -> None:
        """Wait until each of these calls was heard and is over."""
        for call in calls:
            self.page.wait_for_function(
                """([call, loud]) => window.__heard.some(
                     (one) => one.speaking === call && one.rms > loud)
                   && document.documentElement.dataset.speaking !== call""",
                arg=[call, AUDIBLE_RMS],
                timeout=timeout_s * 1000,
            )

    def _wait_for_promise(self, expression: str, timeout_s: float = 30) -> None:
        """Wait until a promise, made anew each time, is kept with true.

        Playwright's own `wait_for_function` takes the promise itself for the truth.
        """
        deadline = time.monotonic() + timeout_s
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, expression
            time.sleep(0.1)

    def _note(self, kind: str, text: str) -> None:
        # A refused or failed request is the network's affair; these are the page's own faults.
        if "Content Security Policy" in text or (kind == "error" and "Failed to load" not in text):
            self.problems.append(text)
