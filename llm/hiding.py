"""Our key in what a server says: some repeat it when they refuse it, or in a model's words.

Local servers take any word as a key, so a short one is left alone: it may be a word of theirs.
"""

import re

HIDDEN = "[key]"
SHORTEST_HIDDEN = 8
"""Characters of a key that is looked for in errors."""
SHORTEST_SECRET = 20
"""Of one that is looked for in answers too: a model does not say it by chance."""


def without(key: str, text: str, status: int) -> str:
    """The text of an answer or an error, by its status, without the key."""
    shortest = SHORTEST_HIDDEN if status >= 400 else SHORTEST_SECRET
    return re.sub(_spelled(key), HIDDEN, text) if len(key) >= shortest else text


def _spelled(key: str) -> str:
    """A pattern of the key in every way in which JSON may spell it."""
    return "".join(map(_character, key))


def _character(one: str) -> str:
    escaped = rf"\\u(?i:{ord(one):04x})"
    return rf"(?:\\?{re.escape(one)}|{escaped})"


class Veil:
    """Hides a key in the text of an answer that comes in pieces, wherever they break.

    Only what may be the key's beginning is held back until more has come.
    """

    def __init__(self, key: str = "") -> None:
        self._key = key if len(key) >= SHORTEST_SECRET else ""
        self._held = ""

    def over(self, text: str) -> str:
        """A whole text without the key."""
        return text.replace(self._key, HIDDEN) if self._key else text

    def passed(self, piece: str) -> str:
        """What may be shown now of all that came."""
        if not self._key:
            return piece
        text = self.over(self._held + piece)
        begins = self._beginning_in(text)
        self._held = text[begins:]
        return text[:begins]

    def rest(self) -> str:
        """What was held back, when nothing more comes; a part that is long enough is hidden too."""
        rest, self._held = self._held, ""
        return HIDDEN if len(rest) >= SHORTEST_HIDDEN else rest

    def _beginning_in(self, text: str) -> int:
        """Where at the end of the text the key may begin; its length if it does not."""
        begins = text.find(self._key[0], max(0, len(text) - len(self._key) + 1))
        while begins >= 0 and not self._key.startswith(text[begins:]):
            begins = text.find(self._key[0], begins + 1)
        return begins if begins >= 0 else len(text)
