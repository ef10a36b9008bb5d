"""The vocoder: latents in, audio out, in windows that are all of a few lengths.

HiFi-GAN sees 12.68 frames to each side, so a window with 13 frames of context at its inner edges
gives what the whole utterance at once would: no cross-fade, no second rendering. At the utterance's
own start and end the network pads every layer with zeros; a window that holds one of them must end
exactly there. docs/vocoder.md has the windows, the numerics and the figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import openvino

from model_host.engines.base import EngineUnavailableError, Samples
from model_host.engines.xtts.frames import FrameTimeline
from model_host.engines.xtts.pacing import WindowAhead
from model_host.engines.xtts.resident_pages import drop_resident_pages
from model_host.engines.xtts.windows import WINDOW_LENGTHS, Window, next_window

Float32 = npt.NDArray[np.float32]
VocoderPrecision = Literal["auto", "bf16", "fp32"]

MODEL_NAME = "vocoder"
RATES_PATH = ("ctv", "vocoder")
"""Where in the model's metadata its `Rates` are."""

_HINTS = {"bf16": "bf16", "fp32": "f32"}

_KERNELS_HELD = 900
"""Compiled kernels that OpenVINO may hold: about seven lengths' worth. Each odd length of a very
short utterance adds a hundred, and without a limit they would pile up."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How latents, frames and samples relate.

    Attributes:
        sample_rate_hz: of the audio.
        input_sample_rate_hz: the rate in whose samples a latent's length is given.
        hop_length: samples of audio a frame.
        code_stride: samples a latent, at `input_sample_rate_hz`.
    """

    sample_rate_hz: int
    input_sample_rate_hz: int
    hop_length: int
    code_stride: int

    def as_metadata(self) -> dict[str, str]:
        """The rates as the model's metadata holds them."""
        return {name: str(value) for name, value in asdict(self).items()}

    def timeline(self, speed: float) -> FrameTimeline:
        """The frames of an utterance at this speed."""
        return FrameTimeline(
            speed,
            frames_per_latent=self.code_stride / self.hop_length,
            rate_ratio=self.sample_rate_hz / self.input_sample_rate_hz,
        )


class Vocoder:
    """The pack's vocoder, loaded. Not thread-safe: one thread opens and renders everything."""

    def __init__(
        self,
        pack_dir: Path,
        precision: VocoderPrecision = "auto",
        threads: int | None = None,
    ) -> None:
        """Load and compile it; the first inference of each length still compiles more.

        Args:
            pack_dir: directory of a pack.
            precision: "auto" is bf16 where the CPU computes in it, else fp32.
            threads: how many to use; None leaves it to OpenVINO.

        Raises:
            EngineUnavailableError: the pack has no such vocoder, or the CPU no such precision.
        """
        core = openvino.Core()
        self.precision = _resolve(core, precision)
        path = pack_dir / f"{MODEL_NAME}.xml"
        self._weights_path = path.with_suffix(".bin")
        model = _read(core, path)
        self._rates = _read_rates(model, path)
        hint = _HINTS[self.precision]
        properties: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": hint,
            "PERFORMANCE_HINT": "LATENCY",
            "CPU_RUNTIME_CACHE_CAPACITY": _KERNELS_HELD,
        }
        if threads is not None:
            properties["INFERENCE_NUM_THREADS"] = threads
        compiled = core.compile_model(model, "CPU", properties)
        self._width, self._speaker_width = (
            int(port.get_partial_shape()[1].get_length()) for port in compiled.inputs
        )
        self._request = compiled.create_infer_request()

    @property
    def sample_rate_hz(self) -> int:
        """Samples a second of all audio it makes."""
        return self._rates.sample_rate_hz

    def warm_up(self) -> None:
        """Run every window length once: OpenVINO compiles kernels for each length it meets.

        It does so on one core, for 0.4-0.9 s a length with AMX: another may load the decoder then.
        """
        speaker = np.zeros(self._speaker_width, np.float32)
        for length in WINDOW_LENGTHS:
            self.voice(np.zeros((self._width, length), np.float32), speaker)
        # The kernels have copies in their own layout: 71 MB less to keep.
        drop_resident_pages(self._weights_path)

    def open(self, speaker_embedding: Float32, speed: float = 1.0) -> Rendering:
        """Begin an utterance.

        Args:
            speaker_embedding: the voice's, float32 [512].
            speed: rate of speech relative to the voice's own.
        """
        return Rendering(self, self._rates.timeline(speed), speaker_embedding, self._width)

    def voice(self, frames: Float32, speaker_embedding: Float32) -> Samples:
        """Turn frames into audio as if nothing was before and after them.

        Args:
            frames: float32 [width, n].
            speaker_embedding: float32 [512].

        Returns:
            n * hop length samples.
        """
        speaker = np.ascontiguousarray(speaker_embedding, np.float32).reshape(1, -1, 1)
        result = self._request.infer([frames[None], speaker])
        audio: Samples = np.array(result[0], np.float32).reshape(-1)
        return audio

    @property
    def hop_length(self) -> int:
        """Samples of audio a frame."""
        return self._rates.hop_length

    @property
    def seconds_per_frame(self) -> float:
        """Audio that a frame lasts, s."""
        return self._rates.hop_length / self._rates.sample_rate_hz


class Rendering:
    """One utterance on its way from latents to audio.

    Its windows follow from the frames' positions alone, not from how the latents were fed or when
    audio was asked for: an utterance streamed is, byte for byte, the utterance unstreamed.
    """

    def __init__(
        self,
        vocoder: Vocoder,
        timeline: FrameTimeline,
        speaker_embedding: Float32,
        width: int,
    ) -> None:
        """Use `Vocoder.open`."""
        self._vocoder = vocoder
        self._timeline = timeline
        self._speaker_embedding = speaker_embedding
        self._latents = np.empty((0, width), np.float32)
        self._final = False
        self._frames_known = 0
        self._frames_rendered = 0
        self._windows_rendered = 0
        self.frames_run = 0
        """Frames that the model has been run on."""

    def feed(self, latents: Float32, *, final: bool) -> None:
        """Add the utterance's next latents.

        Args:
            latents: float32 [n, width]; n may be 0.
            final: whether they are the last.

        Raises:
            ValueError: the last have been fed already.
        """
        if self._final:
            raise ValueError("the utterance has had its last latents")
        self._latents = np.concatenate([self._latents, latents.astype(np.float32, copy=False)])
        self._final = final
        count = len(self._latents)
        timeline = self._timeline
        self._frames_known = timeline.frames_total(count) if final else timeline.frames_known(count)

    @property
    def frames_ready(self) -> int:
        """Frames that the next `render` turns into audio; 0 when it has to wait for latents."""
        window = self._next_window()
        return 0 if window is None else window.payload_stop - self._frames_rendered

    @property
    def done(self) -> bool:
        """Whether all latents are fed and all audio is rendered."""
        return self._final and self._frames_rendered == self._frames_known

    def render(self) -> Samples:
        """Make the next window's audio, with one run of the model.

        Returns:
            Mono, shape (n,), float32; empty when `frames_ready` is 0.
        """
        window = self._next_window()
        if window is None:
            return np.empty(0, np.float32)
        frames = self._timeline.frames(self._latents, window.start, window.stop)
        samples = self._vocoder.voice(frames, self._speaker_embedding)
        hop = self._vocoder.hop_length
        first = (self._frames_rendered - window.start) * hop
        last = (window.payload_stop - window.start) * hop
        self._frames_rendered = window.payload_stop
        self._windows_rendered += 1
        self.frames_run += window.stop - window.start
        return samples[first:last]

    def ahead(self, latents: int) -> Iterator[WindowAhead]:
        """The windows that are still to come, were the utterance so many latents long."""
        total = self._timeline.frames_total(latents)
        known_of = len(self._latents)
        frames_per_latent = total / latents
        index, rendered = self._windows_rendered, self._frames_rendered
        while window := next_window(index, rendered, total, final=True):
            missing = max(0, window.stop - self._frames_known)
            needed = known_of + math.ceil(missing / frames_per_latent)
            yield WindowAhead(
                latents=min(needed, latents),
                frames=window.stop - window.start,
                own_frames=window.payload_stop - rendered,
            )
            index, rendered = index + 1, window.payload_stop

    def _next_window(self) -> Window | None:
        return next_window(
            self._windows_rendered,
            self._frames_rendered,
            self._frames_known,
            final=self._final,
        )


def _resolve(core: openvino.Core, precision: VocoderPrecision) -> VocoderPrecision:
    has_bf16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "auto":
        return "bf16" if has_bf16 else "fp32"
    if precision == "bf16" and not has_bf16:
        raise EngineUnavailableError(
            "this CPU does not compute in bf16 (AMX-BF16 or AVX512-BF16); use fp32 or auto for the "
            "vocoder's precision"
        )
    return precision


def _read(core: openvino.Core, path: Path) -> openvino.Model:
    if not path.is_file():
        raise EngineUnavailableError(f"the pack has no {path.name}; make it again")
    try:
        return core.read_model(path)
    except RuntimeError as error:
        raise EngineUnavailableError(f"{path} is damaged ({error}); make it again") from error


def _read_rates(model: openvino.Model, path: Path) -> Rates:
    try:
        return Rates(
            **{
                field.name: int(model.get_rt_info([*RATES_PATH, field.name]).astype(str))
                for field in fields(Rates)
            }
        )
    except (RuntimeError, ValueError) as error:
        raise EngineUnavailableError(f"{path} does not tell its rates; make it again") from error
