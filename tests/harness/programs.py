"""Programs that tests run beside the service: from the PATH, or installed with apt."""

import os
import shutil

import pytest

from tests.harness import install_servers


def require_program(name: str, *, package: str) -> str:
    """Return its path. Without it the test is skipped; in CI it fails."""
    if not shutil.which(name):
        install_servers.with_apt(package)
    if found := shutil.which(name):
        return found
    reason = f"{name}: apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
