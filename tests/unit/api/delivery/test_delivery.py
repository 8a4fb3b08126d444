"""Images by signed URL: who may ask, what is answered, and that it is rendered once."""

import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager

import httpx
import psutil
import pytest
from PIL import Image

from tests.harness.eventually import eventually
from tests.harness.forkservers import forkservers
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import (
    GRAY,
    Owner,
    deliveries,
    is_rejected,
    owner_of,
    photo,
    renders,
)

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


RunWith = Callable[..., AbstractAsyncContextManager[Running]]


async def test_an_image_by_its_url(owner: Owner, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(owner.url(owner.path(GRAY, "webp")))
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(answer.content)) as image:
        assert (image.format, image.size) == ("WEBP", (20, 15))
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{owner.image_id}.webp"'
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_a_query_is_ignored(owner: Owner, browser: httpx.AsyncClient) -> None:
    url, before = owner.url(owner.path(GRAY)), renders()
    plain, tagged = [await browser.get(each) for each in (url, f"{url}?utm_source=mail&w=1")]
    assert [plain.status_code, tagged.status_code] == [200, 200]
    assert (tagged.content, tagged.headers["ETag"]) == (plain.content, plain.headers["ETag"])
    assert renders() == before + 1


async def test_conditional_requests_render_nothing(owner: Owner, browser: httpx.AsyncClient) -> None:
    url = owner.url(owner.path(GRAY))
    first = await browser.get(url)
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert not tag.startswith("W/")
    before = renders()
    for headers in ({"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-Modified-Since": modified}):
        answer = await browser.get(url, headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
        assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (tag, first.headers["Cache-Control"])
    assert renders() == before
    other = {"If-None-Match": '"x"', "If-Modified-Since": modified}
    assert (await browser.get(url, headers=other)).content == first.content
    changed = await browser.get(owner.url(owner.path("resize,w=21/grayscale")), headers={"If-None-Match": tag})
    assert changed.status_code == 200


async def test_head_and_ranges(owner: Owner, browser: httpx.AsyncClient) -> None:
    url = owner.url(owner.path(GRAY))
    whole = await browser.get(url)
    size, data = len(whole.content), whole.content
    head = await browser.head(url)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(size))
    end = size - 5
    for requested, first, last in (
        ("bytes=0-9", 0, 9),
        (f"bytes={end}-", end, size - 1),
        (f"bytes={end}-{size + 9}", end, size - 1),
        ("bytes=-5", end, size - 1),
    ):
        part = await browser.get(url, headers={"Range": requested, "If-Range": whole.headers["ETag"]})
        assert (part.status_code, part.content) == (206, data[first : last + 1])
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
    beyond = await browser.get(url, headers={"Range": f"bytes={size}-"})
    assert problem_of(beyond)[:2] == (416, "range_not_satisfiable")
    assert beyond.headers["Content-Range"] == f"bytes */{size}"
    dated = {"Range": "bytes=0-1", "If-Range": whole.headers["Last-Modified"]}
    old = {"Range": "bytes=0-1", "If-Range": '"old"'}
    for headers in ({"Range": "bytes=0-1,3-4"}, old, dated, {"Range": "lines=1-2"}):
        assert (await browser.get(url, headers=headers)).content == data


async def test_many_who_ask_at_once_cost_one_render(owner: Owner, browser: httpx.AsyncClient) -> None:
    url, before = owner.url(owner.path("resize,w=33/sepia")), renders()
    counted = [deliveries(source) for source in ("rendered", "joined", "memory")]
    answers = await asyncio.gather(*(browser.get(url) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert renders() - before == 1
    rendered, joined, memory = [deliveries(source) for source in ("rendered", "joined", "memory")]
    assert rendered - counted[0] == 1
    assert (joined - counted[1]) + (memory - counted[2]) == 99
    assert (await browser.get(owner.url(owner.path("resize,height=null,w=33/sepia")))).content == answers[0].content
    assert renders() - before == 1, "another spelling of the same steps"


async def test_a_deleted_image_is_gone(owner: Owner, browser: httpx.AsyncClient) -> None:
    url = owner.url(owner.path(GRAY))
    assert (await browser.get(url)).status_code == 200
    assert (await owner.client.delete(f"/v1/images/{owner.image_id}")).status_code == 204
    await eventually(lambda: is_rejected(browser, url, code="not_found"))


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("resize,w=-1/{image}.png", ["pipeline.0.width"]),
        ("sepia/blurr/{image}.png", ["pipeline.1.filter"]),
        ("sepia/blur,sigma/{image}.png", ["pipeline.1"]),
        ("sepia/{image}.exe", ["output.format"]),
        ("sepia/{image}", ["output.format"]),
        ("sepia/output,quality=0/{image}.jpg", ["output.quality"]),
        ("sepia/output,hints=(dpr;rtt)/{image}.jpg", ["output.hints"]),
        ("sepia/output,format=png/{image}.jpg", ["output.format"]),
        ("output,quality=70/sepia/{image}.jpg", ["pipeline.0"]),
        ("@nowhere/{image}.png", ["pipeline"]),
        ("@a/sepia/{image}.png", ["pipeline"]),
        ("{image}.png", ["pipeline.0"]),
    ],
)
async def test_invalid_steps_are_named(owner: Owner, browser: httpx.AsyncClient, path: str, places: list[str]) -> None:
    answer = await browser.get(owner.url(path.format(image=owner.image_id)))
    code = "invalid_output" if places[0].startswith("output.") else "invalid_pipeline"
    assert problem_of(answer) == (422, code, places)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_an_image_that_cannot_be_rendered(owner: Owner, browser: httpx.AsyncClient) -> None:
    """A damaged file and a step outside of the image are errors of the request, not of the service."""
    damaged = (await owner.client.post("/v1/images", content=photo()[:-30])).json()["image_id"]
    answers = [
        await browser.get(owner.url(f"sepia/{damaged}.png")),
        await browser.get(owner.url(owner.path("crop,left=4000,top=4000,w=10,h=10"))),
    ]
    assert [problem_of(answer)[:2] for answer in answers] == [(422, "invalid_image"), (422, "invalid_step")]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


async def test_a_preset_is_followed_or_named(owner: Owner, browser: httpx.AsyncClient) -> None:
    async def save(name: str) -> None:
        body = {"pipeline": [{"filter": "resize", "width": 12}, {"filter": name}], "output": {"format": "png"}}
        (await owner.client.put("/v1/presets/card", json=body)).raise_for_status()

    await save("sepia")
    made = await owner.client.post("/v1/delivery-urls", json={"image_id": owner.image_id, "pipeline": "@card"})
    newest, fixed = made.json()["url"], owner.url(owner.path("@card.v1"))
    assert newest.endswith(f"/@card/{owner.image_id}.png")
    before = [await browser.get(url) for url in (newest, fixed)]
    assert before[0].content == before[1].content
    assert before[0].headers["Cache-Control"] == "public, max-age=300"
    assert before[1].headers["Cache-Control"].endswith("immutable")
    await save("invert")
    after = [await browser.get(url) for url in (newest, fixed)]
    assert after[1].content == before[1].content
    assert after[0].content != before[0].content
    assert after[0].headers["ETag"] != before[0].headers["ETag"]
    since = {"If-Modified-Since": before[0].headers["Last-Modified"]}
    assert [(await browser.get(url, headers=since)).status_code for url in (newest, fixed)] == [200, 304]
    assert (await owner.client.delete("/v1/presets/card")).status_code == 204
    assert [(await browser.get(url)).status_code for url in (newest, fixed)] == [422, 422]


async def test_an_auxiliary_image(owner: Owner, browser: httpx.AsyncClient) -> None:
    logo = (await owner.client.post("/v1/images", content=photo((8, 8)))).json()["image_id"]
    plain = await browser.get(owner.url(owner.path("-")))
    marked = await browser.get(owner.url(owner.path(f"watermark,image_id={logo}")))
    assert (plain.status_code, marked.status_code) == (200, 200), marked.text
    assert marked.content != plain.content


async def test_a_full_lane_is_503_after_its_deadline(run_with: RunWith) -> None:
    """One of two requests has the render process, which is suspended; the other one waits for it."""
    others = render_processes()
    async with run_with(delivery_queue_seconds=0.001) as app, await app.new_client() as client:
        owner = await owner_of(client)
        urls = [owner.url(owner.path(steps)) for steps in (GRAY, "sepia", "invert")]
        assert (await client.get(urls.pop())).status_code == 200  # now the process runs
        with suspended(render_processes() - others):
            requests = {asyncio.create_task(client.get(url)) for url in urls}
            (first,), (second,) = await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
        rejected = first.result()
        assert (await second).status_code == 200
        assert [(await client.get(url)).status_code for url in urls] == [200, 200]
    assert problem_of(rejected)[:2] == (503, "overloaded")
    assert int(rejected.headers["Retry-After"]) >= 1
    assert rejected.headers["Cache-Control"] == "no-store"


def render_processes() -> set[psutil.Process]:
    return {child for forkserver in forkservers() for child in forkserver.children()}


@contextmanager
def suspended(processes: set[psutil.Process]) -> Iterator[None]:
    assert processes
    for each in processes:
        each.suspend()
    try:
        yield
    finally:
        for each in processes:
            each.resume()
