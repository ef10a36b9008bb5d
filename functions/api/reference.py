"""The API's own description: GET /openapi.json, and GET /docs to read and try it.

Swagger UI comes from a PyPI package, so the page needs nothing from the internet. Every link is
relative, because API Gateway puts a stage (/dev, /prod) in front that the app never sees.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, Response

from api.problems import Problem, ProblemError

router = APIRouter(include_in_schema=False)

_ASSETS = {
    "swagger-ui-bundle.js": "application/javascript",
    "swagger-ui.css": "text/css",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>C-TV voice API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({url: "openapi.json", dom_id: "#reference", deepLinking: true})
</script>
</body>
</html>
"""


@router.get("/docs")
async def page() -> Response:
    """The reference as a page."""
    return HTMLResponse(_PAGE)


@router.get("/docs/{asset}")
async def page_asset(asset: str) -> Response:
    """A script or style of the page."""
    if asset not in _ASSETS:
        raise ProblemError(404, "Not found")
    return Response(
        _asset(asset),
        media_type=_ASSETS[asset],
        headers={"Cache-Control": "public, max-age=86400"},
    )


@router.get("/openapi.json")
async def document(request: Request) -> Response:
    """The reference for machines."""
    return Response(_document(request.app), media_type="application/json")


@cache
def _asset(name: str) -> bytes:
    """Read from the package when first asked for: 1 MB that most processes never need."""
    vendored = files("swagger_ui_bundle") / "vendor"
    version = next(entry for entry in vendored.iterdir() if entry.name.startswith("swagger-ui-"))
    return (version / name).read_bytes()


@cache
def _document(app: FastAPI) -> bytes:
    return json.dumps(openapi(app), ensure_ascii=False).encode()


def openapi(app: FastAPI) -> dict[str, Any]:
    """Describe the API in OpenAPI 3.0.3, the newest that the packaged Swagger UI draws."""
    described = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        openapi_version="3.0.3",
        servers=[{"url": "."}],
    )
    schemas = described["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in described["paths"].values():
        for operation in operations.values():
            declared = operation["responses"].get("422", {}).get("content", {})
            if "application/json" in declared:  # FastAPI's own, which this API never sends
                del operation["responses"]["422"]
    return cast("dict[str, Any]", _as_openapi_3_0(described))


def _as_openapi_3_0(node: object) -> object:
    """Rewrite what JSON Schema 2020-12 says and OpenAPI 3.0 cannot: null types and constants."""
    if isinstance(node, list):
        return [_as_openapi_3_0(item) for item in node]
    if not isinstance(node, dict):
        return node
    rewritten: dict[str, Any] = {name: _as_openapi_3_0(value) for name, value in node.items()}
    if "const" in rewritten:
        rewritten["enum"] = [rewritten.pop("const")]
    options = rewritten.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        del rewritten["anyOf"]
        rewritten["nullable"] = True
        rewritten |= rest[0] if len(rest) == 1 and "$ref" not in rest[0] else {"allOf": rest}
    return rewritten
