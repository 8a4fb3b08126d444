"""The frame of the page: welcome, accounts, languages, what browsers may load."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit


def test_somebody_new_registers_and_arrives_at_the_upload(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="New here? Create an account").click()
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill(visitor.password)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(re.compile("#/upload$"))


def test_a_wrong_password_is_explained(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("401")
    page = visitor.open("#/sign-in")
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill(visitor.password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Invalid email or password. Check both and try again.")


def test_a_view_that_needs_an_account_is_shown_after_the_sign_in(visit: Visit) -> None:
    visitor = visit()
    visitor.page.request.post(f"{visitor.url}/v1/users", data={"email": visitor.email, "password": visitor.password})
    page = visitor.open("#/gallery")
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill(visitor.password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("#/gallery$"))


def test_the_page_is_in_the_language_of_the_browser(visit: Visit) -> None:
    page = visit(locale="ru-RU").open()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ваши снимки, проявленные на вашем сервере")
    page.get_by_role("button", name="EN").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your pictures, developed on your own server")


def test_a_violation_of_the_policy_fails_a_test(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open()
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('img'), {src: 'https://example.com/x.png'}))"
    )
    page.wait_for_timeout(100)
    assert [error for error in visitor.errors if "policy violation: img-src https://example.com/x.png" in error]
    visitor.expected.append("example.com")


def test_text_cannot_become_markup(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.extend(["TrustedHTML", "require-trusted-types-for", "trusted-types"])
    page = visitor.open()
    outcome = page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return 'set' } catch (error) { return error.name } }"
    )
    assert outcome == "TypeError"
