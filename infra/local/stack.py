"""The local stack: MiniStack, the model host, and this repository's template deployed to them."""

from __future__ import annotations

import hashlib
import http
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3

from access.scopes import PREWARM, SPEECH
from infra.access.keys import create_key
from infra.local import emulator_gaps
from infra.local.deployment import production_like
from infra.local.host_keys import LocalHostKeys
from infra.local.pages import HEADERS_VARIABLE
from infra.local.processes import Service, exclusive, last_lines, require_free_port
from infra.local.settings import REGION, ROOT, STAGE, LocalRunError, LocalSettings
from infra.local.stack_file import StackFile, created

SAM = ROOT / ".venv-sam" / "bin"
MINISTACK = ROOT / ".venv-ministack" / "bin"
PAGES = ROOT / "web" / "dist"
TEMPLATES = (ROOT / "template.yaml", *sorted((ROOT / "infra" / "aws").glob("*.yaml")))
# Runs beside each other share what `sam build` makes: from build to deployment it is one's alone.
BUILD_LOCK = ROOT / ".aws-sam" / "lock"
BUILT_TEMPLATE = ROOT / ".aws-sam" / "build" / "template.yaml"
BUILT_DIGEST = ROOT / ".aws-sam" / "build" / "sources.sha256"


class LocalStack:
    """Starts, deploys and stops one local run.

    Args:
        settings: ports and folders. The model host also sees the caller's environment (ENGINE, …).
    """

    def __init__(self, settings: LocalSettings) -> None:
        self.settings = settings
        self.outputs: dict[str, str] = {}
        self.api_key = ""
        self.ministack = Service(
            "ministack",
            [str(MINISTACK / "ministack")],
            self._ministack_environment(),
            settings.run_dir / "ministack.log",
        )
        self.host_keys = LocalHostKeys(settings.run_dir / "host-keys" / "keys.json")
        self.host = Service(
            "host",
            [_host_python(), "-m", "model_host"],
            {
                **os.environ,
                "HOST": "127.0.0.1",
                "PORT": str(settings.host_port),
                "TEMP_DIR": str(settings.run_dir / "tmp"),
                "HOST_KEYS_FILE": str(self.host_keys.path),
            },
            settings.run_dir / "host.log",
        )
        self.pages: Service | None = None

    def start(self) -> None:
        """Bring everything up: both processes, the built functions, the deployed template.

        Raises:
            LocalRunError: a port is taken, or a step failed; the message says what to do.
        """
        require_free_port(self.settings.gateway_port, "MiniStack", "MINISTACK_PORT")
        require_free_port(self.settings.host_port, "the model host", "PORT")
        require_free_port(self.settings.pages_port, "the pages' server", "PAGES_PORT")
        # MiniStack unpacks each function there and leaves it behind: 200 MB and more a run.
        shutil.rmtree(self.settings.run_dir / "tmp", ignore_errors=True)
        for folder in ("tmp", "home", "sam"):
            (self.settings.run_dir / folder).mkdir(parents=True, exist_ok=True)
        os.environ.update(self.settings.aws_environment())
        self.host_keys.make()
        self.host.start()
        self.ministack.start()
        self.ministack.wait_until(lambda: answers(self.settings.endpoint_url), timeout_s=60)
        with exclusive(BUILD_LOCK):
            self._build()
            self._deploy()
        self._step("waiting for the model host", self._wait_for_host)
        self._step("first warm-up", self.warm_up)
        self._serve_pages()

    def stop(self) -> None:
        """Stop all processes and whatever they started."""
        if self.pages:
            self.pages.stop()
        self.host.stop()
        self.ministack.stop()

    def restart_host(self) -> None:
        """Start the model host again after it ended, as Kubernetes would."""
        self.host.start()
        self._wait_for_host()

    def warm_up(self) -> dict[str, object]:
        """Run the warm-up function once, as after every deployment, and return its summary."""
        answer = boto3.client("lambda").invoke(
            FunctionName=self.outputs["WarmupFunctionName"], Payload=b"{}"
        )
        summary: dict[str, object] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise LocalRunError(f"The warm-up function failed: {summary}")
        return summary

    @property
    def api_host_header(self) -> str:
        """The `Host` by which MiniStack knows the API."""
        return f"{self.outputs['ApiId']}.execute-api.localhost"

    def describe(self, pids: Mapping[str, int]) -> StackFile:
        """Where everything is, for `stack.json`."""
        port = self.settings.gateway_port
        pids = {**pids, "ministack": self.ministack.pid, "host": self.host.pid}
        if self.pages:
            pids["pages"] = self.pages.pid
        return StackFile(
            api_url=self.settings.api_url,
            api_host_header=self.api_host_header,
            browser_url=f"http://{self.api_host_header}:{port}/{STAGE}",
            host_url=self.settings.host_url,
            pages_url=self.settings.pages_url,
            api_key=self.api_key,
            endpoint_url=self.settings.endpoint_url,
            region=REGION,
            outputs=self.outputs,
            pids=dict(pids),
            created={name: created(pid) for name, pid in pids.items()},
        )

    def _wait_for_host(self) -> None:
        url = f"{self.settings.host_url}/health/ready"
        self.host.wait_until(lambda: answers(url), timeout_s=300)

    def _serve_pages(self) -> None:
        settings = self.settings
        self.pages = Service(
            "pages",
            [
                sys.executable, "-m", "infra.local.pages",
                "--port", str(settings.pages_port),
                "--dist", str(PAGES),
                "--api-url", settings.api_url,
                "--api-host", self.api_host_header,
            ],
            {**os.environ, HEADERS_VARIABLE: json.dumps(self._pages_headers())},
            settings.run_dir / "pages.log",
        )  # fmt: skip
        self.pages.start()
        self.pages.wait_until(lambda: answers(f"{settings.pages_url}/health"), timeout_s=30)

    def _pages_headers(self) -> dict[str, str]:
        """The deployed policy's headers, with this run's storage in place of AWS's."""
        config = _response_headers_policy(f"{self.settings.stack_name}-{REGION}-pages")
        security = config["SecurityHeadersConfig"]
        policy = str(security["ContentSecurityPolicy"]["ContentSecurityPolicy"])
        for bucket in ("CacheBucketName", "PhrasesBucketName"):
            origin = f"https://{self.outputs[bucket]}.s3.{REGION}.amazonaws.com"
            policy = policy.replace(origin, self.settings.endpoint_url)
        return {
            "Content-Security-Policy": policy,
            "Referrer-Policy": str(security["ReferrerPolicy"]["ReferrerPolicy"]),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": str(security["FrameOptions"]["FrameOption"]),
        }

    def _build(self) -> None:
        # `sam build --cached` takes 12 s to find out that nothing changed; a digest takes none.
        digest = _sources_digest()
        if BUILT_DIGEST.exists() and BUILT_DIGEST.read_text() == digest:
            print("  the functions are built already")
            return
        BUILT_DIGEST.unlink(missing_ok=True)
        self._run_sam(
            "building the functions (sam build)",
            ["build", "--cached", "--template-file", str(ROOT / "template.yaml")],
            "sam-build.log",
        )
        BUILT_DIGEST.write_text(digest)

    def _deploy(self) -> None:
        name = self.settings.stack_name
        parameters = production_like(self.settings)
        self._run_sam(
            "deploying the template (sam deploy)",
            [
                "deploy",
                "--template-file", str(BUILT_TEMPLATE),
                "--stack-name", name,
                "--region", REGION,
                "--resolve-s3",
                "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
                "--no-confirm-changeset",
                "--no-fail-on-empty-changeset",
                "--parameter-overrides",
                *(f"{name}={value}" for name, value in parameters.items()),
            ],
            "sam-deploy.log",
        )  # fmt: skip
        stack = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
        emulator_gaps.fill(ROOT / "template.yaml", name)
        self.host_keys.publish(self.outputs["HostKeysSecretArn"])
        self.api_key = create_key(
            boto3.client("dynamodb"), self.outputs["StateTableName"], "make say", SPEECH, PREWARM
        )

    def _run_sam(self, what: str, arguments: Sequence[str], log_name: str) -> None:
        log_path = self.settings.run_dir / log_name
        environment = {
            **os.environ,
            # sam looks for the python3.11 of the runtime on PATH: its own environment has it.
            "PATH": f"{SAM}{os.pathsep}{os.environ['PATH']}",
            "SAM_CLI_TELEMETRY": "0",
            "__SAM_CLI_APP_DIR": str(self.settings.run_dir / "sam"),
        }

        def run() -> None:
            with log_path.open("wb") as log:
                code = subprocess.call(
                    [str(SAM / "sam"), *arguments],
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            if code != 0:
                raise LocalRunError(
                    f"sam {arguments[0]} failed (exit code {code}).\n"
                    f"The end of {log_path}:\n{last_lines(log_path)}"
                )

        self._step(what, run)

    def _step(self, what: str, run: Callable[[], object]) -> None:
        print(f"… {what}")
        begun = time.monotonic()
        run()
        print(f"  {what}: {time.monotonic() - begun:.1f} s")

    def _ministack_environment(self) -> dict[str, str]:
        # Nothing of the caller's environment: its Lambdas would see it and pass here where AWS
        # fails. AUTH makes it check IAM policies as AWS does.
        return {
            "PATH": f"{MINISTACK}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(self.settings.run_dir / "home"),
            "TMPDIR": str(self.settings.run_dir / "tmp"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.settings.gateway_port),
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "PYTHONUNBUFFERED": "1",
        }


def _response_headers_policy(name: str) -> Mapping[str, Any]:
    items = boto3.client("cloudfront").list_response_headers_policies(Type="custom")
    for item in items["ResponseHeadersPolicyList"]["Items"]:
        config: Mapping[str, Any] = item["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
        if config["Name"] == name:
            return config
    raise LocalRunError(f"The stack was deployed without the response headers policy {name}.")


def _host_python() -> str:
    """The Python that has what the asked-for engine needs."""
    if os.environ.get("ENGINE") == "coqui":
        return str(ROOT / ".venv-coqui" / "bin" / "python")
    return sys.executable


def _sources_digest() -> str:
    """A digest of everything that `sam build` reads."""
    files = [path for path in (ROOT / "functions").rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for path in sorted([*TEMPLATES, *files]):
        if "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def answers(url: str) -> bool:
    """Whether an HTTP server answers there with success."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 (http, built by us)
            return int(response.status) == http.HTTPStatus.OK
    except (urllib.error.URLError, OSError):
        return False
