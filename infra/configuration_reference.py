"""Writes docs/configuration.md from the two settings objects, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from model_host.settings import Settings as HostSettings
from speech.settings import Settings as FunctionSettings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"


def render() -> str:
    """The page as Markdown."""
    return "\n".join(
        [
            "# Configuration",
            "",
            "Written by `make docs` from `model_host/settings.py` and",
            "`functions/speech/settings.py`. Every variable is read once, when the process starts;",
            "a wrong value stops it with a message that names the variable.",
            "",
            "## Model host",
            "",
            *_table(HostSettings),
            "",
            "## Functions",
            "",
            "`template.yaml` sets these; a deployment changes them by the template's parameters.",
            "",
            *_table(FunctionSettings),
            "",
            "## Local run",
            "",
            "| Variable | Default | Meaning |",
            "|---|---|---|",
            "| `PORT` | `5000` | Port of the model host (`make up`, `make host`) |",
            "| `MINISTACK_PORT` | `4566` | Port of MiniStack (`make up`) |",
            "| `PAGES_PORT` | `8080` | Port of the panel and the console (`make up`) |",
            "| `DEMO` | | Anything: somebody is called every 20 s (`make up`) |",
            "| `RUN_DIR` | `.run` | State, logs and `stack.json` of a run (`make up`) |",
            "",
        ]
    )


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield "| Variable | Values | Default | Meaning |"
    yield "|---|---|---|---|"
    for name, field in model.model_fields.items():
        default = "" if field.is_required() or field.default in (None, "") else f"`{field.default}`"
        description = (field.description or "").replace("|", "\\|")
        yield f"| `{name.upper()}` | {_values(field)} | {default} | {description} |"


def _values(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    # None only says that a variable may be left out, as its description does.
    types = [each for each in get_args(field.annotation) if each is not NoneType]
    name = " or ".join(_type_name(each) for each in types or [field.annotation])
    bounds = [
        f"{sign} {getattr(rule, attribute)}"
        for rule in field.metadata
        for attribute, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if getattr(rule, attribute, None) is not None
    ]
    return " ".join([name, *bounds])


def _type_name(annotation: Any) -> str:  # noqa: ANN401 - whatever a field is annotated with
    return "str, not logged" if annotation is SecretStr else str(annotation.__name__)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
