"""Tensors in a file, memory-mapped: the safetensors format, read without copying.

The `safetensors` package copies what it reads; a decoder's 400 MB are to be mapped instead, so that
they are page cache, not memory of this process, until the runtime has repacked them.

Format: 8 bytes little-endian length of a JSON header, the header, then the tensors' bytes
(https://huggingface.co/docs/safetensors, "Format").
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_HEADER_BYTES_MAX = 16 * 2**20


class TensorFileError(Exception):
    """The file is truncated or not a tensor file."""


class TensorFile:
    """A mapped file of tensors."""

    def __init__(self, path: Path) -> None:
        """Map a file; nothing of its tensors is read from the disk before it is used.

        Raises:
            TensorFileError: truncated, or not this format.
        """
        try:
            with path.open("rb") as stream:
                # Copy on write: OpenVINO takes no read-only memory, but never writes to a constant.
                self._mapping = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)
            body_at = 8 + int.from_bytes(self._mapping[:8], "little")
            header = json.loads(self._mapping[8 : min(body_at, _HEADER_BYTES_MAX)])
            header.pop("__metadata__", None)
            body = np.frombuffer(self._mapping, dtype=np.uint8)[body_at:]
            self.tensors = {name: _view(body, entry) for name, entry in header.items()}
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path.name} is truncated or no tensor file ({error})"
            raise TensorFileError(message) from error

    def release_pages(self) -> None:
        """Let go of the memory of all tensors; what is used again is read again."""
        self._mapping.madvise(mmap.MADV_DONTNEED)


def read_tensors(path: Path) -> dict[str, Array]:
    """Map a file of tensors; see `TensorFile`. The views keep the mapping alive."""
    return TensorFile(path).tensors


def write_tensors(path: Path, tensors: Mapping[str, Array]) -> None:
    """Write a file of tensors; on a fault an older file of that name stays as it was.

    Args:
        path: where to; a `.partial` file stands beside it meanwhile.
        tensors: float32, int8, uint8, int32 or int64, any shape.
    """
    entries, offset = {}, 0
    for name, tensor in tensors.items():
        end = offset + tensor.nbytes
        entries[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-(len(header) + 8) % 64)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as stream:
        stream.write(len(header).to_bytes(8, "little") + header)
        for tensor in tensors.values():
            stream.write(tensor.tobytes())
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def _view(body: Array, entry: Mapping[str, Any]) -> Array:
    start, end = entry["data_offsets"]
    shape = tuple(entry["shape"])
    dtype = _DTYPES[entry["dtype"]]
    if end > len(body) or end - start != int(np.prod(shape, dtype=np.int64)) * dtype.itemsize:
        raise ValueError("a tensor reaches past the end")
    view: Array = body[start:end].view(dtype).reshape(shape)
    return view
