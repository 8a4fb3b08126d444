"""Converts whatever a decoder returns to 8-bit sRGB in one of four modes, so that filters need to know no others."""

from io import BytesIO

from PIL import Image, ImageCms

from imaging import native
from imaging.codecs.containers.icc_profile import read_profile
from imaging.color_space import SRGB, ColorSpace
from imaging.memory import apply_in_bands

MODES = ("L", "LA", "RGB", "RGBA")

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# Converting from these would cost a pass over the pixels and change nothing visible.
_SRGB_NAMES = {"sRGB", "sRGB built-in", "sRGB IEC61966-2.1", "sRGB IEC61966-2-1 black scaled"}
_SRGB_NAMES |= {"RGB_D65_SRG_Per_SRG", "RGB_D65_SRG_Rel_SRG", "Gra_D65_Per_SRG", "Gra_D65_Rel_SRG"}  # libjxl's


def to_srgb(source: Image.Image, *, keep_profile: bool = False, color_space: ColorSpace | None = None) -> Image.Image:
    """The image in mode L, LA, RGB or RGBA, itself where it is already in one.

    An embedded ICC profile is applied, or ignored when it is broken or made for another colour space.
    `keep_profile` leaves the colours of an RGB image in its profile: see `select_profile`.
    `color_space` is what the file says of its colours by numbers; it counts where there is no profile.
    """
    image = _to_profile_mode(source)
    profile = _open_profile(source)
    if profile and not _is_srgb(profile) and not (keep_profile and _can_stay(image, profile)):
        image = _apply_profile(image, profile)
    image = image if image.mode in MODES else image.convert("RGB")
    return native.convert_to_srgb(image, color_space) if color_space and not profile else image


def has_foreign_profile(source: Image.Image) -> bool:
    """Whether an embedded profile says that the colours are not sRGB."""
    return _embedded_profile(source) is not None


def select_profile(source: Image.Image) -> bytes:
    """The ICC profile that `to_srgb(source, keep_profile=True)` left the colours in; empty for sRGB."""
    profile = _embedded_profile(source)
    if profile is None or not _can_stay(_to_profile_mode(source), profile):
        return b""
    return bytes(source.info["icc_profile"])


def find_color_space(source: Image.Image, color_space: ColorSpace | None) -> ColorSpace | None:
    """The colour space of a file of 16 bits a sample, for conversion at that precision; `color_space` as in `to_srgb`.

    None for a profile that consists of more than curves and a matrix: only `to_srgb` can apply it.
    """
    profile = _open_profile(source)
    if not profile:
        return color_space or SRGB
    mode = "L" if source.mode.startswith(("L", "I")) else source.mode
    return SRGB if _is_srgb(profile) else read_profile(source.info["icc_profile"], mode)


def read_profile_name(source: Image.Image) -> str | None:
    """Description of the embedded profile, at most 200 characters; None where there is none that can be read."""
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(source.info["icc_profile"]))
        return ImageCms.getProfileDescription(profile).strip()[:200]
    except (KeyError, OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return None


def _can_stay(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether its colours are RGB: filters know no CMYK, and a grey profile would not fit what becomes coloured."""
    return image.mode in {"RGB", "RGBA"} and profile.profile.xcolor_space.strip() == "RGB"


def _to_profile_mode(source: Image.Image) -> Image.Image:
    """The image in one of MODES or CMYK, whichever its profile, if any, was made for."""
    if source.mode == "CMYK":
        return source
    if source.mode in {"I", "F"} or source.mode.startswith("I;16"):
        return to_8_bit(source)
    if source.has_transparency_data:
        return source if source.mode in MODES[1::2] else source.convert("LA" if source.mode in "1L" else "RGBA")
    if source.mode in MODES:
        return source
    return source.convert("L" if source.mode == "1" else "RGB")


def to_8_bit(source: Image.Image) -> Image.Image:
    """Mode L, 65535 scaled to 255. Wider samples have no defined white: the darkest becomes 0, the lightest 255."""
    low, high = 0.0, 65535.0
    wide = source.convert("I") if source.mode.startswith("I;16") else source
    if source.mode in {"I", "F"}:
        low, high = (float(value) for value in source.getextrema())  # type: ignore[arg-type] # one band: two numbers
    scale = 255 / (high - low) if high > low else 0.0
    offset = 0.5 - low * scale
    return wide.point(lambda value: value * scale + offset).convert("L")


def _open_profile(source: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """None where there is none, or none that can be read."""
    data = source.info.get("icc_profile")
    try:
        return ImageCms.ImageCmsProfile(BytesIO(data)) if data else None
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return None


def _embedded_profile(source: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """None for sRGB too."""
    profile = _open_profile(source)
    return profile if profile and not _is_srgb(profile) else None


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    try:
        return ImageCms.getProfileDescription(profile).strip() in _SRGB_NAMES
    except ImageCms.PyCMSError:
        return False


def _apply_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """The image in sRGB; unchanged when its profile is for another colour space."""
    try:
        transform = ImageCms.buildTransform(
            profile,
            _SRGB,
            image.mode.removesuffix("A"),
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError:
        return image
    return apply_in_bands(image, lambda part, _: _apply_transform(part, transform))


def _apply_transform(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    colors = image.convert(image.mode.removesuffix("A"))
    converted = transform.apply(colors).convert("L" if colors.mode == "L" else "RGB")
    if image.mode in {"LA", "RGBA"}:
        converted.putalpha(image.getchannel("A"))
    return converted
