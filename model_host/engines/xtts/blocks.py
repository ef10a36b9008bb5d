"""The paged key-value cache: blocks of positions, handed out and taken back.

A sequence owns blocks instead of a strip of memory, so sequences of any length share one pool, and
one voice's block is shared by every sequence that speaks with it.
"""

from __future__ import annotations

import heapq
import mmap
from math import prod

import numpy as np
import openvino as ov

BLOCK_POSITIONS = 32
"""Positions in a block; OpenVINO's CPU plugin has no other size."""


class BlockPool:
    """Which blocks are free. The lowest are handed out first: untouched ones cost no memory."""

    def __init__(self, size: int) -> None:
        """Make a pool of `size` blocks, numbered from 0."""
        self.size = size
        self._free = list(range(size))

    @property
    def used(self) -> int:
        """How many blocks are handed out."""
        return self.size - len(self._free)

    def take(self) -> int:
        """Hand out a block.

        Raises:
            MemoryError: none is free; the caller admitted more sequences than the pool holds.
        """
        if not self._free:
            raise MemoryError("the key-value cache is full")
        return heapq.heappop(self._free)

    def give_back(self, block: int) -> None:
        """Take a block back; its contents are forgotten."""
        heapq.heappush(self._free, block)


def cache_tensor(kind: ov.Type, shape: list[int]) -> ov.Tensor:
    """Make one layer's key or value cache: memory that counts only once it is written to.

    A private anonymous mapping, not a NumPy array: NumPy asks for huge pages, and the first block
    of a sequence would then cost 2 MiB in each of the 60 caches.
    """
    dtype = np.dtype(kind.to_dtype())
    memory = mmap.mmap(
        -1, prod(shape) * dtype.itemsize, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    )
    return ov.Tensor(np.frombuffer(memory, dtype=dtype).reshape(shape), shared_memory=True)
