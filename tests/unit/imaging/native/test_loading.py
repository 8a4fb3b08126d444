"""OpenCV and the codecs cost 28 MiB: only what renders loads them."""

import subprocess
import sys

import pytest

from imaging import native

_LOADED = (
    "import sys; from imaging import native; {}; print(*sorted({{'cv2', 'deflate', 'simplejpeg'}} & set(sys.modules)))"
)


@pytest.mark.parametrize(
    ("statement", "libraries"),
    [
        ("import imaging.filters, imaging.pipeline.parse", ""),
        ("native.gaussian_blur", "cv2"),
        ("native.load()", "cv2 deflate simplejpeg"),
    ],
)
def test_that_libraries_are_loaded_at_their_first_use(statement: str, libraries: str) -> None:
    command = [sys.executable, "-c", _LOADED.format(statement)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - fixed words
    assert done.stdout.strip() == libraries


@pytest.mark.parametrize("name", native.__all__)
def test_that_every_function_is_where_the_package_looks_for_it(name: str) -> None:
    assert getattr(native, name).__name__ == name
