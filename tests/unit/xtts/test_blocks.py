"""The pool of key-value blocks."""

from __future__ import annotations

import openvino as ov
import pytest

from model_host.engines.xtts.blocks import BlockPool, cache_tensor


def test_given_blocks_given_back_when_taken_then_the_lowest_come_first() -> None:
    pool = BlockPool(4)
    taken = [pool.take() for _ in range(4)]
    assert taken == [0, 1, 2, 3]
    assert pool.used == 4

    for block in (3, 1):
        pool.give_back(block)

    assert pool.used == 2
    assert [pool.take(), pool.take()] == [1, 3]


def test_given_no_free_block_when_taken_then_it_is_refused() -> None:
    pool = BlockPool(1)
    pool.take()

    with pytest.raises(MemoryError):
        pool.take()


def test_given_a_cache_when_it_is_made_then_it_costs_memory_only_where_it_is_written() -> None:
    def resident_kib() -> int:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    before = resident_kib()
    cache = cache_tensor(ov.Type.u8, [256, 16, 40, 64])
    assert resident_kib() - before < 2_000

    cache.data[:128] = 1

    assert 4_000 < resident_kib() - before < 7_500
