"""Tools that are no Python packages: found where they are new enough, unpacked otherwise."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra import system_tools
from infra.system_tools import ToolMissingError


def place_promtool(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tool = folder / "promtool"
    tool.write_text(f"#!/bin/sh\necho 'promtool, version {version} (branch: debian)' >&2\n")
    tool.chmod(0o755)
    return tool


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{folder}:/usr/sbin:/sbin")
    return folder


def test_given_a_new_enough_tool_on_the_path_then_it_is_taken(path: Path, tmp_path: Path) -> None:
    tool = place_promtool(path, "2.53.1")
    assert system_tools.find("promtool", tmp_path / "tools") == tool


def test_given_an_old_tool_on_the_path_then_the_unpacked_one_is_taken(
    path: Path, tmp_path: Path
) -> None:
    place_promtool(path, "2.9.0")
    unpacked = place_promtool(tmp_path / "tools/usr/bin", "2.42.0+ds")
    assert system_tools.find("promtool", tmp_path / "tools") == unpacked


@pytest.mark.parametrize("version", ["2.9.0", "of an unknown kind"])
def test_given_only_a_tool_that_will_not_do_then_the_error_says_what_to_install(
    path: Path, tmp_path: Path, version: str
) -> None:
    place_promtool(path, version)
    with pytest.raises(ToolMissingError, match=r"2\.42 or newer.*https://prometheus\.io"):
        system_tools.find("promtool", tmp_path / "tools")


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="packages are Debian's")
def test_given_a_package_then_it_is_unpacked_and_none_of_its_scripts_runs(tmp_path: Path) -> None:
    source, tools = tmp_path / "source", tmp_path / "tools"
    place_promtool(source / "usr/bin", "2.42.0+ds")
    (source / "DEBIAN").mkdir()
    (source / "DEBIAN/control").write_text(
        "Package: prometheus\nVersion: 2\nArchitecture: all\nMaintainer: A <a@b>\nDescription: x\n"
    )
    script = source / "DEBIAN/postinst"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    script.chmod(0o755)

    def run(argv: Sequence[str], folder: Path) -> int:
        if argv[0] == "apt-get":
            argv = ["dpkg-deb", "--build", str(source), str(folder / "prometheus.deb")]
        return subprocess.call(argv, stdout=subprocess.DEVNULL)

    system_tools.unpack("promtool", tools, run)

    assert (tools / "usr/bin/promtool").exists()
    assert not (tmp_path / "started").exists()
