"""`python -m infra.access create | list | rotate | revoke`: API keys."""

from __future__ import annotations

import argparse
import os
import re
import sys
from datetime import UTC, datetime

import boto3

from access.scopes import OPERATOR, PREWARM, SPEECH, panel_scope
from access.tokens import (
    KEY_DAYS,
    Issued,
    RotatedKeyError,
    Token,
    TokenStore,
    UnknownKeyError,
)
from infra.access import plans
from panels.panel_settings import PANEL_ID

_LABEL_CHARS_MAX = 60
_DAYS_MAX = 3650
_HOUR_S = 3600


def main(arguments: list[str] | None = None) -> int:
    """Run one command against the table that `--table` or `STATE_TABLE` names."""
    parser = _parser()
    options = parser.parse_args(arguments)
    store = TokenStore(boto3.client("dynamodb"), options.table)
    try:
        match options.command:
            case "create":
                if options.plan and not options.usage_plan:
                    parser.error("--plan needs --usage-plan or the variable USAGE_PLAN_ID")
                _create(store, options)
            case "list":
                sys.stdout.writelines(f"{_line(token)}\n" for token in store.all_keys())
            case "rotate":
                _show(store.rotate_key(options.id, round(options.overlap_hours * _HOUR_S)))
                sys.stderr.write(f"The old key ends in {options.overlap_hours:g} h.\n")
            case "revoke":
                _revoke(store, options.id)
    except UnknownKeyError:
        sys.stderr.write("No key has this id; see: python -m infra.access list\n")
        return 1
    except RotatedKeyError as rotated:
        sys.stderr.write(
            f"This key was rotated already, to {rotated}. Rotate that one; if it has not arrived, "
            "with --overlap-hours 0. Or create another.\n"
        )
        return 1
    return 0


def _create(store: TokenStore, options: argparse.Namespace) -> None:
    usage_key = None
    if options.plan:
        usage_key = plans.join(boto3.client("apigateway"), options.usage_plan)
    _show(store.create_key(options.label, options.scope, options.days, usage_key))


def _show(issued: Issued) -> None:
    sys.stderr.write(
        f"Key {issued.token.id}, valid until {_day(issued.token.expires_at)}. "
        "Here it is, this once; keep it as you keep a password:\n"
    )
    sys.stdout.write(f"{issued.value}\n")


def _revoke(store: TokenStore, token_id: str) -> None:
    usage_key = store.revoke_key(token_id).usage_key
    # A rotated key and its successor count as one.
    if usage_key and usage_key not in {other.usage_key for other in store.all_keys()}:
        plans.leave(boto3.client("apigateway"), usage_key)
    sys.stderr.write("Revoked. It stops working within 10 s.\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.access", description=__doc__)
    table = os.environ.get("STATE_TABLE")
    parser.add_argument(
        "--table",
        default=table,
        required=not table,
        help="the stack's state table (default: the variable STATE_TABLE)",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="print a new key")
    create.add_argument("--label", required=True, type=_label, help="who uses it")
    create.add_argument(
        "--scope",
        required=True,
        action="append",
        type=_scope,
        help=f"{SPEECH}, {PREWARM}, {OPERATOR} or panel:ID; once for each",
    )
    create.add_argument(
        "--days", type=_days, default=KEY_DAYS, help=f"how long it is valid (default: {KEY_DAYS})"
    )
    create.add_argument(
        "--plan", action="store_true", help="count its speech and prewarm under the usage plan"
    )
    create.add_argument(
        "--usage-plan",
        default=os.environ.get("USAGE_PLAN_ID"),
        help="the stack's UsagePlanId (default: the variable USAGE_PLAN_ID)",
    )
    commands.add_parser("list", help="id, label, scopes, when it was made, last used and ends")
    rotate = commands.add_parser("rotate", help="print a successor; the old key ends later")
    rotate.add_argument("id")
    rotate.add_argument("--overlap-hours", type=_hours, default=24.0, help="default: 24")
    commands.add_parser("revoke", help="take a key back").add_argument("id")
    return parser


def _label(text: str) -> str:
    label = " ".join(text.split())
    if not 1 <= len(label) <= _LABEL_CHARS_MAX:
        raise argparse.ArgumentTypeError(f"1 to {_LABEL_CHARS_MAX} characters")
    return label


def _scope(text: str) -> str:
    panel = text.rpartition(":")[2]
    of_panel = text == panel_scope(panel) and re.fullmatch(PANEL_ID, panel)
    if text in {SPEECH, PREWARM, OPERATOR} or of_panel:
        return text
    raise argparse.ArgumentTypeError(f"one of {SPEECH}, {PREWARM}, {OPERATOR}, panel:ID")


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _DAYS_MAX:
        raise argparse.ArgumentTypeError(f"1 to {_DAYS_MAX}")
    return int(text)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= _DAYS_MAX * 24:
        raise argparse.ArgumentTypeError("a number of hours, 0 or more")
    return hours


def _line(token: Token) -> str:
    return "\t".join(
        (
            token.id,
            token.label,
            " ".join(sorted(token.scopes)),
            _day(token.created_at),
            token.last_used_day or "never used",
            _day(token.expires_at),
            "plan" if token.usage_key else "no plan",
        )
    )


def _day(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).date().isoformat()


if __name__ == "__main__":
    sys.exit(main())
