"""Two ways of using a page: with a finger on a phone, and with the keyboard alone."""

from typing import Protocol

from playwright.sync_api import ElementHandle, Locator, Page

MOST_TABS = 400
FOCUSED = "(element) => document.activeElement === element"


class Hands(Protocol):
    """What a person does to a page."""

    page: Page

    def press(self, wanted: Locator) -> None:
        """A button, link, box or disclosure."""

    def write(self, wanted: Locator, text: str) -> None:
        """A text into an empty field."""


class Finger:
    """Taps."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, wanted: Locator) -> None:
        """Tap it."""
        wanted.tap()

    def write(self, wanted: Locator, text: str) -> None:
        """Tap the field, and type."""
        wanted.tap()
        wanted.press_sequentially(text)


class Keyboard:
    """Tab, Enter, Space and letters; what Tab does not reach can't be used."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, wanted: Locator) -> None:
        """Go there, then the key that the kind of element listens to."""
        self._reach(wanted)
        is_link = wanted.evaluate("(element) => element.tagName === 'A'")
        self.page.keyboard.press("Enter" if is_link else "Space")

    def write(self, wanted: Locator, text: str) -> None:
        """Go there, and type."""
        self._reach(wanted)
        self.page.keyboard.type(text)

    def _reach(self, wanted: Locator) -> None:
        element = wanted.element_handle()
        for _step in range(MOST_TABS):
            if self.page.evaluate(FOCUSED, element):
                return
            if self._is_in_same_group(element):
                self.page.keyboard.press("ArrowDown")
            else:
                self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {wanted}")

    def _is_in_same_group(self, element: ElementHandle) -> bool:
        """Between radio buttons of one name one goes with the arrows."""
        return bool(
            self.page.evaluate(
                """(wanted) => {
                    const here = document.activeElement;
                    return wanted.type === "radio" && here?.type === "radio"
                        && here.name === wanted.name && here !== wanted;
                }""",
                element,
            )
        )
