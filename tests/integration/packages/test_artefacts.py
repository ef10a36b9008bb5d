"""Each built function runs under AWS's own runtime client with nothing else on its path."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT

pytestmark = pytest.mark.slow

EVENTS = ROOT / "tests" / "events"
TEMPLATE = read_template(ROOT / "template.yaml")
FUNCTIONS = {
    name: resource["Properties"]["Handler"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}


@dataclass
class RuntimeApi:
    """The part of Lambda's Runtime API that a function talks to, with one event to hand out.

    Source: AWS Lambda Developer Guide, "Using the Lambda runtime API".
    """

    event: dict[str, Any]
    done: threading.Event = field(default_factory=threading.Event)
    response: Any = None
    error: Any = None

    def serve(self) -> ThreadingHTTPServer:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if api.done.is_set():
                    threading.Event().wait(30)  # no second event: the function waits for ever
                    return
                body = json.dumps(api.event).encode()
                self.send_response(200)
                self.send_header(
                    "Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
                )
                self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
                self.send_header(
                    "Lambda-Runtime-Invoked-Function-Arn",
                    "arn:aws:lambda:sa-east-1:123456789012:function:f",
                )
                # Without it the native client ends in a segmentation fault; Lambda always sends it.
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null")
                if self.path.endswith("/response"):
                    api.response = body
                else:
                    api.error = body
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                api.done.set()

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`sam build`'s output for this checkout."""
    sam = ROOT / ".venv-sam" / "bin"
    environment = {
        **os.environ,
        "PATH": f"{sam}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(tmp_path_factory.mktemp("sam")),
        "AWS_DEFAULT_REGION": "sa-east-1",
    }
    subprocess.run(
        [sam / "sam", "build", "--cached"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    return ROOT / ".aws-sam" / "build"


@pytest.fixture
def runtime_api(request: pytest.FixtureRequest) -> Iterator[tuple[RuntimeApi, str]]:
    api = RuntimeApi(event=request.param)
    server = api.serve()
    yield api, f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def _event(name: str) -> dict[str, Any]:
    if name == "ApiFunction":
        event: dict[str, Any] = json.loads((EVENTS / "api_gateway_rest_proxy.json").read_text())
        event |= {"httpMethod": "GET", "path": "/openapi.json", "resource": "/openapi.json"}
        event |= {"pathParameters": None, "body": None, "isBase64Encoded": False}
        return event
    if name == "WarmupFunction":
        return {}
    if name == "AuthorizerFunction":
        arn = "arn:aws:execute-api:sa-east-1:123456789012:a1b2c3d4e5/prod/GET/v1/voices"
        return {"type": "REQUEST", "methodArn": arn, "headers": {}, "requestContext": {}}
    # S3's test message: every queue function must take it without a call to AWS.
    test_event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}
    event = json.loads((EVENTS / "sqs.json").read_text())
    event["Records"] = event["Records"][:1]
    event["Records"][0]["body"] = json.dumps(test_event)
    return event


@pytest.mark.parametrize(
    ("name", "runtime_api"),
    [(name, _event(name)) for name in FUNCTIONS],
    indirect=["runtime_api"],
    ids=list(FUNCTIONS),
)
def test_the_built_function_is_complete(
    built: Path, name: str, runtime_api: tuple[RuntimeApi, str]
) -> None:
    # Given the built artefact, and a Python that has awslambdaric and nothing else
    api, address = runtime_api
    environment = {
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_REGION": "sa-east-1",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        # Nothing answers there: a function that needs AWS must fail, not hang or reach a network.
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
        "LAMBDA_TASK_ROOT": str(built / name),
        "POWERTOOLS_TRACE_DISABLED": "1",
        **_variables(),
    }
    # When AWS's runtime client runs one event through it
    finished, give_up = False, time.monotonic() + 60
    runtime = subprocess.Popen(
        [ROOT / ".venv-ric" / "bin" / "python", "-m", "awslambdaric", FUNCTIONS[name]],
        cwd=built / name,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        while runtime.poll() is None and not (finished := api.done.wait(0.2)):
            assert time.monotonic() < give_up, "no answer"
    finally:
        runtime.kill()
        output = runtime.communicate()[0].decode(errors="replace")
    # Then it imports whole and answers; nothing is missing from the package
    assert finished, output
    assert "ImportModuleError" not in json.dumps(api.error), output
    assert "No module named" not in output
    if name == "ApiFunction":
        assert api.response["statusCode"] == 200, output
        assert "/v1/speech" in api.response["body"]
    if name == "AuthorizerFunction":
        [statement] = api.response["policyDocument"]["Statement"]
        assert statement["Effect"] == "Deny", "nobody without a key"
    if name == "WarmupFunction":
        # It got as far as AWS, which is not there.
        assert "EndpointConnectionError" in json.dumps(api.error), output
    if name == "RenderFunction":
        assert len(api.response["batchItemFailures"]) == 1, "not a render message: set aside"
    if name in ("PrerenderFunction", "CleanupFunction"):
        assert api.response == {"batchItemFailures": []}


def _variables() -> dict[str, str]:
    """The template's environment, its references filled with names that stand for nothing."""
    declared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    known = {
        "CTV_ENV": "dev",
        "COQUI_SERVER_URL": "http://127.0.0.1:9",
        "S3_CACHE_PREFIX": "c-tv/cache",
        "SENTRY_DSN": "http://public@127.0.0.1:9/1",  # so that what tells faults is loaded too
    }
    known |= {"PHRASE_TTL_DAYS": "30", "PERSONAL_TTL_DAYS": "1"}
    return {
        name: known.get(name, value if isinstance(value, str) else "unset")
        for name, value in declared.items()
    }
