"""A service with the wrong database leaves every object where it is, and says what to do."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness.client import Client, sample_image
from tests.harness.commands import run_module
from tests.harness.deployment import Deployment, wait_for
from tests.harness.deployments import BOTH, deploy_as, migrated_database, start_all
from tests.harness.servers import S3Server, s3_client

INVERT = [{"filter": "invert"}]
AT_ONCE = {  # whatever may be collected is collected within a second
    "DARKROOM_ORPHAN_SECONDS": "0.2",
    "DARKROOM_ORPHAN_TRASH_SECONDS": "0.2",
    "DARKROOM_SWEEP_INTERVAL_SECONDS": "0.1",
}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", BOTH)
def test_a_service_whose_database_is_gone_deletes_nothing(
    kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Holds promise 28: it does not start, until an operator gives the objects to the new database."""
    with ExitStack() as stack, deploy_as(kind, request, tmp_path_factory)() as deployment:
        start_all(deployment, workers=1)
        with Client(deployment.url) as client:
            for _ in range(3):
                client.run(sample_image(), INVERT)
        deployment.stop()
        kept = keys_of(deployment)
        assert len(kept) == 6
        deployment.settings |= AT_ONCE | new_database(deployment, request, stack)

        started = [deployment.launch("api", deployment.url, {})]
        if not deployment.embedded:
            started.append(deployment.launch_worker())
        for service in started:
            assert service.process.wait(300) == 2, service.log_tail()
            assert "belongs to another deployment" in service.log_tail()
            assert "make adopt" in service.log_tail()
        assert keys_of(deployment) == kept

        assert "Nothing was deleted" in run("storage.adopt", deployment.settings)
        start_all(deployment, workers=1)
        with Client(deployment.url) as client:
            client.run(sample_image(), INVERT)
        wait_for_collections(deployment, 3)
        assert kept < keys_of(deployment)


def new_database(deployment: Deployment, request: pytest.FixtureRequest, stack: ExitStack) -> dict[str, str]:
    """The settings that name it."""
    if deployment.embedded:
        for path in data_dir(deployment).glob("darkroom.db*"):
            path.unlink()
        return {}
    return {"DARKROOM_DATABASE_URL": stack.enter_context(migrated_database(request))}


def data_dir(deployment: Deployment) -> Path:
    return Path(deployment.settings["DARKROOM_DATA_DIR"])


def keys_of(deployment: Deployment) -> set[str]:
    """Of sources and outputs."""
    if deployment.embedded:
        root = data_dir(deployment) / "objects"
        return {str(path.relative_to(root)) for path in root.glob("*/**/*") if path.is_file()}
    client = s3_client(s3_of(deployment))
    found = client.list_objects_v2(Bucket=deployment.settings["DARKROOM_S3_BUCKET"]).get("Contents", ())
    client.close()
    return {each["Key"] for each in found if "/" in each["Key"]}


def mark_of(deployment: Deployment) -> bytes:
    """Another one after each start and each collection."""
    if deployment.embedded:
        return (data_dir(deployment) / "objects" / "deployment.json").read_bytes()
    client = s3_client(s3_of(deployment))
    found = client.get_object(Bucket=deployment.settings["DARKROOM_S3_BUCKET"], Key="deployment.json")
    mark: bytes = found["Body"].read()
    client.close()
    return mark


def s3_of(deployment: Deployment) -> S3Server:
    settings = deployment.settings
    return S3Server(
        endpoint_url=settings["DARKROOM_S3_ENDPOINT_URL"],
        access_key_id=settings["DARKROOM_S3_ACCESS_KEY_ID"],
        secret_access_key=settings["DARKROOM_S3_SECRET_ACCESS_KEY"],
    )


def wait_for_collections(deployment: Deployment, count: int) -> None:
    """Each one begins with a new generation in the bucket, so that one more has begun when all have ended."""
    seen = set[bytes]()

    def are_seen() -> bool:
        seen.add(mark_of(deployment))
        return len(seen) > count + 1

    wait_for(are_seen, what=f"{count} collections")


def run(module: str, settings: Mapping[str, str]) -> str:
    done = run_module(module, settings=settings)
    assert done.returncode == 0, done.stderr
    return done.stdout
