"""`python -m infra.host_keys stage|promote|retire --secret ARN`: replace the model host's key.

Three steps, so that no request fails: the host accepts the new key before anybody sends it, and the
old one until nobody does. Each prints what to do before the next.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

Keys = Mapping[str, str]

_KEY_BYTES = 48
# By way of a pipe: a key in an argument would show in `ps` and stay in the shell's history.
_COPY = """\
  aws secretsmanager get-secret-value --secret-id {secret} --query SecretString --output text \\
    | kubectl create secret generic coqui-host-keys --namespace c-tv \\
        --from-file=keys.json=/dev/stdin --dry-run=client -o yaml \\
    | kubectl apply -f -
"""
_SEEN = """\
Pods see it within about a minute; then ctv_host_keys is {accepted} on each of them.
"""
_NEXT_STEPS = {
    "stage": "A second key is staged. Copy both into the cluster:\n\n"
    + _COPY
    + "\n"
    + _SEEN.format(accepted=2)
    + "Only then: python -m infra.host_keys promote --secret {secret}\n",
    "promote": "The functions take up the new key within 5 minutes. Copy both into the cluster, so "
    "that pods\nwhich start now know them too:\n\n"
    + _COPY
    + "\nAfter 6 minutes: python -m infra.host_keys retire --secret {secret}\n",
    "retire": "The old key is out of the secret. Take it out of the cluster:\n\n"
    + _COPY
    + "\n"
    + _SEEN.format(accepted=1),
}


class RotationError(Exception):
    """The step does not follow on where the secret stands; the message says which does."""


def stage(keys: Keys) -> dict[str, str]:
    """Add the key that is to come.

    Raises:
        RotationError: a rotation is under way.
    """
    _require(keys, {"current"})
    return {**keys, "next": secrets.token_urlsafe(_KEY_BYTES)}


def promote(keys: Keys) -> dict[str, str]:
    """Make the staged key the current one, and keep the one that it replaces.

    Raises:
        RotationError: no key is staged.
    """
    _require(keys, {"current", "next"})
    return {"current": keys["next"], "previous": keys["current"]}


def retire(keys: Keys) -> dict[str, str]:
    """Drop the key that was replaced.

    Raises:
        RotationError: no key was replaced.
    """
    _require(keys, {"current", "previous"})
    return {"current": keys["current"]}


_STEPS: Mapping[str, Callable[[Keys], dict[str, str]]] = {
    "stage": stage,
    "promote": promote,
    "retire": retire,
}
_STEP_AFTER = {
    frozenset({"current"}): "stage",
    frozenset({"current", "next"}): "promote",
    frozenset({"current", "previous"}): "retire",
}


def _require(keys: Keys, roles: set[str]) -> None:
    if set(keys) == roles:
        return
    following = _STEP_AFTER.get(frozenset(keys))
    if following is None:
        raise RotationError("The secret is not one of host keys.")
    raise RotationError(f"The step that follows is: {following}.")


def main(arguments: list[str] | None = None) -> int:
    """Take one step and print what to do then; no key is ever printed."""
    options = _parser().parse_args(arguments)
    try:
        _step(boto3.client("secretsmanager"), options.secret, _STEPS[options.step])
    except RotationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(_NEXT_STEPS[options.step].format(secret=options.secret))
    return 0


def _step(
    secretsmanager: SecretsManagerClient, secret: str, step: Callable[[Keys], dict[str, str]]
) -> None:
    content = secretsmanager.get_secret_value(SecretId=secret)["SecretString"]
    try:
        keys = json.loads(content)
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise RotationError("The secret is not one of host keys.")
    secretsmanager.put_secret_value(SecretId=secret, SecretString=json.dumps(step(keys)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.host_keys", description=__doc__)
    parser.add_argument("step", choices=list(_STEPS))
    parser.add_argument("--secret", required=True, metavar="ARN", help="output HostKeysSecretArn")
    return parser


if __name__ == "__main__":
    sys.exit(main())
