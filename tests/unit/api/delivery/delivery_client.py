"""Somebody with an image and a delivery key, who signs as the documents say."""

import io
import re
from collections.abc import Callable
from typing import Any

import httpx
from PIL import Image
from prometheus_client import REGISTRY

from tests.harness.deployment import ROOT

GRAY = "resize,w=20/grayscale"


def photo(size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(out, "PNG")
    return out.getvalue()


class Owner:
    def __init__(self, client: httpx.AsyncClient, image_id: str, key: dict[str, Any]) -> None:
        self.client = client
        self.image_id = image_id
        self.key = key

    def path(self, steps: str, extension: str = "png") -> str:
        return f"{steps}/{self.image_id}.{extension}"

    def url(self, path: str, expires: int | None = None, key: dict[str, Any] | None = None) -> str:
        return signer()("", (key or self.key)["key"], (key or self.key)["secret"], path, expires)


async def owner_of(client: httpx.AsyncClient) -> Owner:
    image_id = (await client.post("/v1/images", content=photo())).json()["image_id"]
    return Owner(client, image_id, (await client.post("/v1/delivery-keys")).json())


def signer() -> Callable[..., str]:
    """Return the function in the documents."""
    names: dict[str, Any] = {}
    exec(snippet("python"), names)  # noqa: S102 - our own document
    sign: Callable[..., str] = names["delivery_url"]
    return sign


def snippet(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", (ROOT / "docs/delivery.md").read_text(), re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def renders() -> float:
    return sum(
        sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name == "darkroom_render_seconds_count"
    )


def deliveries(source: str) -> float:
    return REGISTRY.get_sample_value("darkroom_deliveries_total", {"source": source}) or 0


async def is_rejected(client: httpx.AsyncClient, url: str, *, code: str) -> bool:
    """Return whether the URL is rejected: what was deleted is delivered for another second."""
    answer = await client.get(url)
    return not answer.is_success and answer.json()["code"] == code
