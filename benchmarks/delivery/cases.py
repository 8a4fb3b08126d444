"""What is requested, in the words of Darkroom, thumbor and ipx; and URLs of Darkroom, signed as its clients sign."""

import base64
import hashlib
import hmac
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks.pictures import photograph
from benchmarks.service.deployments import MeasuredService


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One image with one step."""

    name: str
    width: int
    height: int
    steps: str
    thumbor: str
    ipx: str
    extension: str = "jpg"

    @property
    def file_name(self) -> str:
        return f"{self.width}x{self.height}.jpg"

    def image(self) -> bytes:
        return photograph(self.name, width=self.width, height=self.height).data

    def peer_paths(self, links: Mapping[str, str]) -> dict[str, str]:
        """Return the path of each peer, which names the image by a link to its object."""
        image = quote(links[self.file_name], safe="")
        return {"thumbor": f"/unsafe/{self.thumbor}/{image}", "ipx": f"/{self.ipx}/{image}"}


def _to_width(name: str, width: int, height: int, to: int, extension: str = "jpg") -> Case:
    webp = extension == "webp"
    return Case(
        name=name,
        width=width,
        height=height,
        steps=f"resize,w={to}",
        thumbor=f"{to}x0/filters:format(webp):quality(79)" if webp else f"{to}x0",
        ipx=f"w_{to},f_webp,q_79" if webp else f"w_{to},f_jpeg,q_85",
        extension=extension,
    )


SMALLEST = Case(
    name="320 x 240, sepia",
    width=320,
    height=240,
    steps="sepia",
    thumbor="filters:grayscale()",
    ipx="grayscale,f_jpeg,q_85",
)
CASES = (
    SMALLEST,
    _to_width("1600 x 1200 to 320", 1600, 1200, 320),
    _to_width("12 MP to 320", 4000, 3000, 320),
    _to_width("12 MP to 1600, WebP", 4000, 3000, 1600, "webp"),
)


class Signer:
    """Signs URLs of one image, as docs/delivery.md says."""

    def __init__(self, service: MeasuredService, data: bytes) -> None:
        self._key = service.client.http.post("/v1/delivery-keys").json()
        self._image_id = service.client.http.post("/v1/images", files={"image": data}).json()["image_id"]
        self._numbers = itertools.count()

    def path(self, case: Case, *, number: int = 0) -> str:
        quality = 79 if case.extension == "webp" else 85
        path = f"{case.steps}/output,quality={quality},background=${number:06x}/{self._image_id}.{case.extension}"
        signed = f"{self._key['key']}/{path}".encode()
        mac = hmac.new(self._key["secret"].encode(), signed, hashlib.sha256).digest()
        return f"/i/{self._key['key']}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}/{path}"

    def next_path(self, case: Case) -> str:
        return self.path(case, number=next(self._numbers))
