"""`python -m infra.restore --copy NAME [--at TIME]`: what panels have lost, out of a backup.

Makes a copy of the state table as it was, or takes one that is there, and puts into the table what
is missing of its panels. What is there stays; keys, TVs and waiting lists do not come back.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.restore import point_in_time
from infra.restore.copying import THREADS, Copying

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Throttled puts pause and go on, for minutes if it must be (botocore's "standard" mode).
_PATIENT = Config(
    max_pool_connections=THREADS, retries={"mode": "standard", "total_max_attempts": 12}
)


def main(arguments: list[str] | None = None) -> int:
    """Restore into the table that `--table` or `STATE_TABLE` names."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.copy == options.table:
        parser.error("--copy is another table than --table")
    try:
        _restore(boto3.client("dynamodb", config=_PATIENT), options)
    except point_in_time.NoCopyError:
        sys.stderr.write(f"There is no table {options.copy}; --at makes it.\n")
        return 1
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        sys.stderr.write(
            f"{error.operation_name}: {code}. Nothing was overwritten, and nothing deleted. If the "
            f"copy {options.copy} is there by now, the same without --at goes on.\n"
        )
        return 1
    return 0


def _restore(dynamodb: DynamoDBClient, options: argparse.Namespace) -> None:
    if options.at:
        point_in_time.begin(dynamodb, options.table, options.at, options.copy)
        sys.stderr.write("The copy is being made; that takes from minutes to hours.\n")
    point_in_time.wait(dynamodb, options.copy)
    sys.stderr.write("Copying …\n")
    tally = Copying(dynamodb, options.copy, options.table).run()
    sys.stdout.writelines(f"{line}\n" for line in tally.lines())
    if options.delete_copy:
        dynamodb.delete_table(TableName=options.copy)
        sys.stderr.write(f"{options.copy} is deleted.\n")
    else:
        sys.stderr.write(f"{options.copy} has names in it, and no end: delete it.\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.restore",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    table = os.environ.get("STATE_TABLE")
    parser.add_argument(
        "--table",
        default=table,
        required=not table,
        help="the stack's state table (default: the variable STATE_TABLE)",
    )
    parser.add_argument("--copy", required=True, metavar="NAME", help="a table for the copy")
    parser.add_argument(
        "--at",
        type=_time,
        help="make the copy of this moment, such as 2026-01-31T08:00:00-03:00 "
        "(without it: it is there)",
    )
    parser.add_argument(
        "--delete-copy", action="store_true", help="delete the copy once all is restored"
    )
    return parser


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise argparse.ArgumentTypeError("a time with its zone, such as 2026-01-31T08:00:00-03:00")
    return at


if __name__ == "__main__":
    sys.exit(main())
