"""Passkeys in a real browser: made, used, taken away with a lost device and issued anew.

Chromium's own virtual device answers; it asks its owner and binds keys to the site as a
real one does.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.browser.desk import PATIENCE_MS, SMALL, STEP_IN, Stage
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

LOSER = "demo.applicant"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("passkeys") / "home", ("serve", "--demo")) as started:
        yield started


def sits_down(stage: Stage, card: str) -> Page:
    """A browser in which a card of the demonstration has signed in."""
    page = stage.page()
    page.goto(SMALL)
    assert page.evaluate(STEP_IN, [card, 0]) is not None
    return page


def with_device(page: Page) -> None:
    """A fresh device in this person's hands, and no other."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def enters(page: Page) -> None:
    """Sign in with the passkey on the device."""
    page.goto("/sign-in")
    page.get_by_test_id("sign-in-passkey").click()


def leaves(page: Page) -> None:
    """Forget who this was, as another browser would."""
    page.evaluate("() => sessionStorage.clear()")
    page.context.clear_cookies()


def test_a_passkey_opens_is_lost_and_is_issued_anew_by_two_persons(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    with Stage(browser, f"http://localhost:{server.port}", tmp_path) as stage:
        person = sits_down(stage, "applicant")
        with_device(person)
        person.goto("/my/passkeys")
        person.get_by_test_id("add-passkey").click()
        person.get_by_test_id("passkey-label").fill("办公电脑")
        person.get_by_test_id("make-passkey").click()
        listed = person.get_by_test_id("passkeys").locator("li")
        expect(listed).to_contain_text("办公电脑", timeout=PATIENCE_MS)
        person.get_by_test_id("passkey-only").click()
        expect(person.get_by_test_id("remove-passkey")).to_be_disabled(timeout=PATIENCE_MS)

        leaves(person)
        enters(person)
        person.wait_for_url(lambda url: "/sign-in" not in url)
        person.goto("/my/passkeys")
        expect(listed).to_have_count(1, timeout=PATIENCE_MS)

        clerk, supervisor = sits_down(stage, "clerk"), sits_down(stage, "supervisor")
        clerk.goto("/lost-devices")
        clerk.get_by_test_id("new-loss").click()
        clerk.get_by_test_id("loss-username").fill(LOSER)
        clerk.get_by_test_id("loss-ground").select_option("stolen")
        clerk.get_by_test_id("loss-identity").select_option("id_card")
        clerk.get_by_test_id("loss-seen").check()
        clerk.get_by_test_id("loss-open").click()
        row = clerk.get_by_test_id(f"loss-{LOSER}")
        expect(row).to_be_visible(timeout=PATIENCE_MS)
        expect(row.get_by_test_id("loss-link")).to_have_count(0)

        supervisor.goto("/lost-devices")
        supervisor.get_by_test_id("loss-sign").click()
        supervisor.get_by_role("dialog").locator("button[type=submit]").click()
        expect(supervisor.get_by_test_id("loss-sign")).to_have_count(0, timeout=PATIENCE_MS)

        # the old device knows its key still; the service does not
        enters(person)
        expect(person.get_by_role("alert")).to_contain_text("passkeys.unknown")

        row.get_by_test_id("loss-link").click()
        link = clerk.get_by_test_id("link-text").input_value()
        fresh = stage.page()
        with_device(fresh)
        fresh.goto(link)
        fresh.get_by_test_id("passkey-label").fill("新手机")
        fresh.get_by_test_id("make-passkey").click()
        expect(fresh.get_by_test_id("passkey-made")).to_be_visible(timeout=PATIENCE_MS)
        enters(fresh)
        fresh.wait_for_url(lambda url: "/sign-in" not in url)
        fresh.goto("/my/passkeys")
        expect(fresh.get_by_test_id("passkeys")).to_contain_text("新手机", timeout=PATIENCE_MS)


def test_at_a_bare_number_the_page_says_where_passkeys_work(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    with Stage(browser, server.url, tmp_path) as stage:
        page = stage.page()
        page.goto("/sign-in")
        said = page.get_by_test_id("passkeys-not-here")
        expect(said.get_by_role("link")).to_have_attribute(
            "href", f"http://localhost:{server.port}/sign-in"
        )
        expect(page.get_by_test_id("sign-in-passkey")).to_have_count(0)
