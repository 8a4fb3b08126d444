"""An older dump of PostgreSQL, restored beside a newer bucket."""

import subprocess
from pathlib import Path

import pytest

from tests.harness import fresh
from tests.harness.client import Client, download, sample_image
from tests.harness.deployments import SERVERS, on_servers, start_all

INVERT = [{"filter": "invert"}]


def plain(url: str) -> str:
    """The URL as PostgreSQL's own programs read it."""
    return url.replace("+asyncpg", "")


@pytest.mark.needs(*SERVERS)
def test_an_older_dump_beside_a_newer_bucket(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    dump = tmp_path / "darkroom.dump"
    postgres: str = request.getfixturevalue("postgres_server")
    with on_servers(request, tmp_path) as deployment, fresh.database(postgres) as restored:
        start_all(deployment, workers=1)
        with Client(deployment.url) as client:
            before, _ = client.run(sample_image(), INVERT)
            url = deployment.settings["DARKROOM_DATABASE_URL"]
            run("pg_dump", "--format=custom", f"--file={dump}", plain(url))
            after, _ = client.run(sample_image(), INVERT)
            deployment.stop()

            run("pg_restore", "--no-owner", f"--dbname={plain(restored)}", str(dump))
            deployment.settings["DARKROOM_DATABASE_URL"] = restored
            start_all(deployment, workers=1)
            client.sign_in()
            assert download(client.task(before["task_id"])) == download(before)
            assert client.http.get(f"/v1/tasks/{after['task_id']}").status_code == 404
            assert download(after)  # the object of a task that the dump does not know
            client.run(sample_image(), INVERT)


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's own programs
    assert done.returncode == 0, done.stderr
