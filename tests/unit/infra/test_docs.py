"""The pages keep their promises: links lead somewhere, and what they name exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "benchmarks/README.md"])
OPERATORS_PAGES = [
    ROOT / "docs" / f"{name}.md"
    for name in ("deploy", "operate", "troubleshooting", "s3-cache", "privacy", "licence")
]
TEMPLATE = read_template(ROOT / "template.yaml")
ACCOUNT = read_template(ROOT / "infra" / "aws" / "account.yaml")

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)(?P<path>[^)#]*)(?:#(?P<anchor>[^)]+))?\)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
IN_REPOSITORY = re.compile(
    r"`(?P<path>(?:functions|model_host|infra|tests|benchmarks|web|docs|requirements|voice_samples)"
    r"/[\w./-]*\w/?)`"
)
CODE = re.compile(r"^```sh$(.*?)^```|`([^`]+)`", re.MULTILINE | re.DOTALL)
PROGRAM = re.compile(r"python -m (?P<module>infra\.[a-z_]+)(?P<rest>[^|\n]*)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors_of(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    anchors: Counter[str] = Counter()
    found = set()
    for match in HEADING.finditer(FENCED.sub("", page.read_text())):
        title = re.sub(r"[^\w\- ]", "", match["title"].lower()).replace(" ", "-")
        found.add(f"{title}-{anchors[title]}" if anchors[title] else title)
        anchors[title] += 1
    return found


def dead_links(page: Path) -> list[str]:
    dead = []
    for match in LINK.finditer(FENCED.sub("", page.read_text())):
        target = (page.parent / match["path"]).resolve() if match["path"] else page
        anchor = match["anchor"]
        if not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in anchors_of(target)
        ):
            dead.append(match[0])
    return dead


def code_of(page: Path) -> str:
    return "\n".join(block or span for block, span in CODE.findall(page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_page_and_a_heading_that_is_there(page: Path) -> None:
    assert dead_links(page) == []


def test_a_link_to_a_heading_that_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Here it is: `all`\n[good](#here-it-is-all) [bad](#there) [gone](gone.md)\n")
    assert dead_links(page) == ["[bad](#there)", "[gone](gone.md)"]


@pytest.mark.parametrize("page", OPERATORS_PAGES, ids=name_of)
def test_every_file_that_an_operators_page_names_is_there(page: Path) -> None:
    named = {match["path"] for match in IN_REPOSITORY.finditer(page.read_text())}
    assert [path for path in sorted(named) if not any(ROOT.glob(path.rstrip("/")))] == []


@pytest.mark.parametrize("page", OPERATORS_PAGES, ids=name_of)
def test_every_make_target_that_an_operators_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"\bmake ([a-z.][a-z./-]*)", code_of(page)))
    targets = set(re.findall(r"^([a-z./-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", OPERATORS_PAGES, ids=name_of)
def test_every_output_and_parameter_that_an_operators_page_names_is_the_templates(
    page: Path,
) -> None:
    code = code_of(page)
    outputs = set(re.findall(r"\boutput ([A-Z]\w+)\)", code))
    resources = set(re.findall(r"--logical-resource-id ([A-Z]\w+)|dead_letters ([A-Z]\w+)", code))
    own = re.sub(r"--(public-access-block-configuration|tags|dimensions) \S+", "", code)
    parameters = set(re.findall(r"\b([A-Z][a-z]\w+)=(?!=)", own))
    assert outputs <= set(TEMPLATE["Outputs"])
    assert {one or other for one, other in resources} <= set(TEMPLATE["Resources"])
    assert parameters <= set(TEMPLATE["Parameters"]) | set(ACCOUNT["Parameters"])


@pytest.mark.parametrize("page", OPERATORS_PAGES, ids=name_of)
def test_every_command_and_flag_of_ours_that_an_operators_page_names_is_declared(
    page: Path,
) -> None:
    for match in PROGRAM.finditer(code_of(page)):
        module = ROOT / match["module"].replace(".", "/")
        files = [*module.glob("*.py")] if module.is_dir() else [module.with_suffix(".py")]
        source = "\n".join(file.read_text() for file in files)
        flags = re.findall(r"--[a-z-]+", match["rest"])
        command = re.match(r" ([a-z]+)", match["rest"])
        wanted = [*flags, *([command[1]] if command else [])]
        assert [word for word in wanted if f'"{word}"' not in source] == [], match[0]


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    named = {match["path"] for match in LINK.finditer(index)}
    assert {page.name for page in ROOT.glob("docs/*.md")} - {"README.md"} - named == set()
