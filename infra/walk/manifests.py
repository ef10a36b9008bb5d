"""`python -m infra.walk.manifests < MANIFESTS`: are they valid, and are they the site's own?"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from infra.local.settings import ROOT

_SCHEMAS = ROOT / "infra" / "k8s" / "schemas"
# What infra/k8s/overlays/prod has in place of a site's values.
_PLACEHOLDERS = (
    "123456789012",
    "MODEL_BUCKET",
    "HOST_ZONE_",
    "HOST_BLOCK_",
    "subnet-0123456789abcdef",
    "sg-0123456789abcdef0",
    "fs-0123456789abcdef0",
    "0" * 64,
)


class InvalidManifestError(Exception):
    """A manifest that the API server would refuse, or that is not finished."""


def check(text: str) -> int:
    """Check a stream of YAML documents.

    Returns:
        How many there are.

    Raises:
        InvalidManifestError: one is invalid, or still has a placeholder in it.
    """
    manifests = [manifest for manifest in yaml.safe_load_all(text) if manifest]
    for manifest in manifests:
        try:
            _validate(manifest)
        except (kubernetes_validate.ValidationError, jsonschema.ValidationError) as error:
            name = manifest.get("metadata", {}).get("name")
            raise InvalidManifestError(f"{manifest['kind']} {name}: {error.message}") from None
    left = [placeholder for placeholder in _PLACEHOLDERS if placeholder in text]
    if left:
        raise InvalidManifestError(f"placeholders are left: {', '.join(left)}")
    return len(manifests)


def _validate(manifest: Mapping[str, Any]) -> None:
    schema = _SCHEMAS / f"{manifest['kind'].lower()}.json"
    if schema.exists():  # a controller's kind, not Kubernetes' own
        jsonschema.validate(manifest, json.loads(schema.read_text()))
    else:
        newest = kubernetes_validate.latest_version()
        kubernetes_validate.validate(dict(manifest), newest, strict=True)


def main() -> int:
    """Check standard input; one line says what is there, or what is wrong."""
    try:
        count = check(sys.stdin.read())
    except InvalidManifestError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{count} manifests are valid\n")
    return 0 if count else 1


if __name__ == "__main__":
    sys.exit(main())
