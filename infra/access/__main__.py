"""`python -m infra.access create --operator LABEL | list | revoke ID`: operators' tokens."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime

import boto3

from infra.access.operators import create_operator_token
from panels.tokens import Token, TokenStore

_LABEL_CHARS_MAX = 60


def main(arguments: list[str] | None = None) -> int:
    """Run one command against the table that `--table` or `STATE_TABLE` names."""
    options = _parser().parse_args(arguments)
    dynamodb = boto3.client("dynamodb")
    if options.command == "create":
        token = create_operator_token(dynamodb, options.table, options.operator)
        sys.stderr.write("The token, this once; keep it as you keep a password:\n")
        sys.stdout.write(f"{token}\n")
        return 0
    store = TokenStore(dynamodb, options.table)
    if options.command == "list":
        sys.stdout.writelines(f"{_line(token)}\n" for token in store.operators())
        return 0
    if not store.revoke_operator(options.id):
        sys.stderr.write("No operator's token has this id; see: python -m infra.access list\n")
        return 1
    sys.stderr.write("Revoked. It stops working within 10 s.\n")
    return 0


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
    create = commands.add_parser("create", help="print a new token, valid for a year")
    create.add_argument("--operator", required=True, type=_label, metavar="LABEL")
    commands.add_parser("list", help="id, label, when it was made, last used and ends")
    commands.add_parser("revoke", help="take a token back").add_argument("id")
    return parser


def _label(text: str) -> str:
    label = " ".join(text.split())
    if not 1 <= len(label) <= _LABEL_CHARS_MAX:
        raise argparse.ArgumentTypeError(f"1 to {_LABEL_CHARS_MAX} characters")
    return label


def _line(token: Token) -> str:
    last_used = token.last_used_day or "never used"
    return "\t".join(
        (token.id, token.label, _day(token.created_at), last_used, _day(token.expires_at))
    )


def _day(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).date().isoformat()


if __name__ == "__main__":
    sys.exit(main())
