"""Every command of docs/deploy.md, and how far this machine can follow it. The first match counts.

Stand-ins are shell, mostly functions of stand_ins.sh; they see the command as `$COMMAND`. A value
that a command would have brought is set by its stand-in, so that what follows can be run.
"""

from __future__ import annotations

import re
from typing import Final

from infra.walk.classification import How, Rule

_NO_CLUSTER: Final = "needs a cluster"
_NO_DOCKER: Final = "needs a Docker engine and a registry"
_NOTED: Final = "MiniStack notes it; nothing comes of it"


def _run(pattern: str, note: str = "", instead: str = "") -> Rule:
    return Rule(re.compile(pattern, re.DOTALL), How.RUN, note, instead)


def _checked(pattern: str, note: str, instead: str) -> Rule:
    return Rule(re.compile(pattern, re.DOTALL), How.CHECKED, note, instead)


def _cannot(pattern: str, why: str, instead: str = "") -> Rule:
    return Rule(re.compile(pattern, re.DOTALL), How.CANNOT, why, instead)


RULES: Final[tuple[Rule, ...]] = (
    # ── Names; some get this machine's values on top ───────────────────────────────────────────
    _run("^REPOSITORY=", "this repository, as it is committed", 'REPOSITORY="$WALK_ROOT"'),
    _run("^CLUSTER=", _NOTED, 'eval "$COMMAND" && cluster_in_ministack'),
    _run("^PRIVATE_SUBNETS=", "subnets made in MiniStack", "subnets_in_ministack"),
    _run(
        "^SITE=",
        "a server beside MiniStack for CloudFront and its name",
        'SITE="http://127.0.0.1:$WALK_PAGES_PORT"',
    ),
    _run("^HOST_URL=", "the model host beside MiniStack", 'HOST_URL="$WALK_HOST_URL"'),
    _run("^CHECKPOINT=", "three small files for a checkpoint", "checkpoint_of_three_files"),
    _run("^VOICE=", "twenty seconds of silence for a voice", "twenty_seconds_of_silence"),
    _run(r"^(export )?[A-Z_]+=[^()]*$"),
    _run(r"^VERSION=\$\(date "),
    _run(r"^output\(\) "),
    # ── 1. What must be there ──────────────────────────────────────────────────────────────────
    _run(r"^(ACCOUNT=\$\()?aws sts get-caller-identity"),
    _cannot("^kubectl config current-context", _NO_CLUSTER),
    _run("^aws eks create-addon", _NOTED),
    _cannot("^helm ", f"{_NO_CLUSTER}, and charts of the internet"),
    # ── 2. The repository ──────────────────────────────────────────────────────────────────────
    _run(
        "^git clone",
        "the environments that `make` sets up are lent to the clone",
        'eval "$COMMAND" && lend_environments c-tv-voice',
    ),
    _run("^cd "),
    _run("^make "),
    # ── 3. to 4. The account and the certificates ──────────────────────────────────────────────
    _run(r"^aws cloudformation deploy "),
    _run(r"^[A-Z_]+=\$\(output "),
    _run(r"^[A-Z_]+=\$\(aws acm request-certificate"),
    _run("^aws acm describe-certificate"),
    _cannot("^aws acm wait", "needs the domain's DNS"),
    # ── 5. The images ──────────────────────────────────────────────────────────────────────────
    _run("^aws ecr create-repository"),
    _cannot(r"\| docker login|^docker push", _NO_DOCKER),
    _checked(
        "^docker build",
        "the stage and the files that it copies are there; `make images` runs its steps",
        "stage_is_there",
    ),
    _cannot(
        r"^HOST_DIGEST=\$\(aws ecr",
        "no image was pushed",
        "HOST_DIGEST=sha256:$(printf '1%.0s' {1..64})",
    ),
    _cannot(
        r"^PACK_DIGEST=\$\(aws ecr",
        "no image was pushed",
        "PACK_DIGEST=sha256:$(printf '2%.0s' {1..64})",
    ),
    # ── 6. The model ───────────────────────────────────────────────────────────────────────────
    _run("^aws s3 (mb|ls|sync) |^aws s3api put-public-access-block"),
    _run(r'^\(cd "\$CHECKPOINT" && sha256sum'),
    # ── 7. The network ─────────────────────────────────────────────────────────────────────────
    _run(
        r"^VPC=\$\(aws eks describe-cluster",
        "then a VPC of MiniStack's, whose clusters have none",
        'eval "$COMMAND" && VPC=$WALK_VPC',
    ),
    _run(r"^CLUSTER_SECURITY_GROUP=\$\(aws eks describe-cluster"),
    _run("^read -r "),
    _run(r"^([A-Z_]+=\$\()?aws ec2 "),
    _run(r"^FILE_SYSTEM=\$\(aws efs create-file-system"),
    _run(r"aws efs create-mount-target"),
    # ── 8. The pods' role ──────────────────────────────────────────────────────────────────────
    _run(r"^sed \"|^sed -i "),
    _run("^aws iam "),
    _run("^aws eks create-pod-identity-association", _NOTED),
    _run(r"^rm trust.json"),
    # ── 9. to 10. The pods and the load balancer ───────────────────────────────────────────────
    _run("^git diff"),
    _checked("^kubectl apply -f", "valid for Kubernetes", 'valid_manifests < "${COMMAND##* }"'),
    _checked(
        "^kubectl apply -k",
        "rendered; valid for Kubernetes and its controllers, no placeholder left",
        'kubectl kustomize "${COMMAND##* }" | valid_manifests',
    ),
    _checked(
        r"^aws secretsmanager get-secret-value .*\| kubectl create secret",
        "made of the stack's secret and valid; the host beside MiniStack gets the same file",
        "valid_pipe && give_keys_to_host",
    ),
    _checked(
        r"^kubectl .*\| kubectl apply (--server-side )?-f -$", "made, and valid", "valid_pipe"
    ),
    _cannot("^kubectl .* (get|rollout) ", _NO_CLUSTER),
    _cannot(
        r"^LOAD_BALANCER=\$\(kubectl", _NO_CLUSTER, "LOAD_BALANCER=internal-c-tv.elb.amazonaws.com"
    ),
    _run("^echo "),
    _run("^aws ssm put-parameter"),
    # ── 11. to 13. The stack, its keys and its pages ───────────────────────────────────────────
    _run("^sam build"),
    _run(
        "^sam deploy",
        "nobody is asked; with infra/local/deployment.py's DEPARTURES, then gaps filled",
        "deploy_to_ministack && fill_gaps",
    ),
    _run("^aws lambda invoke|^jq -e "),
    _run(
        r"^curl .*\$SITE/panel/",
        "of the published pages, by the server beside MiniStack",
        'serve_pages && eval "$COMMAND"',
    ),
    # ── 14. to 16. Keys, speech, alarms ────────────────────────────────────────────────────────
    _run(r"^export STATE_TABLE"),
    _run(r"^([A-Z_]+=\$\()?\.venv/bin/python -m infra\.access "),
    _run(r"^([A-Z_]+=\$\()?curl |^test \"\$\(curl "),
    _run("^aws sns list-subscriptions-by-topic"),
)
