"""The curl commands of README.md and docs/api.md, exactly as they stand there."""

import json
import re
import subprocess
from pathlib import Path

from PIL import Image

from tests.harness.deployment import ROOT, Deployment

_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_curl_commands(deployment: Deployment, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text().partition("## Use it with curl")[2] + (ROOT / "docs/api.md").read_text()
    script = "\n".join(_SHELL.findall(text))
    assert "URL=http://127.0.0.1:8000\n" in script
    (tmp_path / "examples").symlink_to(ROOT / "examples")

    result = subprocess.run(  # noqa: S603 - our own README
        ["/bin/sh", "-eu", "-c", script.replace("URL=http://127.0.0.1:8000", f"URL={deployment.url}")],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )

    with Image.open(tmp_path / "output.webp") as image:
        assert (image.format, image.width) == ("WEBP", 300)
    *answers, deleted, signed_out = result.stdout.splitlines()
    assert (deleted, signed_out) == ("204", "204")
    assert [type(json.loads(answer)) for answer in answers] == [dict] * len(answers), "each on a line of its own"
    tasks, cancelled = map(json.loads, answers[-2:])
    assert cancelled["task_id"] in {task["task_id"] for task in tasks["items"]}
    assert [answer for answer in answers if '"code":' in answer] == []
