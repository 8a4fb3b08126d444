"""The account: sessions, API keys, password, erasure."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_an_api_key_is_shown_once_and_works_until_it_is_revoked(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open("#/account")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("nightly import")
    page.get_by_role("button", name="Create key").click()
    key = page.locator(".secret").inner_text()
    assert key.startswith("dk_")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("nightly import")).to_be_visible()
    stranger = visit().page.request
    headers = {"Authorization": f"Bearer {key}"}
    assert stranger.get(f"{visitor.url}/v1/tasks", headers=headers).status == 200
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("nightly import")).to_have_count(0)
    assert stranger.get(f"{visitor.url}/v1/tasks", headers=headers).status == 401


def test_a_new_password_keeps_this_browser_signed_in(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("401")
    visitor.sign_up()
    page = visitor.open("#/account")
    page.get_by_label("Current password").fill("wrong")
    page.get_by_label("New password").fill("another horse")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("^Invalid email or password"))
    page.get_by_label("Current password").fill(visitor.password)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The password was changed.").last).to_be_visible()
    page.reload()
    expect(page.get_by_text("this browser")).to_be_visible()


def test_signing_out_everywhere_ends_the_other_browser(visit: Visit) -> None:
    visitor, other = visit(), visit()
    visitor.sign_up()
    other.expected.append("401")
    body = {"email": visitor.email, "password": visitor.password, "cookie": True}
    other.page.request.post(f"{other.url}/v1/sessions", data=body, headers={"Origin": other.url})
    other.page.add_init_script("localStorage.setItem('darkroom.has_session', '1')")
    other.open("#/account").get_by_text("this browser").wait_for()
    page = visitor.open("#/account")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    other.page.get_by_role("button", name="New key").click()
    other.page.get_by_label("Name").fill("too late")
    other.page.get_by_role("button", name="Create key").click()
    expect(other.page.get_by_role("dialog").get_by_role("alert")).to_have_text(
        "You are signed out. Sign in and try again."
    )


def test_an_account_is_deleted_with_its_password(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open("#/account")
    page.get_by_role("button", name="Delete everything").click()
    page.get_by_role("dialog").get_by_label("Current password").fill(visitor.password)
    page.get_by_role("dialog").get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your pictures, developed on your own server")
    body = {"email": visitor.email, "password": visitor.password}
    assert page.request.post(f"{visitor.url}/v1/sessions", data=body).status == 401


def test_a_session_that_ended_meanwhile_is_announced_and_renewed(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("401")
    visitor.sign_up()
    page = visitor.open("#/gallery")
    page.get_by_role("heading", name="No results yet").wait_for()
    page.request.delete(f"{visitor.url}/v1/sessions", headers={"Origin": visitor.url})
    page.get_by_role("button", name="Originals").click()
    expect(page.get_by_text("You were signed out.", exact=False).first).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill(visitor.password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()


def test_signing_in_again_leads_back_from_the_header_too(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("401")
    visitor.sign_up()
    page = visitor.open("#/gallery?tab=images")
    page.get_by_role("heading", name="No pictures yet").wait_for()
    page.request.delete(f"{visitor.url}/v1/sessions", headers={"Origin": visitor.url})
    page.get_by_role("button", name="Results").click()
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill(visitor.password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("#/gallery$"))


def test_a_tab_follows_when_another_signs_out_and_in_as_somebody_else(visit: Visit) -> None:
    """The cookie is that of all tabs: without this, one tab would show an account and act for another."""
    visitor = visit()
    visitor.sign_up()
    page, other = visitor.page, visitor.page.context.new_page()
    visitor.open("#/account").get_by_text(visitor.email).wait_for()
    other.goto(f"{visitor.url}/#/account")
    other.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You were signed out.", exact=False).first).to_be_visible()
    other.goto(f"{visitor.url}/#/sign-in?new=1")
    other.get_by_label("Email").fill(f"other-{visitor.email}")
    other.get_by_label("Password").fill(visitor.password)
    other.get_by_role("button", name="Create account").click()
    expect(page.get_by_text(f"other-{visitor.email}")).to_be_visible()
