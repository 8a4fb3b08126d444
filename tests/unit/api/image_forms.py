"""An image, the parts of a form with it, and the objects that are left."""

import io

from PIL import Image

from tests.unit.api.conftest import Running

Part = tuple[str, tuple[str | None, bytes]]


def sample_image() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "PNG")
    return out.getvalue()


IMAGE = sample_image()


def image_part(data: bytes = IMAGE) -> Part:
    return ("image", ("a.png", data))


def text_part(name: str, text: bytes) -> Part:
    return (name, (None, text))


async def objects_of(app: Running) -> set[str]:
    return {stored.key async for stored in app.resources.storage.objects.list("sources/")}
