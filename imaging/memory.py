"""How the memory of a render process is used."""

from PIL import _imaging

PIXELS_AT_ONCE = 2**24  # larger images are processed in bands: a whole copy of one may not fit into memory

_MOST_WORDS = 30_000_000


def has_room_for_words(size: tuple[int, int], bands: int) -> bool:
    """Whether samples of 16 bits fit into memory as two images, and once more while they are decoded or encoded."""
    return size[0] * size[1] * bands <= _MOST_WORDS


def give_memory_back() -> None:
    """Free the blocks that Pillow caches for its next images: OpenCV and the encoders cannot use them."""
    _imaging.clear_cache()
