"""Mixed tasks: different formats, sizes and pipelines; some must fail, some are cancelled or deleted."""

import os
from dataclasses import dataclass
from functools import cache

from tests.harness.client import Json, sample_image

SUCCEEDS = frozenset({"succeeded"})
FAILS = frozenset({"failed"})
CANCELLED_IF_IN_TIME = frozenset({"cancelled", "succeeded"})


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What is sent, what is done to the task afterwards, and how it may end."""

    image: bytes
    pipeline: tuple[Json, ...]
    ends: frozenset[str] = SUCCEEDS
    upload_first: bool = False
    then: str = ""  # cancel, or delete


@cache
def kinds() -> tuple[Submission, ...]:
    small, large = sample_image((64, 48)), sample_image((900, 600))
    noise = sample_image((160, 120), format="PNG") + os.urandom(400_000)  # decoders stop at the end of the picture
    invert, blur = {"filter": "invert"}, {"filter": "blur", "sigma": 3}
    several = ({"filter": "resize", "width": 300}, {"filter": "sepia"}, {"filter": "contrast", "amount": 20})
    return (
        Submission(image=small, pipeline=(invert,)),
        Submission(image=sample_image((80, 60), format="PNG", mode="RGBA"), pipeline=({"filter": "grayscale"},)),
        Submission(image=large, pipeline=several),
        Submission(image=small, pipeline=(blur,), upload_first=True),
        Submission(image=sample_image((120, 90), format="WEBP"), pipeline=({"filter": "rotate", "angle": 90}, invert)),
        Submission(image=small[: len(small) // 3], pipeline=(invert,), ends=FAILS),
        Submission(image=small, pipeline=(invert,), ends=CANCELLED_IF_IN_TIME, then="cancel"),
        Submission(image=noise, pipeline=({"filter": "pixelate", "size": 8},)),
        Submission(image=small, pipeline=(invert,), then="delete"),
        Submission(image=large, pipeline=({"filter": "blur", "sigma": 20},)),
    )


def mixed(count: int) -> list[Submission]:
    return [kinds()[number % len(kinds())] for number in range(count)]
