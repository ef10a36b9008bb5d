"""What goes into the host's images: the Dockerfile's promises, and pip's settings by secrets."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from infra.images.build import size_bytes
from infra.images.pip_configuration import parse_pip_configuration
from infra.images.tools import ImageError, require_tools, run

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "model_host/Dockerfile").read_text(encoding="utf-8")
PASSWORD = "s3cret"
LARGEST_SERVE_MB = 600


def instructions(stage: str) -> list[str]:
    """A stage's lines, each with those that continue it."""
    joined = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    stages = re.split(r"^(?=FROM )", joined, flags=re.MULTILINE)
    (found,) = (part for part in stages if re.match(rf"FROM \S+ AS {stage}$", part, re.MULTILINE))
    return [line for line in found.splitlines() if line and not line.startswith("#")]


def test_given_the_runtime_when_it_is_built_then_its_last_user_is_not_root() -> None:
    users = [line for line in instructions("runtime") if line.startswith("USER ")]
    assert users[-1] == "USER 10001:10001"
    for stage in ("serve", "pack"):
        assert not any(line.startswith("USER ") for line in instructions(stage))


def test_given_both_images_when_they_start_then_python_is_the_process_that_signals_reach() -> None:
    for stage in ("serve", "pack"):
        (entrypoint,) = (x for x in instructions(stage) if x.startswith("ENTRYPOINT"))
        assert entrypoint.startswith('ENTRYPOINT ["python", "-m", "model_host')


def test_given_build_arguments_when_an_image_tells_its_history_then_none_was_a_credential() -> None:
    arguments = set(re.findall(r"^ARG (\w+)", DOCKERFILE, re.MULTILINE))
    assert arguments == {"PYTHON_IMAGE", "TORCH_INDEX", "VERSION", "REVISION"}


def test_given_every_pip_install_when_the_index_is_private_then_its_secrets_are_mounted() -> None:
    installs = [
        line
        for stage in ("serve-packages", "pack-packages")
        for line in instructions(stage)
        if "pip install" in line
    ]
    assert len(installs) == 2
    for line in installs:
        assert "--mount=type=secret,id=pip.conf,target=/etc/pip.conf" in line
        assert "--mount=type=secret,id=ca.pem" in line


def test_given_all_that_is_copied_when_the_context_is_sent_then_it_and_nothing_else_is_in() -> None:
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    ignored, *lines = (
        line
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}

    assert ignored == "*"
    assert {source if source in let_in else source.split("/")[0] for source in copied} == let_in
    assert all((ROOT / source).exists() for source in copied)


def test_given_the_results_when_the_page_tells_figures_then_it_tells_these() -> None:
    page = (ROOT / "docs/containers.md").read_text(encoding="utf-8")
    results = ROOT / "benchmarks/results"
    images = json.loads((results / "images.json").read_text(encoding="utf-8"))["images"]
    drain = json.loads((results / "drain.json").read_text(encoding="utf-8"))

    sizes = [f"{images[stage]['size_mb']:.0f} MB" for stage in ("serve", "pack")]
    assert f"| Files, unpacked | {sizes[0]} | {sizes[1]} |" in page
    told = " ".join(page.split())
    assert f"{drain['whole']} of {drain['streams']} end whole" in told
    assert f"unready after {drain['unready_s']:.2f} s" in told
    assert f"refuses connections after {drain['refused_s']:.1f} s" in told
    last_stream, end = f"{drain['last_stream_s']:.1f} s", f"{drain['exit_s']:.1f} s"
    assert f"The last stream ends after {last_stream}, the process after {end}" in told
    assert images["serve"]["size_mb"] <= LARGEST_SERVE_MB


def test_given_pip_settings_of_files_and_environment_when_read_then_the_environment_wins() -> None:
    configuration = parse_pip_configuration(
        ":env:.timeout='60'\n"
        "global.timeout='15'\n"
        f"global.index-url='https://user:{PASSWORD}@index.example/simple'\n"
        "global.cert='/etc/ssl/ours.pem'\n"
        "install.user='true'\n"
    )

    assert configuration.text.splitlines() == [
        "[global]",
        f"index-url = https://user:{PASSWORD}@index.example/simple",
        "timeout = 60",
        "cert = /run/secrets/ca.pem",
    ]
    assert configuration.ca == Path("/etc/ssl/ours.pem")
    assert configuration.folders == ()


def test_given_an_index_with_a_password_when_built_with_then_no_argument_shows_it(
    tmp_path: Path,
) -> None:
    configuration = parse_pip_configuration(f"global.index-url='https://u:{PASSWORD}@i.example/'\n")

    arguments = configuration.build_arguments(tmp_path)

    assert PASSWORD not in " ".join(arguments)
    assert arguments == [f"--secret=id=pip.conf,src={tmp_path / 'pip.conf'}"]
    assert PASSWORD in (tmp_path / "pip.conf").read_text()


def test_given_folders_as_indexes_when_built_with_then_the_build_sees_their_files(
    tmp_path: Path,
) -> None:
    configuration = parse_pip_configuration(
        "global.extra-index-url='file:///srv/one/simple https://i.example/simple'\n"
        "global.find-links='/srv/wheels'\n"
    )

    arguments = configuration.build_arguments(tmp_path)

    assert "--volume=/srv/one:/srv/one:ro" in arguments
    assert "--volume=/srv/wheels:/srv/wheels:ro" in arguments
    assert len(arguments) == 3


def test_given_no_pip_settings_when_read_then_pip_is_left_as_it_is() -> None:
    configuration = parse_pip_configuration("")

    assert configuration.text == "[global]\n"
    assert configuration.ca is None
    assert configuration.folders == ()


def test_given_a_file_with_two_names_when_sizes_are_added_then_it_counts_once(
    tmp_path: Path,
) -> None:
    (tmp_path / "one").write_bytes(b"x" * 1000)
    before = size_bytes(tmp_path)
    (tmp_path / "two").hardlink_to(tmp_path / "one")

    assert size_bytes(tmp_path) == before == 1000


def test_given_a_program_that_fails_when_run_then_the_error_says_which_and_why(
    tmp_path: Path,
) -> None:
    for log in (None, tmp_path / "log"):
        with pytest.raises(ImageError, match=r"sh ended with 3:\n\w+ tool broke"):
            run(["sh", "-c", "echo the tool broke >&2; exit 3"], log=log)


def test_given_a_user_who_is_not_root_when_images_are_asked_for_then_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ImageError, match="as root"):
        require_tools()


def test_given_missing_programs_when_images_are_asked_for_then_it_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImageError, match="apt-get install buildah runc debootstrap"):
        require_tools()
