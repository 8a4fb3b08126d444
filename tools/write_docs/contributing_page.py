"""Copies the worked example of CONTRIBUTING.md from the code (`make fix`); tests/unit/test_docs.py compares them."""

import inspect

from imaging.filters.tone.thresholds import Solarize
from tests.harness.deployment import ROOT
from tools.write_docs.markdown import with_generated_part

PAGE = ROOT / "CONTRIBUTING.md"


def page() -> str:
    return with_generated_part(PAGE, "example", f"```python\n{inspect.getsource(Solarize)}```")
