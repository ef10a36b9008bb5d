"""A cold start is mostly imports: each handler has a budget."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.functions.conftest import ENVIRONMENT

FUNCTIONS = Path(__file__).parents[3] / "functions"
PROGRAM = """
import sys, time
begun = time.process_time()
import {function}.app
print(time.process_time() - begun)
lazy = ("aws_xray_sdk", "swagger_ui_bundle", "sentry_sdk", "jwt")
print([name for name in lazy if name in sys.modules])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "budget_s"),
    [
        ("authorizer", 0.5),
        ("api", 0.9),
        ("render", 0.5),
        ("prerender", 0.5),
        ("warmup", 0.5),
        ("cleanup", 0.5),
    ],
)
def test_given_a_cold_start_then_the_handler_is_imported_within_its_budget(
    function: str, budget_s: float
) -> None:
    def import_s() -> float:
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(function=function)],
            cwd=FUNCTIONS,
            env=os.environ | ENVIRONMENT,
            capture_output=True,
            text=True,
            check=True,
        )
        took, loaded = ran.stdout.splitlines()
        assert loaded == "[]"
        return float(took)

    # Processor time, and the best of up to three: other work shares this machine.
    assert any(import_s() <= budget_s for _ in range(3))
