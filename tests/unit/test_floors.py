"""Libraries whose older versions have known holes: neither what is declared nor what is installed goes below."""

import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.harness.deployment import ROOT

FLOORS = {"multipart": "2.0.1", "pillow": "12.3", "starlette": "1.3.1"}


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_no_version_with_a_known_hole(name: str, floor: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (declared,) = [Requirement(text) for text in extras["server"] if Requirement(text).name == name]
    (lowest,) = [each.version for each in declared.specifier if each.operator == ">="]
    assert Version(lowest) >= Version(floor)
    assert Version(version(name)) >= Version(floor)
