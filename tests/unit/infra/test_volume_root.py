"""The pod by which docs/operate.md copies voices out of a restored backup of the volume."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import all_versions

from infra.local.settings import ROOT

MANIFEST = ROOT / "infra" / "restore" / "volume-root.yaml"
PAGE = ROOT / "docs" / "operate.md"
VERSIONS = sorted(all_versions(), key=lambda version: tuple(map(int, version.split("."))))[-3:]


def filled() -> dict[str, Any]:
    """The manifests by kind, with the capitals filled in as the page does."""
    text = MANIFEST.read_text()
    for name, value in {"FILE_SYSTEM": "fs-0123456789abcdef0", "IMAGE": "c-tv/host:1"}.items():
        assert f"s|{name}|" in PAGE.read_text()
        text = text.replace(name, value, 1)
    return {manifest["kind"]: manifest for manifest in yaml.safe_load_all(text)}


@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_valid_for_kubernetes(version: str) -> None:
    for manifest in filled().values():
        kubernetes_validate.validate(manifest, version, strict=True)


def test_it_sees_the_whole_volume_and_not_one_folder_of_it() -> None:
    """`fs-…::fsap-…` would be an access point, `fs-…:/path` a folder (EFS CSI driver)."""
    volume = filled()["PersistentVolume"]
    assert re.fullmatch(r"fs-[0-9a-f]+", volume["spec"]["csi"]["volumeHandle"])
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    claim = filled()["PersistentVolumeClaim"]
    assert claim["spec"]["volumeName"] == volume["metadata"]["name"]


def test_it_may_read_folders_of_any_owner_where_the_namespace_allows_root() -> None:
    pod = filled()["Pod"]
    assert pod["spec"]["containers"][0]["securityContext"]["runAsUser"] == 0
    assert pod["metadata"]["namespace"] != "c-tv"  # it enforces the restricted standard
