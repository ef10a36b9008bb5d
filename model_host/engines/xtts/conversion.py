"""From a torch module to an OpenVINO model, without telling anybody."""

from __future__ import annotations

# mypy: disable-error-code="import-not-found, misc"
# torch is installed for packing only (requirements/coqui.txt).
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import openvino
import torch


def to_openvino(
    module: torch.nn.Module,
    example: tuple[torch.Tensor, ...],
    shapes: Sequence[Sequence[int]],
) -> openvino.Model:
    """Trace a module and convert what was traced.

    Args:
        module: in eval mode; left as it is.
        example: what it is traced with.
        shapes: of its inputs; -1 where any size shall do.
    """
    with torch.inference_mode(), _unreported():
        return openvino.convert_model(
            module,
            example_input=example,
            input=[openvino.PartialShape(list(shape)) for shape in shapes],
        )


def save(model: openvino.Model, path: Path) -> list[Path]:
    """Write a model in float32.

    Args:
        model: any.
        path: ends in .xml; its weights go beside it.

    Returns:
        The files written: an .xml and a .bin.
    """
    openvino.save_model(model, path, compress_to_fp16=False)
    return [path, path.with_suffix(".bin")]


@contextmanager
def _unreported() -> Iterator[None]:
    """Keep OpenVINO's converter from reporting its use to Google Analytics.

    It does so unasked, except in continuous integration: so this is one.
    """
    before = os.environ.get("CI")
    os.environ["CI"] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ["CI"]
        else:
            os.environ["CI"] = before
