"""Both sides in turn, all raw figures kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.engine.host_process import measure_host
from benchmarks.engine.machine import bytes_a_step, describe_machine, memory_bandwidth_gb_s
from benchmarks.engine.standin import Standin
from benchmarks.engine.texts import TOKENS
from benchmarks.engine.workers import Worker

CALLERS = (1, 2, 4, 8, 16)
BULK_CALLERS = 8


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often each thing is measured."""

    pairs: int = 5
    concurrency: int = 3
    live: int = 20
    starts: int = 3


QUICK = Repeats(pairs=2, concurrency=1, live=6, starts=1)


@dataclass(frozen=True, slots=True)
class Sides:
    """What runs what.

    Attributes:
        serving_python: has what the host has, and no torch.
        reference_python: has torch and TTS.
        standin: what both speak with.
    """

    serving_python: Path
    reference_python: Path
    standin: Standin

    def ours(self, pack: Path, vocoder: str, tokens: int) -> Worker:
        """A worker with the packed engine; 0 tokens lets the model decide."""
        recording = self.standin.recording
        arguments = (pack, recording, vocoder, str(tokens))
        return Worker(self.serving_python, "benchmarks.engine.ours", *arguments)

    def reference(self) -> Worker:
        """A worker with `TTS`."""
        standin = self.standin
        arguments = (standin.checkpoint, standin.int8, standin.recording)
        return Worker(self.reference_python, "benchmarks.engine.reference", *arguments)

    def parity(self, pack: Path, greedy: Path) -> Worker:
        """A worker that compares a pack with the reference."""
        return Worker(self.serving_python, "benchmarks.engine.parity", pack, greedy)


def compare(sides: Sides, repeats: Repeats, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything; `say` is told what is being done."""
    standin = sides.standin
    say("machine: memory bandwidth")
    machine = {**describe_machine(), "read_gb_s": memory_bandwidth_gb_s()}
    say("host: start, eight callers")
    host = measure_host(sides.serving_python, standin.int8, standin.recording, repeats.starts)
    with sides.reference() as reference:
        say("parity")
        parity = _parity(sides, reference)
        raw = _speed(sides, reference, repeats, say)
    say("ours: streams of several lengths")
    with sides.ours(standin.int8, "auto", 0) as free:
        raw["streams"] = free.ask("streams")
    with sides.ours(standin.int8, "auto", 1) as prompting:
        raw["prompt"] = [prompting.ask("single", tokens=1) for _ in range(3)]
    steps = {name: bytes_a_step(getattr(standin, name) / "decoder.safetensors") for name in _PACKS}
    return {"machine": machine, "host": host, "parity": parity, "bytes_a_step": steps, **raw}


_PACKS = ("int8", "int4", "fp32")


def _speed(
    sides: Sides, reference: Worker, repeats: Repeats, say: Callable[[str], None]
) -> dict[str, Any]:
    """The two sides and the opt-in in turn, then ours with many callers."""
    standin = sides.standin
    with (
        sides.ours(standin.int8, "auto", TOKENS) as ours,
        sides.ours(standin.int4, "auto", TOKENS) as opt_in,
    ):
        raw: dict[str, Any] = {
            "ours": ours.ask("describe"),
            "opt_in": opt_in.ask("describe"),
            "reference": reference.ask("describe"),
            "single": {"ours": [], "reference": [], "opt_in": []},
            "first_audio": {"ours": [], "reference": []},
            "concurrency": {str(callers): [] for callers in CALLERS},
        }
        reference.ask("single", tokens=TOKENS)  # its first call is slower, and is not counted
        raw["reference"]["stream"] = reference.ask("first_audio", tokens=TOKENS, whole=True)
        for number in range(repeats.pairs):
            say(f"ours, reference, opt-in: {number + 1} of {repeats.pairs}")
            raw["single"]["ours"].append(ours.ask("single", tokens=TOKENS))
            raw["single"]["reference"].append(reference.ask("single", tokens=TOKENS))
            raw["single"]["opt_in"].append(opt_in.ask("single", tokens=TOKENS))
            raw["first_audio"]["ours"].append(ours.ask("first_audio"))
            begun = reference.ask("first_audio", tokens=TOKENS, whole=False)
            raw["first_audio"]["reference"].append(begun)
        for number in range(repeats.concurrency):
            say(f"ours: callers at once, {number + 1} of {repeats.concurrency}")
            for callers in CALLERS:
                answer = ours.ask("together", callers=callers)
                raw["concurrency"][str(callers)].append(answer)
            raw["single"]["reference"].append(reference.ask("single", tokens=TOKENS))
        say("ours: live calls, idle and beside bulk")
        raw["live"] = {
            "idle": ours.ask("live", samples=repeats.live, bulk_callers=0),
            "beside_bulk": ours.ask("live", samples=repeats.live, bulk_callers=BULK_CALLERS),
        }
        raw["streams_together"] = {
            str(callers): ours.ask("together", callers=callers, streaming=True)
            for callers in (2, 4)
        }
        for name, worker in (("ours", ours), ("reference", reference), ("opt_in", opt_in)):
            raw[name]["memory"] = worker.ask("memory")
    return raw


def _parity(sides: Sides, reference: Worker) -> dict[str, Any]:
    """Each pack led through what the reference decoded greedily; the vocoder in windows."""
    parity = {}
    with tempfile.TemporaryDirectory() as scratch:
        greedy = Path(scratch) / "greedy.npz"
        reference.ask("greedy", tokens=TOKENS, out=str(greedy))
        for name in _PACKS:
            with sides.parity(getattr(sides.standin, name), greedy) as worker:
                parity[name] = worker.ask("decoder")
                parity[name]["profile"] = worker.ask("profile")
                if name == "fp32":
                    parity["vocoder"] = worker.ask("vocoder")
    return parity
