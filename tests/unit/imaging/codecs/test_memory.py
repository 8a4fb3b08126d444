"""A decoder that runs out of memory has not seen a damaged file, whatever it reports itself."""

import subprocess
import sys

import pytest

_SCRIPT = """
import ctypes, os, resource, sys
from io import BytesIO
import numpy as np
from PIL import Image
from core.errors import DarkroomError
from imaging import load_native
from imaging.codecs.decoder import decode
from imaging.limits import Limits

kind = sys.argv[1]
values = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)
image = Image.fromarray(values).resize((1600, 1200), Image.Resampling.BICUBIC)
options = {
    "jpeg": {"format": "JPEG", "progressive": True},
    "jpeg without end": {"format": "JPEG", "progressive": True},
    "webp": {"format": "WEBP"},
    "lossless webp": {"format": "WEBP", "lossless": True, "method": 0},
    "avif": {"format": "AVIF", "speed": 10},
}[kind]

def encode(image):
    out = BytesIO()
    image.save(out, **options)
    return out.getvalue()

encoded = encode(image)
data = encoded[: -2 if kind.endswith("without end") else None]
load_native()
decode(encode(image.resize((32, 24))), limits=Limits(), auto_orient=True)
del image, values, encoded
Image.core.clear_cache()
ctypes.CDLL(None).malloc_trim(0)
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()

def outcome(spare):
    resource.setrlimit(resource.RLIMIT_AS, (held + spare,) * 2)
    try:
        decode(data, limits=Limits(), auto_orient=True)
    except MemoryError:
        return 1
    except DarkroomError as error:
        sys.stderr.write(f"{spare}: {error!r} {error.__cause__!r}")
        return 2
    return 0

found = []
for spare in range(0, 80_000_000, 3_000_000):
    child = os.fork()
    if not child:
        os._exit(outcome(spare))
    found.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print("".join(str(code) for code in found))
"""


@pytest.mark.parametrize("kind", ["jpeg", "jpeg without end", "webp", "lossless webp", "avif"])
def test_that_memory_running_out_is_not_called_damage(kind: str) -> None:
    """With more and more memory to spare, in processes of their own: 1 is MemoryError, 0 success, 2 anything else."""
    done = subprocess.run([sys.executable, "-c", _SCRIPT, kind], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    outcomes = done.stdout.strip()
    assert set(outcomes) <= {"0", "1"}, f"{outcomes} {done.stderr}"
    assert outcomes.endswith("0")
    assert kind == "avif" or outcomes[0] == "1"  # libavif's threads may find enough that the heap has left
    assert outcomes[-1] == "0"
