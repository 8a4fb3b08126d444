"""Signatures of delivery URLs: who signs what, for how long, and with which key."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import time
from typing import Any

import httpx
import pytest

from tests.harness.eventually import eventually
from tests.unit.api.answers import problem_of, without_request
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import (
    GRAY,
    Owner,
    is_rejected,
    photo,
    snippet,
)

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_a_url_made_by_the_service(app: Running, owner: Owner, browser: httpx.AsyncClient) -> None:
    """Also with an API key that can do nothing else."""
    key = (await owner.client.post("/v1/api-keys", json={"name": "web", "scopes": ["deliver"]})).json()["key"]
    body = {
        "image_id": owner.image_id,
        "pipeline": [{"filter": "resize", "width": 20}, {"filter": "sepia"}],
        "output": {"format": "jpeg", "quality": 70},
    }
    async with app.client(key) as program:
        made = await program.post("/v1/delivery-urls", json=body)
    assert made.status_code == 200, made.text
    url = made.json()["url"]
    assert url.startswith("http://darkroom/i/")
    assert url.endswith(f"/resize,w=20/sepia/output,quality=70/{owner.image_id}.jpeg")
    answer = await browser.get(url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")


@pytest.mark.parametrize(
    ("change", "status", "code", "place"),
    [
        ({"output": {"format": "exe"}}, 422, "invalid_output", ["output.format"]),
        ({"client_hints": ["rtt"]}, 422, "invalid_request", ["client_hints.0"]),
        ({"output": {"format": "png", "analyse": ["palette"]}}, 422, "invalid_output", ["output.analyse"]),
        ({"pipeline": [{"filter": "blur", "sigma": -1}]}, 422, "invalid_pipeline", ["pipeline.0.sigma"]),
        ({"pipeline": "@nowhere"}, 422, "invalid_pipeline", ["pipeline"]),
        ({"image_id": "019a0000-0000-7000-8000-000000000000"}, 404, "not_found", []),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "invalid_request", ["expires_at"]),
    ],
)
async def test_what_cannot_be_delivered_is_not_signed(
    owner: Owner, change: dict[str, Any], status: int, code: str, place: list[str]
) -> None:
    body = {"image_id": owner.image_id, "output": {"format": "png"}, **change}
    assert problem_of(await owner.client.post("/v1/delivery-urls", json=body)) == (status, code, place)


async def test_without_a_key_nothing_is_signed(client: httpx.AsyncClient) -> None:
    image_id = (await client.post("/v1/images", content=photo())).json()["image_id"]
    answer = await client.post("/v1/delivery-urls", json={"image_id": image_id, "output": {"format": "png"}})
    assert problem_of(answer)[:2] == (409, "delivery_key_missing")


async def test_a_tampered_url_is_rejected(
    owner: Owner, other_user: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    """Every part of it is signed. The answer does not reveal which part is wrong."""
    url = owner.url(owner.path(GRAY), expires=int(time.time()) + 3600)
    signature = url.split("/")[2]
    key, expires, mac = signature.split(".")
    theirs = (await other_user.post("/v1/delivery-keys")).json()
    changed = [
        url.replace("w=20", "w=21"),
        url.replace(".png", ".webp"),
        url.replace(expires, str(int(expires) + 1)),
        url.replace(f".{expires}", ""),
        url.replace(mac, mac[::-1]),
        url.replace(mac, mac[:-1]),
        url.replace(mac, ""),
        url.replace(key, theirs["key"]),
        url.replace(key, "0" * 32),
        url.replace(signature, "unsigned"),
        f"{url}%0A",
    ]
    answers = [await browser.get(each) for each in changed]
    assert [problem_of(answer)[:2] for answer in answers] == [(403, "link_invalid")] * len(changed)
    assert all(without_request(answer) == without_request(answers[0]) for answer in answers)
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert (await browser.get(url)).status_code == 200


async def test_an_expired_url(owner: Owner, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(owner.url(owner.path(GRAY), expires=int(time.time())))
    assert problem_of(answer)[:2] == (403, "link_expired")


async def test_a_url_may_expire_in_the_year_9999(owner: Owner, browser: httpx.AsyncClient) -> None:
    """Many programs use this date for "never"."""
    body = {"image_id": owner.image_id, "output": {"format": "png"}, "expires_at": "9999-12-31T23:59:59Z"}
    made = await owner.client.post("/v1/delivery-urls", json=body)
    assert (await browser.get(made.json()["url"])).status_code == 200


async def test_a_url_is_cached_no_longer_than_it_is_valid(owner: Owner, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(owner.url(owner.path(GRAY), expires=int(time.time()) + 3600))
    found = re.fullmatch(r"public, max-age=(\d+), immutable", answer.headers["Cache-Control"])
    assert found
    assert 0 < int(found[1]) <= 3600


async def test_keys_are_replaced_one_by_one(owner: Owner, browser: httpx.AsyncClient) -> None:
    new = (await owner.client.post("/v1/delivery-keys")).json()
    urls = [owner.url(owner.path(GRAY)), owner.url(owner.path(GRAY), key=new)]
    assert [(await browser.get(url)).status_code for url in urls] == [200, 200]
    listed = await owner.client.get("/v1/delivery-keys")
    assert [key["key"] for key in listed.json()["items"]] == [owner.key["key"], new["key"]]
    assert owner.key["secret"] not in listed.text
    assert (await owner.client.delete(f"/v1/delivery-keys/{owner.key['key_id']}")).status_code == 204
    await eventually(lambda: is_rejected(browser, urls[0], code="link_invalid"))
    assert (await browser.get(urls[1])).status_code == 200


async def test_the_number_of_keys_is_bounded(client: httpx.AsyncClient) -> None:
    answers = [await client.post("/v1/delivery-keys") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [409]
    assert problem_of(answers[-1])[1] == "quota_exceeded"


async def test_a_key_signs_for_images_of_its_owner_only(
    owner: Owner, other_user: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    theirs = (await other_user.post("/v1/images", content=photo())).json()["image_id"]
    answers = [
        await browser.get(owner.url(f"sepia/{image_id}.png"))
        for image_id in (theirs, "019a0000-0000-7000-8000-000000000000", "me")
    ]
    assert [problem_of(answer)[:2] for answer in answers] == [(404, "not_found")] * 3
    assert without_request(answers[0]) == without_request(answers[1])


async def test_the_documents_sign_in_javascript(owner: Owner, browser: httpx.AsyncClient) -> None:
    node = shutil.which("node")
    if node is None:
        assert not os.environ.get("CI"), "CI needs node: it runs the example of the documents"
        pytest.skip("node is not installed")
    path, expires = owner.path(GRAY), int(time.time()) + 3600
    arguments = json.dumps(["", owner.key["key"], owner.key["secret"], path, expires])
    script = f"{snippet('js')}\nprocess.stdout.write(deliveryUrl(...{arguments}));"
    done = await asyncio.create_subprocess_exec(node, "-e", script, stdout=subprocess.PIPE)
    out, _ = await done.communicate()
    assert out.decode() == owner.url(path, expires)
    assert (await browser.get(out.decode())).status_code == 200
