"""Where an invocation stands in a trace: X-Ray's own ids, in the W3C's form."""

from __future__ import annotations

import pytest

from speech import trace_context
from speech.deadline import Deadline
from speech.host import HostClient
from tests.unit.functions.host_stand_in import HostStandIn
from tests.unit.functions.test_host_and_lease import HELLO

ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793"
TRACE_ID = "5759e988bd862e3fe1be46a994272793"


@pytest.mark.parametrize(
    ("x_ray", "traceparent"),
    [
        (f"{ROOT};Parent=53995c3f42cd8ad8;Sampled=1", f"00-{TRACE_ID}-53995c3f42cd8ad8-01"),
        (f"{ROOT};Parent=53995c3f42cd8ad8;Sampled=0", f"00-{TRACE_ID}-53995c3f42cd8ad8-00"),
        (
            f"{ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0",
            f"00-{TRACE_ID}-53995c3f42cd8ad8-01",
        ),
        (f"Self=1-0-0;{ROOT};Parent=53995c3f42cd8ad8", f"00-{TRACE_ID}-53995c3f42cd8ad8-00"),
    ],
)
def test_given_x_rays_variable_then_the_host_is_told_the_same_trace(
    host: HostStandIn, monkeypatch: pytest.MonkeyPatch, x_ray: str, traceparent: str
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", x_ray)
    trace_context.begin()

    HostClient(host.url).synthesize(HELLO, Deadline.after(5), "live", "test")

    assert host.requests[0]["headers"]["traceparent"] == traceparent


@pytest.mark.parametrize(
    "x_ray",
    ["", "Root=", "Root=1-5759e988-bd86;Parent=53995c3f42cd8ad8", "Root=2-x", "Sampled=1"],
)
def test_given_no_trace_of_x_rays_then_the_invocation_begins_one_of_its_own(x_ray: str) -> None:
    first = trace_context.begin({"_X_AMZN_TRACE_ID": x_ray})
    assert trace_context.current() == first
    second = trace_context.begin({"_X_AMZN_TRACE_ID": x_ray})

    assert first.trace_id != second.trace_id
    version, trace_id, parent_id, flags = second.traceparent.split("-")
    assert (version, flags) == ("00", "01")
    assert (len(bytes.fromhex(trace_id)), len(bytes.fromhex(parent_id))) == (16, 8)


@pytest.mark.parametrize("parent", ["", ";Parent=0000000000000000"])
def test_given_a_trace_without_a_segment_then_the_parent_is_never_the_void_one(parent: str) -> None:
    context = trace_context.begin({"_X_AMZN_TRACE_ID": f"{ROOT}{parent};Sampled=1"})

    assert context.trace_id == TRACE_ID
    assert int(context.parent_id, 16) > 0
