"""`darkroom mcp`, with the client that editors use."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession, StdioServerParameters, stdio_client
from PIL import Image

from tests.harness.client import sample_image
from tests.harness.deployment import ROOT, Deployment
from tests.harness.shell import Shell


@asynccontextmanager
async def connected(shell: Shell) -> AsyncIterator[ClientSession]:
    """A fixture cannot do this: the session must end in the task that it began in."""
    environment = {"HOME": str(shell.home), "PATH": os.defpath, "PYTHONPATH": str(ROOT), "DARKROOM_URL": shell.url}
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "darkroom", "mcp"], env=environment)
    async with stdio_client(parameters) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        yield session


async def call(session: ClientSession, tool: str, **arguments: object) -> tuple[bool, str]:
    """Return whether it failed, and its text."""
    result: Any = await session.call_tool(tool, arguments)
    return bool(result.is_error), "".join(part.text for part in result.content)


@pytest.fixture
def shell(deployment: Deployment, tmp_path: Path) -> Shell:
    shell = Shell(home=tmp_path, url=deployment.url)
    shell.sign_up()
    (tmp_path / "photo.jpg").write_bytes(sample_image())
    return shell


async def test_tools(shell: Shell, tmp_path: Path) -> None:
    async with connected(shell) as session:
        assert [tool.name for tool in (await session.list_tools()).tools] == [
            *("list_filters", "apply", "get_task", "make_url")
        ]
        assert '"sigma"' in (await call(session, "list_filters", name="blur"))[1]

        photo, saved = str(tmp_path / "photo.jpg"), str(tmp_path / "new" / "small.webp")
        steps = ["sepia", {"filter": "resize", "width": 10}]
        failed, text = await call(session, "apply", file=photo, steps=steps, save_as=saved, output={"format": "webp"})
        assert not failed, text
        applied = json.loads(text)
        with Image.open(saved) as image:
            assert image.size == (applied["width"], applied["height"]) == (10, 8)

        task = json.loads((await call(session, "get_task", task_id=applied["task_id"]))[1])
        assert task["status"] == "succeeded"
        url = json.loads((await call(session, "make_url", image=photo, steps=steps, valid_hours=1))[1])["url"]
    async with httpx.AsyncClient() as anybody:
        assert (await anybody.get(url, timeout=300)).headers["content-type"] == "image/webp"


async def test_errors_are_words(shell: Shell, tmp_path: Path) -> None:
    photo = str(tmp_path / "photo.jpg")
    async with connected(shell) as session:
        failed, text = await call(session, "apply", file=photo, steps=["sepiaa"], save_as=str(tmp_path / "a.jpg"))
        assert (failed, "Did you mean 'sepia'?" in text) == (True, True), text
        failed, text = await call(session, "apply", file=photo, steps=["sepia"], save_as=photo)
        assert (failed, "no file is replaced" in text) == (True, True), text
        failed, text = await call(session, "list_filters", name="sepiaa")
        assert (failed, "There is no filter 'sepiaa'" in text) == (True, True), text
