"""Images to send, from a path, bytes or an open file, and files that downloads become."""

import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from darkroom.client.errors import OutputDamaged

type ImageInput = str | os.PathLike[str] | bytes | IO[bytes]
type Progress = Callable[[int], object]  # gets the number of bytes sent since the call before


class _Counted:
    """A file that reports what is read."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._progress(len(data))
        return data

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what the file has
        return getattr(self._file, name)


@dataclass(frozen=True, slots=True)
class Source:
    """An image that can be sent again: each attempt reads it from its start."""

    image: ImageInput
    progress: Progress | None = None

    @property
    def name(self) -> str:
        path = self.image if isinstance(self.image, str | os.PathLike) else getattr(self.image, "name", "image")
        name = Path(path).name if isinstance(path, str | os.PathLike) else "image"
        return os.fsencode(name).decode(errors="replace")

    @contextmanager
    def opened(self) -> Iterator[Any]:
        with self._file() as file:
            yield _Counted(file, self.progress) if self.progress else file

    @contextmanager
    def _file(self) -> Iterator[IO[bytes]]:
        if isinstance(self.image, bytes):
            yield io.BytesIO(self.image)
        elif isinstance(self.image, str | os.PathLike):
            with Path(self.image).open("rb") as file:
                yield file
        else:  # the caller's, who closes it
            self.image.seek(0)
            yield self.image


class Sink:
    """What a download is written to. Its checksum is computed on the way."""

    def __init__(self, file: IO[bytes], path: Path | None = None) -> None:
        self._file = file
        self._path = path
        self._sha256 = hashlib.sha256()

    def restart(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._sha256 = hashlib.sha256()

    def write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._path and str(self._path)) from error
        self._sha256.update(data)

    def check(self, sha256: str) -> None:
        if self._sha256.hexdigest() != sha256:
            raise OutputDamaged("The checksum of the download differs from that of the output. Download it again.")

    @classmethod
    @contextmanager
    def to(cls, path: Path) -> Iterator[Self]:
        """Write beside `path` and move it there at the end: nobody sees half a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as file:
                yield cls(file, path)
            part.replace(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
        finally:
            with suppress(OSError):
                part.unlink()
