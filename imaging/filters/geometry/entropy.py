"""Finds the part of an image with the most detail, by the Shannon entropy of its histogram."""

from PIL import Image

_LONGEST_SIDE = 128
_PLACES = 16


def entropy_crop(image: Image.Image, size: tuple[int, int]) -> tuple[float, float]:
    """Return how much of the free space, 0..1, goes to the left of and above the best box of `size`.

    Of equals, the box nearest to the middle.
    """
    scale = min(1, _LONGEST_SIDE / max(image.size))
    small = image.convert("LA").convert("La").getchannel("L")
    small = small.resize([max(1, round(side * scale)) for side in image.size], Image.Resampling.BOX)
    box = [max(1, min(whole, round(side * scale))) for whole, side in zip(small.size, size, strict=True)]
    places = [_shares(whole - side) for whole, side in zip(small.size, box, strict=True)]
    return max(
        ((across, down) for across in places[0] for down in places[1]),
        key=lambda shares: (_entropy(small, box, shares), -abs(shares[0] - 0.5) - abs(shares[1] - 0.5)),
    )


def _shares(room: int) -> list[float]:
    return [place / _PLACES for place in range(_PLACES + 1)] if room else [0.5]


def _entropy(image: Image.Image, box: list[int], shares: tuple[float, float]) -> float:
    left, top = (round((whole - side) * share) for whole, side, share in zip(image.size, box, shares, strict=True))
    return round(image.crop((left, top, left + box[0], top + box[1])).entropy(), 9)
