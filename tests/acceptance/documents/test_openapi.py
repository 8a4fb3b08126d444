"""Holds promise 16: what schemathesis makes of the OpenAPI document, as two users, is answered as that says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.client import Client, sample_image
from tests.harness.deployment import Deployment, deployed, embedded_settings
from tests.harness.scale import figure

SECONDS = figure(part=15, whole=45)
CONFIG = """
[auth.wfc]
path = "users.json"
peers = ["one", "two"]

# What a schema cannot say: which bytes are an image, which JSON is a pipeline, where mail arrives, which dates are old.
[[operations]]
include-path-regex = "^/v1/(users|images|tasks|api-keys|delivery-urls|previews)$"
include-method = "POST"
checks.positive_data_acceptance.enabled = false

# A stream that does not end.
[[operations]]
include-path = "/v1/events"
enabled = false

[[operations]]
include-path-regex = "^/v1/presets/"
include-method = "PUT"
checks.positive_data_acceptance.enabled = false
"""


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    unlimited = ("DARKROOM_LOGIN_TRIES", "DARKROOM_LOGIN_TRIES_PER_ADDRESS", "DARKROOM_LOGIN_TRIES_PER_ACCOUNT")
    settings = {**embedded_settings(tmp_path), "DARKROOM_WORKER_SLOTS": "1", **dict.fromkeys(unlimited, "1000000")}
    with deployed(settings, tmp_path) as running:
        running.start_api()
        yield running


def login_of(name: str, client: Client) -> dict[str, object]:
    """In the form of Web Fuzzing Commons; schemathesis signs in again whenever it has signed itself out."""
    token = {
        "extractFrom": "body",
        "extractSelector": "/token",
        "sendIn": "header",
        "sendName": "Authorization",
        "sendTemplate": "Bearer {token}",
    }
    login = {
        "endpoint": "/v1/sessions",
        "verb": "POST",
        "contentType": "application/json",
        "payloadRaw": json.dumps({"email": client.email, "password": client.password}),
        "token": token,
    }
    return {"name": name, "loginEndpointAuth": login}


def test_the_service_does_what_its_document_says(deployment: Deployment, tmp_path: Path) -> None:
    """Holds promise 16 and promise 21: all checks of schemathesis, and no traceback for what a client sent."""
    with Client(deployment.url) as one, Client(deployment.url) as two:
        for client in (one, two):
            client.http.post("/v1/images", content=sample_image())
            client.ended(client.submit(sample_image(), [{"filter": "invert"}]))
        (tmp_path / "users.json").write_text(json.dumps({"auth": [login_of("one", one), login_of("two", two)]}))
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{deployment.url}/openapi.json",
            "--workers=2",
            "--seed=1",
            f"--max-time={SECONDS}",
            "--continue-on-failure",
            "--no-color",
        ],
        cwd=tmp_path,
        env={**os.environ, "COVERAGE_PROCESS_START": "", "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=SECONDS + 600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-15_000:] + done.stderr[-2_000:]
    log = deployment.services[0].log.read_text(errors="replace")
    assert [line for line in log.splitlines() if '"level": "error"' in line] == []
