"""What a TV has to download before it can show a call."""

from __future__ import annotations

import gzip
from urllib.parse import urlparse

from playwright.sync_api import Browser

from infra.local.settings import ROOT
from infra.local.stack import LocalStack

SCRIPT_BYTES_MAX = 60 * 1024


def test_the_panels_scripts_are_within_their_budget(stack: LocalStack, browser: Browser) -> None:
    # Given the built pages
    # When a TV loads the panel, its service worker included
    context = browser.new_context()
    page = context.new_page()
    scripts: set[str] = set()
    context.on(
        "request",
        lambda asked: (
            scripts.add(urlparse(asked.url).path)
            if urlparse(asked.url).path.endswith(".js")
            else None
        ),
    )
    page.goto(f"{stack.settings.pages_url}/panel/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.close()
    # Then all of its scripts, compressed, are within 60 KB
    assert "/panel/sw.js" in scripts
    sizes = {
        path: len(gzip.compress((ROOT / "web/dist" / path[1:]).read_bytes())) for path in scripts
    }
    assert sum(sizes.values()) <= SCRIPT_BYTES_MAX, sizes
