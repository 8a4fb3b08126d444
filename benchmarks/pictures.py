"""The uploaded images: a shipped photograph, enlarged and with noise, because noise is what costs an encoder time."""

import io
from dataclasses import dataclass

from PIL import Image

from tests.harness.deployment import ROOT

_PHOTOGRAPH = ROOT / "examples" / "pictures" / "coffee.jpg"


@dataclass(frozen=True, kw_only=True)
class Picture:
    name: str
    pixels: int
    data: bytes


def photograph(name: str, *, width: int, height: int) -> Picture:
    with Image.open(_PHOTOGRAPH) as source:
        large = source.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    noise = Image.effect_noise((width, height), 24).convert("RGB")
    out = io.BytesIO()
    Image.blend(large, noise, 0.12).save(out, "JPEG", quality=90)
    return Picture(name=name, pixels=width * height, data=out.getvalue())


def pictures() -> list[Picture]:
    """What a phone takes, and what a web page shows."""
    return [photograph("phone", width=4000, height=3000), photograph("web", width=1600, height=1200)]
