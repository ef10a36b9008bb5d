"""The stranger's walk: what it reads of a page, and what it does with each command."""

from __future__ import annotations

import re
import time
from functools import cache
from pathlib import Path

import psutil
import pytest

from infra.local.settings import ROOT
from infra.walk import commands, manifests, report, walk
from infra.walk.classification import How, Rule, UnknownCommandError, rule_for
from infra.walk.machine import STAND_INS
from infra.walk.rules import RULES
from infra.walk.shell import Shell, inherited


@cache
def guide() -> tuple[commands.Command, ...]:
    return commands.read((ROOT / "docs" / "deploy.md").read_text())


PAGE = """
# A page

```sh
BEFORE=any   # heading
```

## First
```sh
# a comment of its own
NAME="two
lines"

printf '%s' \\
  "$NAME"
for n in 1 2; do
  echo "$n"
done
cat <<'END'
# no comment
END
```
```json
{"not": "a command"}
```
## Second
1. In a list:
   ```sh
   greet() { echo "hello $1"; }
   ```
"""


def rule(pattern: str, how: How = How.RUN, note: str = "", instead: str = "") -> Rule:
    return Rule(re.compile(pattern), how, note, instead)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, tmp_path, inherited(()))


def followed(page: str, rules: list[Rule], shell: Shell) -> list[walk.Step]:
    return list(walk.follow(commands.read(page), rules, shell))


def block(*lines: str) -> str:
    return "\n".join(["## Section", "```sh", *lines, "```"])


def test_a_page_is_read_as_the_commands_that_its_shell_blocks_hold() -> None:
    # Given a page with shell and other blocks, when it is read
    found = commands.read(PAGE)
    # Then each command is whole, and knows where it stands
    assert [(one.section, one.text) for one in found] == [
        ("", "BEFORE=any   # heading"),
        ("First", 'NAME="two\nlines"'),
        ("First", "printf '%s' \\\n  \"$NAME\""),
        ("First", 'for n in 1 2; do\n  echo "$n"\ndone'),
        ("First", "cat <<'END'\n# no comment\nEND"),
        ("Second", 'greet() { echo "hello $1"; }'),
    ]
    page_lines = PAGE.splitlines()
    for one in found:
        assert page_lines[one.line - 1].strip() == one.text.splitlines()[0]


@pytest.mark.parametrize("end", ['echo "open', "echo more \\", "if true; then", "cat <<'END'"])
def test_a_block_that_ends_in_the_middle_of_a_command_is_refused(end: str) -> None:
    with pytest.raises(commands.UnfinishedCommandError, match="line 4"):
        commands.read(block("true", end))


def test_variables_functions_and_the_folder_last_from_command_to_command(shell: Shell) -> None:
    # Given commands that leave something behind
    for command in ("NAME='two words'", "mkdir deep && cd deep", 'greet() { echo "hi $1"; }'):
        assert shell.run(command).code == 0
    # When a later one uses it
    outcome = shell.run('greet "$NAME"; basename "$PWD"')
    # Then it is there
    assert outcome.output == "hi two words\ndeep\n"


def test_what_a_command_sets_before_it_fails_is_there_too(shell: Shell) -> None:
    assert shell.run("KEPT=1; false").code == 1
    assert shell.run('test "$KEPT" = 1').code == 0


def test_a_failure_within_a_pipe_is_a_failure(shell: Shell) -> None:
    assert shell.run("false | cat").code == 1


def test_a_command_that_does_not_end_is_a_failure(shell: Shell) -> None:
    assert shell.run("sleep 60", timeout_s=0.2).code == 124


def test_a_command_that_does_not_end_is_ended_with_all_that_it_started(
    shell: Shell, tmp_path: Path
) -> None:
    # Given a command that has started another one
    begun = f"sh -c 'echo $$ > {tmp_path}/pid; exec sleep 60'; true"
    # When it takes too long
    assert shell.run(begun, timeout_s=1).code == 124
    # Then neither lives on
    pid = int((tmp_path / "pid").read_text())
    end = time.monotonic() + 5
    while lives(pid):
        assert time.monotonic() < end
        time.sleep(0.01)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_variable_of_this_machine_is_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody's")
    shell = Shell(tmp_path, tmp_path, inherited(()))
    assert shell.run('test -z "${AWS_PROFILE:-}"').code == 0


def test_every_command_gets_its_mark(shell: Shell) -> None:
    # Given a page with a command of each kind
    page = block("touch made", "deploy --now", "knock", "false", "surprise")
    rules = [
        rule("^touch"),
        rule("^deploy", How.CHECKED, "only looked at", 'test "$COMMAND" = "deploy --now"'),
        rule("^knock", How.CANNOT, "there is no door"),
        rule("^false"),
    ]
    # When it is followed
    steps = followed(page, rules, shell)
    # Then each says what became of it, and what failed does not keep the rest from being tried
    assert [(step.mark, step.is_failure) for step in steps] == [
        ("RUN", False),
        ("CHECKED", False),
        ("CANNOT", False),
        ("FAILED", True),
        ("UNKNOWN", True),
    ]
    told = "\n".join(report.lines(steps))
    assert "there is no door" in told
    assert told.endswith("1 CANNOT, 1 CHECKED, 1 FAILED, 1 RUN, 1 UNKNOWN")


def test_a_check_that_finds_something_fails_the_walk(shell: Shell) -> None:
    rules = [rule("^deploy", How.CHECKED, "only looked at", "echo no such stage; exit 3")]
    (step,) = followed(block("deploy"), rules, shell)
    assert step.mark == "FAILED"
    assert "no such stage" in step.note


def test_what_cannot_be_run_is_not_run_but_its_stand_in_is(shell: Shell) -> None:
    # Given a command whose answer later ones need
    rules = [
        rule("^ADDRESS=", How.CANNOT, "no cluster", "ADDRESS=127.0.0.1"),
        rule("^test"),
    ]
    # When the page is followed
    steps = followed(block("ADDRESS=$(exit 9)", 'test "$ADDRESS" = 127.0.0.1'), rules, shell)
    # Then they have it
    assert [step.mark for step in steps] == ["CANNOT", "RUN"]


@pytest.mark.parametrize(
    ("how", "note", "instead"),
    [(How.CANNOT, "", ""), (How.CHECKED, "", "true"), (How.CHECKED, "why", ""), (How.RUN, "", "x")],
)
def test_a_rule_may_not_hide_what_it_does_not_do(how: How, note: str, instead: str) -> None:
    with pytest.raises(ValueError, match="x"):
        rule("x", how, note, instead)


def test_every_command_of_the_deployment_guide_has_its_rule() -> None:
    assert guide()
    unknown = []
    for command in guide():
        try:
            rule_for(command.text, RULES)
        except UnknownCommandError:
            unknown.append(f"{command.line}: {command.text}")
    assert unknown == []


def test_every_rule_is_one_that_a_command_of_the_guide_needs() -> None:
    used = {rule_for(command.text, RULES).pattern for command in guide()}
    assert [one.pattern.pattern for one in RULES if one.pattern not in used] == []


SECRET = """
apiVersion: v1
kind: Secret
metadata: {name: coqui-host-keys}
stringData: {keys.json: "{}"}
"""
MONITOR = """
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: coqui-server}
spec: {selector: {}, endpoints: [{port: http, path: /metrics, interval: 15s, scrapeTimeout: 5s}]}
"""


def test_manifests_that_a_cluster_would_take_are_counted() -> None:
    assert manifests.check(f"{SECRET}---{MONITOR}---\n") == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SECRET.replace("stringData", "stringdata"), "Secret coqui-host-keys"),
        (MONITOR.replace("endpoints", "endpoint"), "ServiceMonitor coqui-server"),
        (SECRET.replace("{}", "sg-0123456789abcdef0"), "placeholders are left"),
    ],
)
def test_a_manifest_that_is_wrong_or_unfinished_is_refused(text: str, told: str) -> None:
    with pytest.raises(manifests.InvalidManifestError, match=told):
        manifests.check(text)


def test_the_deployment_departs_from_the_page_in_what_it_is_told_alone(shell: Shell) -> None:
    # Given a deployment, and what MiniStack cannot carry: one value, and one parameter at all
    shell.run(f'. "{STAND_INS}"; WALK_DEPARTURES="Firewall=false DomainName="')
    shell.run('sam() { printf "%s|" "$@"; }; STAGE=prod')
    deploy = 'sam deploy --config-env prod --parameter-overrides Stage="$STAGE" DomainName="$X" A=1'
    # When its stand-in runs it
    outcome = shell.run(f"COMMAND='{deploy}'; deploy_to_ministack")
    # Then the one has that value, the other is left out, and nobody is asked
    assert outcome.output.split("|")[:-1] == [
        "deploy", "--no-confirm-changeset", "--config-env", "prod",
        "--parameter-overrides", "Stage=prod", "A=1", "Firewall=false",
    ]  # fmt: skip


@pytest.mark.parametrize(("how", "code"), [("--server-side ", 0), ("", 1)])
def test_what_is_too_long_to_be_annotated_wants_the_server(
    shell: Shell, tmp_path: Path, how: str, code: int
) -> None:
    shell.run(
        f'. "{STAND_INS}"; valid_manifests() {{ cat > "$WALK_RUN/seen"; }}; WALK_RUN={tmp_path}'
    )
    pipe = f"head -c 300000 /dev/zero | kubectl apply {how}-f -"
    assert shell.run(f"COMMAND='{pipe}'; valid_pipe").code == code
