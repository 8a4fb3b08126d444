"""Checks that the object store holds what the rows refer to, and nothing else."""

import asyncio
import io
import time
from hashlib import sha256

from PIL import Image

import broker as brokers
from core.keys import row_id
from core.settings import Settings
from storage import open_storage
from tests.faults.harness.findings import MAX_ATTEMPTS, Findings, Row, fetch
from tests.faults.harness.server_processes import QUEUE
from tests.faults.harness.testbed import Testbed
from tests.harness.scale import figure
from tests.harness.servers import in_thread, s3_client
from worker.deliveries import DeliveryCollection
from worker.sweeper import Sweeper

_COLLECT_SECONDS = figure(part=300, whole=15)
_S3_SECONDS = 1.1  # S3 reports times in whole seconds


def collect_all(testbed: Testbed) -> None:
    """Collect again where needed: an abandoned request may take effect later."""
    deadline = time.monotonic() + _COLLECT_SECONDS
    while time.monotonic() < deadline:
        in_thread(lambda: _collect(testbed))
        if not orphans(testbed):
            return


async def _collect(testbed: Testbed) -> None:
    await asyncio.sleep(_S3_SECONDS)
    names = {name.removeprefix("DARKROOM_").lower(): value for name, value in testbed.deployment.settings.items()}
    settings = Settings.model_validate({**names, "max_attempts": MAX_ATTEMPTS})
    async with open_storage(settings) as storage, brokers.connect("memory:", queue=QUEUE) as broker:
        sweeper = Sweeper(
            storage=storage,
            broker=broker,
            interval_seconds=1,
            republish_seconds=60,
            orphan_seconds=0.01,
            orphan_trash_seconds=0.01,
            retention_seconds=settings.retention_seconds,
            deliveries=DeliveryCollection(storage=storage, max_bytes=2**30, unused_seconds=3600),
        )
        await sweeper.collect()


def orphans(testbed: Testbed) -> list[str]:
    """Return the keys of objects that no row refers to."""
    query = "SELECT key FROM images UNION SELECT output_key FROM tasks WHERE output_key IS NOT NULL"
    named = {row["key"] for row in in_thread(lambda: fetch(testbed.database_url, query))}
    return sorted(keys_of(testbed) - named)


def keys_of(testbed: Testbed) -> set[str]:
    client = s3_client(testbed.s3)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=testbed.s3.bucket)
    found = {entry["Key"] for page in pages for entry in page.get("Contents", ()) if row_id(entry["Key"])}
    client.close()
    return found


def check_objects(testbed: Testbed, rows: dict[str, Row], findings: Findings) -> None:
    client, keys = s3_client(testbed.s3), keys_of(testbed)
    wanted = {row["output_key"]: row for row in rows.values() if row["output_key"]}
    findings.lost += [f"{row['task_id']}: {key} is missing" for key, row in wanted.items() if key not in keys]
    for key in orphans(testbed):
        (findings.doubled if key.startswith("outputs/") else findings.others).append(f"{key} belongs to no row")
    images = in_thread(lambda: fetch(testbed.database_url, "SELECT key FROM images"))
    findings.lost += [f"{each['key']} is missing" for each in images if each["key"] not in keys]
    for key in wanted.keys() & keys:
        data = client.get_object(Bucket=testbed.s3.bucket, Key=key)["Body"].read()
        if wrong := _wrong_output(data, wanted[key]):
            findings.lost.append(f"{key}: {wrong}")
    if uploads := client.list_multipart_uploads(Bucket=testbed.s3.bucket).get("Uploads"):
        findings.others.append(f"{len(uploads)} multipart uploads are open")
    client.close()


def _wrong_output(data: bytes, row: Row) -> str:
    if len(data) != row["output_bytes"] or sha256(data).hexdigest() != row["output_sha256"]:
        return f"{len(data)} bytes that are not those of the row"
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return "" if image.size == (row["output_width"], row["output_height"]) else "another size than in the row"
