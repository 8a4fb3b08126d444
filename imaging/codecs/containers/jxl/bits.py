"""Reads the numbers of a JPEG XL codestream, which begins each bundle at any bit. ISO/IEC 18181-1, 6.2 and annex B."""

from collections.abc import Sequence

type Distribution = tuple[int, int]  # an offset, and how many bits are added to it


class BitReader:
    """Reads from the least significant bit of each byte on. Raises ValueError behind the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def read(self, bits: int) -> int:
        """u(bits)"""  # noqa: D400,D415 - the standard's name for it
        if bits > self._left:
            message = "The header ends too early."
            raise ValueError(message)
        value = self._value & ((1 << bits) - 1)
        self._value >>= bits
        self._left -= bits
        return value

    def read_flag(self) -> bool:
        return self.read(1) == 1

    def read_choice(self, distributions: Sequence[Distribution]) -> int:
        """Read two bits that choose one of four distributions, and a number of it: U32."""
        offset, bits = distributions[self.read(2)]
        return offset + self.read(bits)
