"""State in which the sweeper reaches each of its fail-points: what a dead worker leaves behind."""

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from core.keys import output_key, source_key
from tests.faults.harness.testbed import Testbed
from tests.harness.client import Client, sample_image
from tests.harness.fresh import execute
from tests.harness.servers import in_thread, s3_client

_INVERT = ({"filter": "invert"},)
_LOSE_LEASES = """
    UPDATE tasks SET status = 'running', attempt = 1, started_at = now(), worker_id = 'dead', finished_at = NULL,
        lease_expires_at = now() - interval '1 second', output_key = NULL, output_format = NULL, output_width = NULL,
        output_height = NULL, output_bytes = NULL, output_sha256 = NULL, output_url = NULL, output_url_expires_at = NULL
"""
_UNPUBLISH = """
    UPDATE tasks SET status = 'queued', attempt = 0, started_at = NULL, finished_at = NULL, published_at = NULL,
        output_key = NULL, output_format = NULL, output_width = NULL, output_height = NULL, output_bytes = NULL,
        output_sha256 = NULL, output_url = NULL, output_url_expires_at = NULL
"""
_GROW_OLD = "UPDATE tasks SET finished_at = now() - interval '1 year'"


def _with_tasks(statement: str, testbed: Testbed) -> None:
    """Run tasks to their end, and change their rows."""
    with Client(testbed.url) as client:
        for task in [client.submit(sample_image(), _INVERT) for _ in range(3)]:
            client.ended(task)
    testbed.ensure_workers(0)  # the process to be broken must find them
    in_thread(partial(execute, testbed.database_url, statement))


def _orphans(testbed: Testbed) -> None:
    testbed.ensure_workers(0)
    client = s3_client(testbed.s3)
    for key in (source_key(uuid4()), output_key(uuid4(), 1, "png")):
        client.put_object(Bucket=testbed.s3.bucket, Key=key, Body=b"orphan")
    client.close()


PRECONDITIONS: dict[str, Callable[[Testbed], None]] = {
    "reclaimed": partial(_with_tasks, _LOSE_LEASES),
    "taken": partial(_with_tasks, _UNPUBLISH),
    "purged": partial(_with_tasks, _GROW_OLD),
    "orphans_found": _orphans,
}
