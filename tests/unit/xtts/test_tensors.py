"""Files of tensors: what is written is mapped back, damage is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from model_host.engines.xtts.tensors import TensorFile, TensorFileError, read_tensors, write_tensors


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.text("abc.01_", min_size=1, max_size=12),
        st.sampled_from(["<f4", "i1", "u1", "<i4", "<i8"]).flatmap(
            lambda kind: arrays(kind, array_shapes(min_dims=1, max_dims=3, min_side=0))
        ),
        max_size=4,
    )
)
def test_given_any_tensors_when_written_then_the_same_are_read(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, np.ndarray]
) -> None:
    path = tmp_path_factory.mktemp("tensors") / "t.safetensors"

    write_tensors(path, tensors)

    found = read_tensors(path)
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        np.testing.assert_array_equal(found[name], tensor)


def test_given_a_truncated_file_when_read_then_it_says_so(tmp_path: Path) -> None:
    # Given a file that lost its last byte
    path = tmp_path / "t.safetensors"
    write_tensors(path, {"a": np.arange(100, dtype=np.float32)})
    path.write_bytes(path.read_bytes()[:-1])

    # When it is read, then it is refused by name
    with pytest.raises(TensorFileError, match=r"t\.safetensors is truncated"):
        read_tensors(path)


@pytest.mark.parametrize("content", [b"", b"12345678", b"\xff" * 64, b"\x02" + bytes(7) + b"[]"])
def test_given_something_else_when_read_then_it_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)

    with pytest.raises(TensorFileError):
        read_tensors(path)


def test_given_released_pages_when_tensors_are_used_again_then_they_are_read_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.safetensors"
    tensor = np.arange(10_000, dtype=np.float32)
    write_tensors(path, {"a": tensor})
    file = TensorFile(path)
    np.testing.assert_array_equal(file.tensors["a"], tensor)

    file.release_pages()

    np.testing.assert_array_equal(file.tensors["a"], tensor)


def test_given_a_fault_while_writing_when_read_then_the_older_file_is_still_there(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.safetensors"
    write_tensors(path, {"a": np.ones(3, np.float32)})

    with pytest.raises(KeyError):
        write_tensors(path, {"a": np.ones(3, np.float64)})

    np.testing.assert_array_equal(read_tensors(path)["a"], np.ones(3, np.float32))
