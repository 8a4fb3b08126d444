"""OpenCV picks its code by what the processor has; the picture is the same."""

import os
import subprocess
import sys

import pytest

from tests.harness.deployment import ROOT

NAMES = (
    *("blur", "box_blur", "cartoonify", "contour", "denoise", "detail", "edge_enhance", "emboss", "find_edges", "glow"),
    *("max", "median", "min", "mode", "oil_paint", "sepia", "sharpen", "sketch", "smooth", "tilt_shift"),
    "unsharp_mask",
)
_DIGESTS = """
import hashlib, sys, cv2
from PIL import Image
from imaging import native
from imaging.filters import CATALOGUE

image = Image.open("examples/pictures/coffee.jpg").convert("RGB").resize((211, 137))
print(cv2.getCPUFeaturesLine().count("?"))
print("shrunk", hashlib.sha256(native.downscale(image, (83, 61)).tobytes()).hexdigest())
for name in sys.argv[1:]:
    print(name, hashlib.sha256(CATALOGUE[name]().apply(image).tobytes()).hexdigest())
"""


def digests(without: str) -> tuple[int, list[str]]:
    """How many features OpenCV was denied, and each filter's output."""
    environment = os.environ | {"OPENCV_CPU_DISABLE": without}
    command = [sys.executable, "-c", _DIGESTS, *NAMES]
    denied, *outputs = subprocess.check_output(command, cwd=ROOT, env=environment, text=True).splitlines()  # noqa: S603 - ours
    return int(denied), outputs


def test_that_an_older_processor_makes_the_same_images() -> None:
    denied, outputs = digests("AVX512-SKX,AVX2,FMA3,AVX,FP16,SSE4.2,SSE4.1,SSSE3")
    if not denied:
        pytest.skip("this processor has nothing that OpenCV could go without")
    assert outputs == digests("")[1]
    assert len(outputs) == 1 + len(NAMES)
