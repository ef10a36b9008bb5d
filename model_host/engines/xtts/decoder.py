"""The autoregressive half of XTTS-v2: prompts and audio tokens in, latents and logits out.

One `step` carries any mixture of whole prompts and single tokens of many sequences through the
weights once. Decoding is bound by the memory bus, so what a step costs hardly grows with the number
of sequences in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import numpy as np
import numpy.typing as npt
import openvino as ov

from model_host.engines.xtts.blocks import BLOCK_POSITIONS, BlockPool, cache_tensor
from model_host.engines.xtts.dimensions import Dimensions
from model_host.engines.xtts.graph import build_decoder
from model_host.engines.xtts.quantization import GROUP
from model_host.engines.xtts.tensors import Array, TensorFile

Float32 = npt.NDArray[np.float32]

_RELEASE_INTERVAL_S = 0.01


@dataclass(slots=True)
class TokenSequence:
    """One sentence being decoded: where its keys and values lie.

    Attributes:
        shared_blocks: the voice's blocks, before its own.
        blocks: its own blocks.
        voice_key: whose blocks are shared.
        length: positions written so far.
        audio_length: audio tokens fed so far, the start token included.
    """

    shared_blocks: tuple[int, ...]
    length: int
    blocks: list[int] = field(default_factory=list)
    audio_length: int = 0
    voice_key: str = ""


@dataclass(slots=True)
class _HeldVoice:
    blocks: tuple[int, ...]
    users: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """What one step adds to one sequence: embeddings, float32 [n, width], n >= 1."""

    sequence: TokenSequence
    embeddings: Float32


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What a step says of the last position of each feed, in their order.

    Attributes:
        latents: float32 [B, width].
        logits: float32 [B, audio_tokens].
    """

    latents: Float32
    logits: Float32


class Decoder:
    """The decoder of one pack. Not thread-safe: one thread steps."""

    def __init__(  # noqa: PLR0913 - by keyword
        self,
        tensors_file: Path,
        dims: Dimensions,
        *,
        max_sequences: int,
        max_voices: int,
        threads: int | None = None,
        profiled: bool = False,
    ) -> None:
        """Map the weights and compile the graph.

        Args:
            tensors_file: a pack's `decoder.safetensors`.
            dims: its sizes.
            max_sequences: sentences that may be decoded at once; sizes the cache.
            max_voices: voices whose prefix may be held at once; at least `max_sequences`.
            threads: of the runtime; None for all that this process may use.
            profiled: make `seconds_by_operation` possible, which costs every step a tenth more.

        Raises:
            TensorFileError: the file is damaged.
        """
        self.dims = dims
        # Kept: the compiled graph refers to those that the runtime does not repack.
        self._file = TensorFile(tensors_file)
        tensors = self._file.tensors
        self._text_embedding = tensors["text_embedding"]
        self._text_position = tensors["text_position"]
        self._audio_embedding = tensors["mel_embedding"]
        self._audio_position = tensors["mel_position"]
        self.quantized = "layers.0.qkv.scale" in tensors
        self._profiled = profiled
        longest = dims.voice_positions + dims.max_text_tokens + 2 + dims.max_new_tokens + 1
        blocks = max_sequences * _blocks_for(longest) + max_voices * _blocks_for(
            dims.voice_positions
        )
        self.pool = BlockPool(blocks)
        compiled = ov.Core().compile_model(
            build_decoder(tensors, dims), "CPU", _options(self.quantized, threads, profiled)
        )
        self._request = compiled.create_infer_request()
        self._caches = _bind_caches(compiled, self._request, blocks)
        self._voices: dict[str, _HeldVoice] = {}
        self._max_voices = max_voices
        self._lengths: tuple[int, ...] = ()
        self._tables: tuple[tuple[int, ...], ...] = ()

    def warm_up(self) -> None:
        """Make the runtime repack its weights, which it does in the first pass.

        It reads each weight once and keeps a copy; the originals' pages are let go meanwhile, or
        both would be in memory at the end.
        """
        done = Event()

        def release() -> None:
            while not done.wait(_RELEASE_INTERVAL_S):
                self._file.release_pages()

        releaser = Thread(target=release, name="release-pages", daemon=True)
        releaser.start()
        try:
            sequence = TokenSequence((), 0)
            self.step([self.prompt(sequence, ())])
            self.end(sequence)
        finally:
            done.set()
            releaser.join()
        self._file.release_pages()

    @property
    def voices_held(self) -> int:
        """How many voices' prefixes are in the cache."""
        return len(self._voices)

    def begin(self, voice_key: str, voice: Float32) -> TokenSequence:
        """Begin a sequence after a voice's prefix, which is computed the first time only.

        Args:
            voice_key: names the voice's latents; the same key means the same latents.
            voice: float32 [voice_positions, width], the voice's conditioning latents.
        """
        held = self._voices.pop(voice_key, None)
        if held is None:
            self._make_room_for_a_voice()
            held = _HeldVoice(self._write_prefix(voice))
        self._voices[voice_key] = held  # last in the order of use
        held.users += 1
        return TokenSequence(held.blocks, self.dims.voice_positions, voice_key=voice_key)

    def end(self, sequence: TokenSequence) -> None:
        """Free a sequence's own blocks. Idempotent."""
        if sequence.voice_key:
            self._voices[sequence.voice_key].users -= 1
            sequence.voice_key = ""
        for block in sequence.blocks:
            self.pool.give_back(block)
        sequence.blocks.clear()

    def prompt(self, sequence: TokenSequence, text_tokens: Sequence[int]) -> Feed:
        """What begins a sentence: the text between its marks, then the start of audio."""
        dims = self.dims
        text = np.array([dims.start_text, *text_tokens, dims.stop_text])
        embedded = self._text_embedding[text] + self._text_position[: len(text)]
        start = self._audio_embedding[dims.start_audio] + self._audio_position[0]
        sequence.audio_length = 1
        return Feed(sequence, np.concatenate([embedded, start[np.newaxis]]))

    def audio_token(self, sequence: TokenSequence, token: int) -> Feed:
        """The audio token that was chosen last."""
        embedded = self._audio_embedding[token] + self._audio_position[sequence.audio_length]
        sequence.audio_length += 1
        return Feed(sequence, embedded[np.newaxis])

    def step(self, feeds: Sequence[Feed]) -> StepOutput:
        """Carry every feed through the model.

        Returns:
            Arrays of their own, not overwritten by the next step.
        """
        lengths = tuple(len(feed.embeddings) for feed in feeds)
        past = [feed.sequence.length for feed in feeds]
        for feed, length in zip(feeds, lengths, strict=True):
            self._grow(feed.sequence, length)
        self._set("embeddings", np.concatenate([feed.embeddings for feed in feeds]))
        self._set("past_lens", np.array(past, np.int32))
        longest = max(feed.sequence.length for feed in feeds)
        self._set("max_context_len", np.array(longest, np.int32))
        self._set_lengths(lengths)
        self._set_tables(
            tuple((*feed.sequence.shared_blocks, *feed.sequence.blocks) for feed in feeds)
        )
        self._request.infer()
        return StepOutput(
            self._request.get_tensor("latents").data.copy(),
            self._request.get_tensor("logits").data.copy(),
        )

    def seconds_by_operation(self) -> dict[str, float]:
        """Where the time of the last step went, by the runtime's names of its operations.

        Raises:
            RuntimeError: the decoder is not profiled.
        """
        if not self._profiled:
            raise RuntimeError("only a decoder made with profiled=True can tell")
        seconds: dict[str, float] = {}
        for node in self._request.profiling_info:
            took_s = node.real_time.total_seconds()
            seconds[node.node_type] = seconds.get(node.node_type, 0.0) + took_s
        return seconds

    def _set_lengths(self, lengths: tuple[int, ...]) -> None:
        # What did not change is not set again: see `Sampler._eligible` for why it matters.
        if lengths != self._lengths:
            self._lengths = lengths
            ends = np.cumsum(lengths, dtype=np.int32)
            self._set("last_rows", ends - 1)
            self._set("subsequence_begins", np.concatenate([np.zeros(1, np.int32), ends]))

    def _set_tables(self, tables: tuple[tuple[int, ...], ...]) -> None:
        if tables != self._tables:
            self._tables = tables
            begins = np.cumsum([0, *(len(table) for table in tables)], dtype=np.int32)
            self._set("block_indices", np.array([block for t in tables for block in t], np.int32))
            self._set("block_indices_begins", begins)

    def _grow(self, sequence: TokenSequence, positions: int) -> None:
        sequence.length += positions
        needed = _blocks_for(sequence.length) - len(sequence.shared_blocks) - len(sequence.blocks)
        sequence.blocks.extend(self.pool.take() for _ in range(needed))

    def _make_room_for_a_voice(self) -> None:
        """Forget the voice that was used longest ago, unless there is room."""
        idle = [key for key, held in self._voices.items() if not held.users]
        if len(self._voices) >= self._max_voices and idle:
            for block in self._voices.pop(idle[0]).blocks:
                self.pool.give_back(block)

    def _write_prefix(self, voice: Float32) -> tuple[int, ...]:
        if self.dims.voice_positions % BLOCK_POSITIONS:
            # XTTS-v2's perceiver always makes 32; anything else could not be shared by blocks.
            raise ValueError(f"a voice must fill blocks of {BLOCK_POSITIONS} positions")
        prefix = TokenSequence((), 0)
        self.step([Feed(prefix, np.ascontiguousarray(voice, np.float32))])
        return tuple(prefix.blocks)

    def _set(self, name: str, value: Array) -> None:
        self._request.set_tensor(name, ov.Tensor(value))


def _blocks_for(positions: int) -> int:
    return -(-positions // BLOCK_POSITIONS)


def _options(quantized: bool, threads: int | None, profiled: bool) -> dict[str, object]:
    """How the runtime computes: everything float32 but what the weights' precision allows.

    Quantised: activations are quantised to int8 in the weights' groups while they are multiplied
    (VNNI, AMX), and keys and values are kept in 8 bits, each head of each position with its own
    scale.
    """
    options: dict[str, object] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        "KV_CACHE_PRECISION": "u8" if quantized else "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP if quantized else 0,
        "PERF_COUNT": profiled,
    }
    if threads is not None:
        options["INFERENCE_NUM_THREADS"] = threads
    return options


def _bind_caches(
    compiled: ov.CompiledModel, request: ov.InferRequest, blocks: int
) -> Mapping[str, ov.Tensor]:
    caches = {}
    for port in compiled.inputs:
        name = port.any_name
        if name.startswith(("key_cache.", "value_cache.")):
            shape = [blocks, *(size.get_length() for size in list(port.partial_shape)[1:])]
            caches[name] = cache_tensor(port.element_type, shape)
            request.set_tensor(name, caches[name])
    return caches
