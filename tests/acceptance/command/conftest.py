"""A shell of somebody new, and photos in its home directory."""

from pathlib import Path

import pytest

from tests.harness.client import sample_image
from tests.harness.deployment import Deployment
from tests.harness.shell import Shell


@pytest.fixture
def shell(deployment: Deployment, tmp_path: Path) -> Shell:
    return _signed_up(deployment, tmp_path)


@pytest.fixture
def any_shell(any_deployment: Deployment, tmp_path: Path) -> Shell:
    """For messages, which do not depend on the deployment."""
    return _signed_up(any_deployment, tmp_path)


def _signed_up(deployment: Deployment, home: Path) -> Shell:
    shell = Shell(home=home, url=deployment.url)
    shell.sign_up()
    return shell


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with two images in the home directory of the shell."""
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(sample_image())
    (folder / "deep" / "b.png").write_bytes(sample_image(format="PNG"))
    return folder
