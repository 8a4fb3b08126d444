"""Copies the worked example of CONTRIBUTING.md from the code (`make fix`); tests/unit/test_docs.py compares them."""

import inspect
import json

from tests.harness.deployment import ROOT
from tests.unit.imaging.filters.worked_example import SHEET, LiftBlacks
from tools.write_docs.markdown import replace_generated_part

PAGE = ROOT / "CONTRIBUTING.md"


def page() -> str:
    sheet = f'   ```python\n   "{LiftBlacks.name}": {json.dumps(SHEET)},\n   ```'
    text = replace_generated_part(PAGE.read_text(), "example", f"```python\n{inspect.getsource(LiftBlacks)}```")
    return replace_generated_part(text, "sheet of the example", sheet)
