"""Give the memory of a mapped file back without unmapping it."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_MADV_DONTNEED = 4


def drop_resident_pages(path: Path) -> int:
    """Drop this process's resident pages of a file that some library has mapped read-only.

    Reading such a page again brings it back from the file. Does nothing where there is no
    /proc/self/maps (outside Linux).

    Returns:
        Bytes of the mappings whose pages were dropped.
    """
    if sys.platform != "linux":
        return 0
    madvise = ctypes.CDLL(None, use_errno=True).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    dropped = 0
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, permissions, _offset, _device, _inode, *name = line.split(maxsplit=5)
        # Written pages of a private mapping would be lost; read-only ones have no such pages.
        if name != [os.path.realpath(path)] or "w" in permissions:
            continue
        start, stop = (int(address, 16) for address in addresses.split("-"))
        if madvise(start, stop - start, _MADV_DONTNEED) == 0:
            dropped += stop - start
    return dropped
