"""An operator administers accounts beside the running service."""

import subprocess

import httpx
import pytest

from tests.harness.client import Client, download, sample_image
from tests.harness.commands import run_module
from tests.harness.deployment import Deployment, wait_for
from tests.harness.deployments import BOTH, deploy_as, start_all

INVERT = [{"filter": "invert"}]
NEW_PASSWORD = "battery staple"


def users(deployment: Deployment, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return run_module("api.users", *arguments, settings=deployment.settings, stdin=stdin)


def sign_in(client: Client, password: str | None = None) -> httpx.Response:
    credentials = {"email": client.email, "password": password or client.password}
    return httpx.post(f"{client.http.base_url}/v1/sessions", json=credentials)


def with_key(client: Client, key: str) -> int:
    return httpx.get(f"{client.http.base_url}/v1/tasks", headers={"Authorization": f"Bearer {key}"}).status_code


def is_signed_out(client: Client) -> bool:
    return client.http.get("/v1/tasks").status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize("kind", BOTH)
def test_accounts(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One service for all commands: starting it takes most of the time."""
    with deploy_as(kind, request, tmp_path_factory)() as deployment:
        start_all(deployment, workers=1)
        with Client(deployment.url) as client, Client(deployment.url) as other:
            _check_quotas(deployment, other)
            _check_disabling(deployment, client)
            assert not is_signed_out(other)
            _check_a_new_password(deployment, client)
            _check_deletion(deployment, client)
            assert not is_signed_out(other)


def _check_quotas(deployment: Deployment, client: Client) -> None:
    def is_rejected() -> bool:
        answer = client.http.post("/v1/images", content=sample_image())
        return answer.status_code == httpx.codes.TOO_MANY_REQUESTS

    assert not is_rejected()
    done = users(deployment, "quota", client.email, "--submissions-per-minute", "1", "--open-tasks", "5")
    shown = "submissions-per-minute=1, open-tasks=5"
    assert done.stdout.startswith(f"Quotas of {client.email}: {shown}. They apply within a second."), done.stderr
    wait_for(is_rejected)
    assert f"active, {shown}" in users(deployment, "list").stdout
    done = users(deployment, "quota", client.email, "--submissions-per-minute", "default")
    assert done.stdout.startswith(f"Quotas of {client.email}: open-tasks=5."), done.stderr
    wait_for(lambda: not is_rejected())
    assert users(deployment, "quota", client.email).stdout.startswith(f"Quotas of {client.email}: open-tasks=5.\n")
    wrong = users(deployment, "quota", client.email, "--uploads", "0")
    assert (wrong.returncode, "'0' must be a whole number of at least 1, or 'default'" in wrong.stderr) == (2, True)
    assert users(deployment, "quota", "nobody@example.com", "--uploads", "1").returncode == 1


def _check_disabling(deployment: Deployment, client: Client) -> None:
    key = client.http.post("/v1/api-keys", json={"name": "script", "scopes": ["read"]}).json()["key"]
    done = users(deployment, "disable", client.email)
    assert (done.returncode, done.stdout.startswith(f"Disabled {client.email}.")) == (0, True), done.stderr
    assert "Database: " in done.stdout
    wait_for(lambda: is_signed_out(client))
    wait_for(lambda: with_key(client, key) == httpx.codes.UNAUTHORIZED)
    answer = sign_in(client)
    assert (answer.status_code, answer.json()["code"]) == (403, "account_disabled")
    assert sign_in(client, "wrong password").json()["code"] == "invalid_credentials"
    assert f"{client.email:<40}" in (listed := users(deployment, "list").stdout)
    assert listed.count("disabled") == 1

    assert users(deployment, "enable", client.email).returncode == 0
    client.sign_in()
    assert with_key(client, key) == httpx.codes.OK


def _check_a_new_password(deployment: Deployment, client: Client) -> None:
    done = users(deployment, "reset-password", client.email, stdin=f"{NEW_PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: is_signed_out(client))
    assert sign_in(client).json()["code"] == "invalid_credentials"
    client.password = NEW_PASSWORD
    client.sign_in()


def _check_deletion(deployment: Deployment, client: Client) -> None:
    task, _ = client.run(sample_image(), INVERT)
    line = next(line for line in users(deployment, "list").stdout.splitlines() if client.email in line)
    assert line.split()[3:5] == ["1", "1"]
    assert users(deployment, "delete", client.email, stdin="somebody@example.com\n").returncode == 2
    assert download(task)

    done = users(deployment, "delete", client.email, stdin=f"{client.email}\n")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: is_signed_out(client))
    assert httpx.get(task["output"]["url"]).status_code == httpx.codes.NOT_FOUND
    assert sign_in(client).json()["code"] == "invalid_credentials"
    done = users(deployment, "delete", "--yes", client.email)
    assert (done.returncode, "There is no account" in done.stderr) == (1, True)
