"""How the memory of a render process is used."""

from PIL import _imaging

PIXELS_AT_ONCE = 2**24  # larger images are processed in bands: a whole copy of one may not fit into memory


def give_memory_back() -> None:
    """Free the blocks that Pillow caches for its next images: OpenCV and the encoders cannot use them."""
    _imaging.clear_cache()
