"""A site for all journeys of a process, on SQLite as `make run` starts it, and watched visitors."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.watch import Watch
from tests.site import Site, running_site

PATIENCE_MS = 60_000

Visit = Callable[[], tuple[Page, Watch]]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running site with the demo study."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def visit(site: Site, new_context: Callable[..., BrowserContext]) -> Visit:
    """A browser of somebody who was never here, and the watch over it."""
    expect.set_options(timeout=PATIENCE_MS)

    def enter() -> tuple[Page, Watch]:
        context = new_context(base_url=site.url, locale="en-US")
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        return page, Watch(page, site.url)

    return enter
