"""Every other page that a link leads to: it breaks nothing, visits nobody, shuts nobody out."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tests.journeys.test_demo import sign_in
from tests.site import Site

pytestmark = pytest.mark.journey

FOR_ALL = ["/judge/", "/me/", "/accounts/login/", "/accounts/password/reset/"]
FOR_RESEARCHERS = [
    "/",
    "/studies/",
    "/studies/new/",
    "/studies/demo/agreement/extraction/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/admin/",
    "/admin/studies/study/",
]


def test_pages_for_all_are_clean(visit: Visit) -> None:
    page, watch = visit()

    for address in FOR_ALL:
        page.goto(address, wait_until="networkidle")
        watch.look()


def test_pages_for_researchers_are_clean(site: Site, visit: Visit) -> None:
    page, watch = visit()
    sign_in(page, watch, site)

    for address in FOR_RESEARCHERS:
        page.goto(address, wait_until="networkidle")
        watch.look()


def test_api_docs_work_under_the_policy(visit: Visit) -> None:
    page, watch = visit()

    page.goto("/api/docs/", wait_until="networkidle")

    expect(page.get_by_text("/api/v1/studies/{slug}/tasks/next/")).to_be_visible()
    # Its look is Swagger's own, whose contrast is not ours to mend.
    watch.listen()
