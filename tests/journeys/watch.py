"""A browser's page under watch: what it complains about, and what axe finds in it."""

from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response

GRAVE = {"serious", "critical"}
OPTIONS = {"resultTypes": ["violations"], "preload": False}

# Violations also reach reports that the console doesn't show.
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`));
"""


class Watch:
    """Notes every error, refused resource and visit elsewhere from the first request on."""

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.home = urlsplit(home).netloc
        self.complaints: list[str] = []
        page.add_init_script(TELL_VIOLATIONS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._follow)
        page.on("response", self._read)

    def listen(self) -> None:
        """Nothing broke so far."""
        assert not self.complaints, [self.page.url, *self.complaints]

    def look(self) -> None:
        """Nothing broke so far, and the page shown now shuts nobody out."""
        self.listen()
        results: dict[str, Any] = Axe().run(self.page, options=OPTIONS).response
        # Axe tries styles of its own, which the site's policy rightly forbids.
        self.complaints.clear()
        grave = [found for found in results["violations"] if found["impact"] in GRAVE]
        assert not grave, [self.page.url, *map(_told, grave)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text} ({message.location['url']})")

    def _follow(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != self.home:
            self.complaints.append(f"elsewhere: {request.url}")

    def _read(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")


def _told(found: dict[str, Any]) -> str:
    places = [node["html"][:200] for node in found["nodes"]]
    return f"{found['id']}: {found['help']}: {places}"
