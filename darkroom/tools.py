"""Tools of the Model Context Protocol (https://modelcontextprotocol.io) over the client. Needs the extra `mcp`."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

import darkroom
from darkroom.client import Client, DarkroomError, Task

if TYPE_CHECKING:
    from darkroom.client.models import Filter, Look

_INSTRUCTIONS = (
    "Applies filters to image files with a Darkroom service. A step is the name of a filter or look, or an object such "
    'as {"filter": "blur", "sigma": 4}. Look up the parameters of a filter with list_filters before you use them.'
)
_SECONDS = 300.0

type Step = str | dict[str, Any]


def serve_tools() -> None:
    """Serve on standard input and output until that is closed."""
    server = MCPServer("darkroom", instructions=_INSTRUCTIONS, version=darkroom.__version__, log_level="ERROR")
    tools = Tools(Client())
    for tool in (tools.list_filters, tools.apply, tools.get_task, tools.make_url):
        server.add_tool(_reporting(tool), description=tool.__doc__)
    server.run("stdio")


class Tools:
    def __init__(self, client: Client) -> None:
        self._client = client

    def list_filters(self, name: str | None = None) -> list[dict[str, Any]]:
        """List filters and looks with a line on each; with a name, that one with the JSON Schema of its parameters."""
        catalogue = self._client.filters()
        entries: list[Filter | Look] = [*catalogue.items, *catalogue.looks]
        if name is None:
            return [{"name": each.name, "summary": each.summary} for each in entries]
        found = [asdict(each) for each in entries if each.name == name]
        if not found:
            raise ToolError(f"There is no filter {name!r}. Call list_filters without a name.")
        return found

    def apply(self, file: str, steps: list[Step], save_as: str, output: dict[str, Any] | None = None) -> dict[str, Any]:
        """Apply steps to an image file and save the output as a new file.

        `output` has the options of the output, such as {"format": "webp", "target_bytes": 100000}.
        """
        path = Path(save_as).expanduser()
        if path.exists():
            raise ToolError(f"{path} exists. Choose another name: no file is replaced.")
        task = self._client.submit(_existing(file), steps, output=output)
        done = self._client.wait(task, seconds=_SECONDS)
        self._client.save(done, path)
        return {"path": str(path.absolute()), **_describe(done)}

    def get_task(self, task_id: str) -> dict[str, Any]:
        """Return the state of a task, with its error, or with its output and a link that needs no key."""
        return _describe(self._client.task(task_id))

    def make_url(
        self,
        image: str,
        steps: list[Step],
        format: str = "webp",  # noqa: A002 - as in the API
        valid_hours: float | None = None,
    ) -> dict[str, Any]:
        """Make a URL that shows an image, which is a file or an image id, with steps applied; it needs no key."""
        image_id = (self._client.upload(_existing(image))).image_id if Path(image).expanduser().is_file() else image
        expires_at = datetime.now(UTC) + timedelta(hours=valid_hours) if valid_hours else None
        signed = self._client.delivery_url(image_id, steps, output={"format": format}, expires_at=expires_at)
        return {"url": signed.url, "image_id": image_id}


def _existing(file: str) -> Path:
    path = Path(file).expanduser()
    if not path.is_file():
        raise ToolError(f"{file}: there is no such file.")
    return path


def _describe(task: Task) -> dict[str, Any]:
    output = task.output
    described: dict[str, Any] = {"task_id": task.task_id, "status": task.status}
    if task.error:
        described["error"] = asdict(task.error)
    if output:
        described |= {name: getattr(output, name) for name in ("width", "height", "bytes", "format", "url")}
    return described


def _reporting[**Given, Result](tool: Callable[Given, Result]) -> Callable[Given, Result]:
    """Report the errors of the client as errors of the tool, which an agent can read."""

    @wraps(tool)
    def report(*arguments: Given.args, **named: Given.kwargs) -> Result:
        try:
            return tool(*arguments, **named)
        except DarkroomError as error:
            raise ToolError(str(error)) from error

    return report
