"""A reply in the memory of the process that reads it: its text so far, and who listens."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from work.claims import Claim


class Live:
    """One reply that is coming in, or the copy of one that another process reads."""

    def __init__(self, reply: UUID) -> None:
        self.reply = reply
        self.claim: Claim | None = None
        """Set while this process reads it and may be told to stop."""
        self.task: asyncio.Task[None] | None = None
        self.stopped_at: int | None = None
        self.is_gone = False
        self.is_over = False
        self.sequence = 0
        """Of the next stored piece."""
        self.kept_at = float("-inf")
        """When its last piece was stored, by the event loop's clock."""
        self.listeners: set[Listener] = set()
        self._pieces: list[str] = []
        self._ends: list[int] = []
        self._kept = 0

    @property
    def text(self) -> str:
        """All that came."""
        return "".join(self._pieces)

    @property
    def length(self) -> int:
        """Characters that came."""
        return self._ends[-1] if self._ends else 0

    def add(self, piece: str) -> None:
        """One more piece; whoever listens is woken."""
        self._pieces.append(piece)
        self._ends.append(self.length + len(piece))
        for listener in self.listeners:
            listener.wake.set()

    def end(self) -> None:
        """Nothing more comes, and what it became is stored."""
        self.is_over = True
        for listener in self.listeners:
            listener.wake.set()

    def after(self, offset: int) -> str:
        """What came after so many characters."""
        if offset >= self.length:
            return ""
        first = bisect_right(self._ends, offset)
        start = self._ends[first] - len(self._pieces[first])
        return "".join(self._pieces[first:])[offset - start :]

    def unkept(self) -> tuple[str, int]:
        """What was not stored yet, and how many pieces it is."""
        return "".join(self._pieces[self._kept :]), len(self._pieces)

    def mark_kept(self, count: int, now: float) -> None:
        """So many pieces are stored."""
        self._kept, self.kept_at = count, now
        self.sequence += 1


@dataclass(frozen=True)
class News:
    """What came of the reply in one lane."""

    lane: int
    text: str


class Listener:
    """Somebody's open page: follows the replies of one exchange from where it left off."""

    def __init__(self, lives: Sequence[Live], offsets: Sequence[int]) -> None:
        self.wake = asyncio.Event()
        self.lives = list(lives)
        self.offsets = [*offsets, *([0] * len(self.lives))][: len(self.lives)]

    def __enter__(self) -> "Listener":
        for live in self.lives:
            live.listeners.add(self)
        return self

    def __exit__(self, *_error: object) -> None:
        for live in self.lives:
            live.listeners.discard(self)

    @property
    def is_over(self) -> bool:
        """Has every reply come to its end?"""
        return all(live.is_over for live in self.lives)

    def news(self) -> Iterator[News]:
        """What came since the last time."""
        for lane, live in enumerate(self.lives):
            text = live.after(self.offsets[lane])
            if text:
                self.offsets[lane] += len(text)
                yield News(lane, text)
