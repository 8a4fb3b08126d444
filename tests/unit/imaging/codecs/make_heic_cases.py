"""Writes the HEIC files among the cases, if it is run as a module by `uv run --with pillow-heif`.

pillow-heif contains an encoder under the GPL, so it is no dependency, and its files are kept.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

from tests.unit.imaging.files import quarters, swapped_rgb_profile

_CASES = Path(__file__).parent / "cases"
_EXACT: dict[str, Any] = {"quality": -1, "chroma": 444, "matrix_coefficients": 0}  # without loss, in RGB
_ROTATED = 6


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x8298] = orientation, "Ada"
    return exif.tobytes()


def _save(name: str, image: Any, **options: Any) -> None:  # noqa: ANN401 - what pillow-heif has
    heif = pillow_heif.from_pillow(image) if isinstance(image, Image.Image) else image
    heif.save(_CASES / f"{name}.heic", **(_EXACT | options))


def _deep() -> pillow_heif.HeifFile:
    wide = (np.asarray(quarters()).astype(np.uint16) * 257).tobytes()
    return pillow_heif.from_bytes("RGB;16", quarters().size, wide)


def _misleading() -> None:
    """EXIF that says sideways for pixels that are upright."""
    _save("heic_exif_orientation", quarters(), exif=_exif(1))
    path = _CASES / "heic_exif_orientation.heic"
    data = path.read_bytes()
    at = data.index(b"\x01\x12\x00\x03\x00\x00\x00\x01")
    path.write_bytes(data[: at + 8] + b"\0\6" + data[at + 10 :])


def main() -> None:
    """Write them all."""
    pillow_heif.register_heif_opener()
    alpha = quarters().convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(alpha.size))
    _save(
        "heic_rgb", quarters(), exif=_exif(1), xmp=b'<x xmlns:dc="http://purl.org/dc/elements/1.1/" dc:rights="Ada"/>'
    )
    _save("heic_alpha", alpha)
    _save("heic_grey", quarters().convert("L"))
    _save("heic_10_bit", _deep())
    _save("heic_profile", quarters(), icc_profile=swapped_rgb_profile(), icc_profile_type="prof")
    plain = Image.new("RGB", (48, 32), (200, 100, 60))
    _save("heic_p3", plain, color_primaries=12, transfer_characteristics=13)
    _save("heic_pq", plain, color_primaries=9, transfer_characteristics=16)
    quarters().save(_CASES / "heic_rotated.heic", exif=_exif(_ROTATED), **_EXACT)
    _misleading()
    burst = pillow_heif.from_pillow(quarters().convert("L").convert("RGB"))
    burst.add_from_pillow(quarters())
    _save("heic_second_is_primary", burst, primary_index=1)
    pillow_heif.options.GRID_TILE_SIZE = 64
    _save("heic_tiles", quarters().resize((144, 96), Image.Resampling.NEAREST))
    pillow_heif.options.GRID_TILE_SIZE = 512
    Image.new("RGB", (7000, 7000), (40, 90, 160)).save(_CASES.parent / "heic_49_mp.heic", quality=50)


if __name__ == "__main__":
    main()
