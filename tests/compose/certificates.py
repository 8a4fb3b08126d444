"""Caddy gets its certificates by ACME, from an authority on this machine. Run by `make test-compose`."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.install_servers import with_apt

SCRIPT = Path(__file__).with_name("acme") / "run.sh"
PROGRAMS = {"caddy": "caddy", "unshare": "util-linux", "ip": "iproute2", "curl": "curl"}

pytestmark = pytest.mark.timeout(300)


def test_certificates_of_an_authority_that_speaks_acme(tmp_path: Path) -> None:
    """The challenge passes through the published port 80 or 443, and HTTPS and its redirect work."""
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program) and not with_apt(package)]
    if os.geteuid() != 0 or missing:
        pytest.fail(f"only root can give the test a network of its own; missing: {missing}", pytrace=False)
    alone = (str(shutil.which("unshare")), "--net", "--mount", "--pid", "--fork", "--kill-child")
    command = [*alone, "sh", str(SCRIPT), str(tmp_path), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)  # noqa: S603 - our script
    assert done.returncode == 0, done.stderr + (tmp_path / "edge.log").read_text()[-3000:]
    *names, hsts, redirect = done.stdout.splitlines()
    assert names == ["verified images.test", "verified s3.images.test", "verified console.images.test"]
    assert hsts.lower() == "strict-transport-security: max-age=31536000"
    assert redirect == "308 https://images.test/x"
    challenges = set(re.findall(r'"challenge_type":"([^"]+)"', (tmp_path / "edge.log").read_text()))
    assert challenges  # Caddy chooses
    assert challenges <= {"http-01", "tls-alpn-01"}
