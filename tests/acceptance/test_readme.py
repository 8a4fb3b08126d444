"""The walk with curl in README.md, as it stands there."""

import subprocess
from pathlib import Path

from PIL import Image

from tests.harness.deployment import ROOT, Deployment


def test_the_walk_with_curl(deployment: Deployment, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text().partition("## A walk with curl")[2]
    walk = text.partition("```sh\n")[2].partition("```")[0]
    assert "URL=http://127.0.0.1:8000\n" in walk
    (tmp_path / "examples").symlink_to(ROOT / "examples")

    subprocess.run(  # noqa: S603 - our own README
        ["/bin/sh", "-eu", "-c", walk.replace("URL=http://127.0.0.1:8000", f"URL={deployment.url}")],
        cwd=tmp_path,
        check=True,
        timeout=60,
    )

    with Image.open(tmp_path / "output.webp") as image:
        assert (image.format, image.width) == ("WEBP", 300)
