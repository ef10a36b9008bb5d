"""Which CloudWatch metrics the functions send, and with which dimensions, read from their source.

A metric is sent as `observability.count(NAME, value, dimension=value)` or `.seconds(...)`, and has
the dimension `service` besides: the name of the function that runs the code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT

FUNCTIONS = ROOT / "functions"
_SENDERS = {"count", "seconds"}
# Dimensions whose value is a variable: the type of it, and where it stands.
_TYPES = {
    "tier": ("speech/cache.py", "Tier"),
    "priority": ("speech/host.py", "Priority"),
    "queue": ("speech/host.py", "Priority"),
    "reason": ("access/refusals.py", "Reason"),
    "retention": ("speech/request.py", "Retention"),
}


@dataclass(frozen=True)
class Emission:
    """One metric as one place in the source sends it.

    Attributes:
        dimensions: every dimension, and the values that it may have there.
    """

    name: str
    dimensions: Mapping[str, frozenset[str]]

    def covers(self, name: str, dimensions: Mapping[str, str]) -> bool:
        """Whether it may send this very metric: the same dimensions, each with such a value."""
        return (
            name == self.name
            and dimensions.keys() == self.dimensions.keys()
            and all(value in self.dimensions[key] for key, value in dimensions.items())
        )


@cache
def emissions() -> tuple[Emission, ...]:
    """Everything that the functions send."""
    return tuple(
        emission for path in sorted(FUNCTIONS.rglob("*.py")) for emission in _in_module(path)
    )


def _in_module(path: Path) -> Iterator[Emission]:
    tree = ast.parse(path.read_text())
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and _sends(call.func)):
            continue
        services = _services(path)
        dimensions = {str(key.arg): _values(str(key.arg), key.value, tree) for key in call.keywords}
        for name in _names(call.args[0], tree):
            yield Emission(name, {"service": services, **dimensions})


def _sends(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr in _SENDERS
        and isinstance(function.value, ast.Name)
        and function.value.id == "observability"
    )


def _names(expression: ast.expr, tree: ast.Module) -> list[str]:
    """The metric that an expression names; all that a table names, if it is looked up there."""
    match expression:
        case ast.Attribute(attr=constant) | ast.Name(id=constant):
            return [_constants()[constant]]
        case ast.Subscript(value=ast.Name(id=table)):
            return [
                _constants()[value.attr]
                for value in ast.walk(_assigned(tree, table))
                if isinstance(value, ast.Attribute) and value.attr in _constants()
            ]
    raise AssertionError(ast.unparse(expression))


@cache
def _constants() -> dict[str, str]:
    tree = ast.parse((FUNCTIONS / "speech/observability.py").read_text())
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _values(dimension: str, expression: ast.expr, tree: ast.Module) -> frozenset[str]:
    """The values that an expression may have: itself, its type's, or a table's that it is from."""
    if isinstance(expression, ast.Constant):
        return frozenset({str(expression.value)})
    if dimension in _TYPES:
        module, name = _TYPES[dimension]
        return _strings(_assigned(ast.parse((FUNCTIONS / module).read_text()), name))
    tables = [
        node.value.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == ast.unparse(expression)
        and isinstance(node.value, ast.Subscript)
        and isinstance(node.value.value, ast.Name)
    ]
    assert tables, f"{dimension}={ast.unparse(expression)}: its values are not found"
    return frozenset().union(*(_strings(_assigned(tree, table)) for table in tables))


def _strings(expression: ast.expr) -> frozenset[str]:
    return frozenset(
        node.value
        for node in ast.walk(expression)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _assigned(tree: ast.Module, name: str) -> ast.expr:
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=found)], value=value)
                | ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value)
            ) if found == name:
                return value
    raise AssertionError(f"{name} is not assigned")


def _services(path: Path) -> frozenset[str]:
    """The functions that may run a module: those whose handler imports it."""
    module = ".".join(path.relative_to(FUNCTIONS).with_suffix("").parts)
    return frozenset(
        service
        for service, handler in _handlers().items()
        if module == handler or module in _imported(handler)
    )


@cache
def _handlers() -> dict[str, str]:
    """Each function's service name and its handler's module, as template.yaml has them."""
    resources = read_template(ROOT / "template.yaml")["Resources"].values()
    functions = [one["Properties"] for one in resources if one["Type"].endswith("::Function")]
    return {
        one["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: one["Handler"].rpartition(".")[
            0
        ]
        for one in functions
        if "Handler" in one
    }


@cache
def _imported(handler: str) -> frozenset[str]:
    return frozenset(_graph().find_upstream_modules(handler))


@cache
def _graph() -> grimp.ImportGraph:
    packages = sorted(path.parent.name for path in FUNCTIONS.glob("*/__init__.py"))
    return grimp.build_graph(*packages)
