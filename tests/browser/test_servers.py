"""The page of services that keep outputs on an S3 server, which is another origin."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_gallery import FALLBACK, names_in, select_all, submit
from tests.harness.client import sample_image
from tests.harness.deployment import Deployment
from tests.harness.deployments import SERVERS, deploy_as, start_all


@pytest.fixture
def on_servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy_as("servers", request, tmp_path_factory)() as running:
        start_all(running)
        yield running


@pytest.mark.needs(*SERVERS)
def test_outputs_are_shown_and_downloaded_from_the_s3_server(visit: Visit, on_servers: Deployment) -> None:
    visitor = visit(url=on_servers.url)
    visitor.sign_up()
    visitor.page.add_init_script(FALLBACK)
    submit(visitor, visitor.upload(sample_image()), [{"filter": "sepia"}])
    page = visitor.open("#/gallery")
    page.get_by_text("holiday-sepia.jpeg").click()
    image = page.locator(".whole-picture")
    assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 64
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    select_all(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download ZIP").click()
    assert names_in(download.value) == ["holiday-sepia.jpeg"]
