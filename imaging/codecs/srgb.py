"""Brings whatever a decoder gives to 8-bit sRGB in one of four modes, so that no filter need know of others."""

from io import BytesIO

from PIL import Image, ImageChops, ImageCms

MODES = ("L", "LA", "RGB", "RGBA")

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# Converting from these would cost a pass and change nothing that anybody sees.
_SRGB_NAMES = {"sRGB", "sRGB built-in", "sRGB IEC61966-2.1", "sRGB IEC61966-2-1 black scaled"}


def to_srgb(picture: Image.Image, *, keep_profile: bool = False) -> Image.Image:
    """L, LA, RGB or RGBA. An embedded ICC profile is applied, or ignored when it is broken or does not fit.

    `keep_profile` leaves the colours of an RGB picture in its profile: see `kept_profile`.
    """
    image = _to_profile_mode(picture)
    profile = _embedded_profile(picture)
    if profile is not None and not (keep_profile and _can_stay(image, profile)):
        image = _apply_profile(image, profile)
    return image if image.mode in MODES else image.convert("RGB")


def has_other_colors(picture: Image.Image) -> bool:
    """Whether an embedded profile says that they are not sRGB."""
    return _embedded_profile(picture) is not None


def kept_profile(picture: Image.Image) -> bytes:
    """The profile that `to_srgb(picture, keep_profile=True)` has left the colours in; empty when that is sRGB."""
    profile = _embedded_profile(picture)
    if profile is None or not _can_stay(_to_profile_mode(picture), profile):
        return b""
    return bytes(picture.info["icc_profile"])


def profile_name(picture: Image.Image) -> str | None:
    """What the embedded profile calls itself."""
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(picture.info["icc_profile"]))
        return ImageCms.getProfileDescription(profile).strip()[:200]
    except (KeyError, OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return None


def _can_stay(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> bool:
    """Filters know no ink; and a grey picture may become a coloured one, which its profile would not fit."""
    return image.mode in {"RGB", "RGBA"} and profile.profile.xcolor_space.strip() == "RGB"


def _to_profile_mode(picture: Image.Image) -> Image.Image:
    """One of MODES, or CMYK: what the picture's profile, if any, was made for."""
    if picture.mode == "CMYK":
        return _true_cmyk(picture)
    if picture.mode in {"I", "F"} or picture.mode.startswith("I;16"):
        return _to_8_bit(picture)
    if picture.has_transparency_data:
        return picture if picture.mode in MODES[1::2] else picture.convert("LA" if picture.mode in "1L" else "RGBA")
    if picture.mode in MODES:
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _true_cmyk(picture: Image.Image) -> Image.Image:
    """Pillow takes every CMYK JPEG for one of Adobe's, whose inks are inverted; those without its marker are not."""
    if picture.format in {"JPEG", "MPO"} and "adobe" not in picture.info:
        return ImageChops.invert(picture)
    return picture


def _to_8_bit(picture: Image.Image) -> Image.Image:
    """65535 becomes 255. Wider samples say nothing about their white: darkest becomes black, lightest white."""
    low, high = 0.0, 65535.0
    wide = picture.convert("I") if picture.mode.startswith("I;16") else picture
    if picture.mode in {"I", "F"}:
        low, high = (float(value) for value in picture.getextrema())  # type: ignore[arg-type] # one band: two numbers
    scale = 255 / (high - low) if high > low else 0.0
    offset = 0.5 - low * scale
    return wide.point(lambda value: value * scale + offset).convert("L")


def _embedded_profile(picture: Image.Image) -> ImageCms.ImageCmsProfile | None:
    data = picture.info.get("icc_profile")
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(data))
        return None if ImageCms.getProfileDescription(profile).strip() in _SRGB_NAMES else profile
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return None


def _apply_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """The image as it was when its profile belongs to another kind of picture."""
    colors = image.convert(image.mode.removesuffix("A"))
    try:
        transform = ImageCms.buildTransform(
            profile,
            _SRGB,
            colors.mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError:
        return image
    converted = transform.apply(colors).convert("L" if colors.mode == "L" else "RGB")
    if image.mode in {"LA", "RGBA"}:
        converted.putalpha(image.getchannel("A"))
    return converted
