"""From a token of Markdown back to the very characters of the text that it shows."""

import re
from bisect import bisect_right
from itertools import accumulate

from markdown_it.token import Token

from web.markdown.parsing import AT

BREAK = re.compile("\r\n?|\n")


class Source:
    """A text as it is stored, read line by line as the parser sees it.

    Offsets are code points of the stored text; the parser knows no carriage returns, so a line's
    own offset is looked up and never counted on.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = BREAK.split(text)
        ends = [match.end() for match in BREAK.finditer(text)]
        self.starts = [0, *ends]
        self._cell: tuple[int, int] = (-1, 0)

    def offset(self, line: int, words: str) -> int | None:
        """Where the last `words` of a line begin; None if it does not end with them."""
        if line >= len(self.lines):
            return None
        whole = self.lines[line].rstrip(" \t")
        ending = words.rstrip(" \t")
        return self.starts[line] + len(whole) - len(ending) if whole.endswith(ending) else None

    def line_at(self, offset: int) -> int:
        """The number of the line, from 0, in which an offset lies."""
        return bisect_right(self.starts, offset) - 1

    def place(self, block: Token) -> "Block":
        """Where the lines of a block's content stand."""
        first, after = block.map or (0, 0)
        lines = block.content.split("\n")
        if after - first == 1:
            return Block(self, block.content, [self._inside(first, block.content)])
        found = [self.offset(first + number, words) for number, words in enumerate(lines)]
        return Block(self, block.content, found)

    def _inside(self, line: int, words: str) -> int | None:
        """Where a heading or the next cell of a row stands in its line."""
        known, begin = self._cell
        begin = begin if known == line else 0
        at = self.lines[line].find(words, begin) if line < len(self.lines) else -1
        if at < 0:
            return None
        self._cell = (line, at + len(words))
        return self.starts[line] + at


class Block:
    """The content of one block, line by line, with where each line stands in the text."""

    def __init__(self, source: Source, content: str, found: list[int | None]) -> None:
        self.source = source
        self.content = content
        self.found = found
        lengths = [len(words) + 1 for words in content.split("\n")]
        self.starts = [0, *accumulate(lengths)]

    def offset(self, token: Token) -> int | None:
        """Where in the stored text a token's own words begin; None if they are not there as such.

        Certain: the words are compared with the text at the place found.
        """
        at = self._begin(token)
        line = bisect_right(self.starts, at) - 1
        start = self.found[line] if 0 <= line < len(self.found) else None
        if start is None:
            return None
        offset = start + at - self.starts[line]
        words = token.content
        return offset if self.source.text[offset : offset + len(words)] == words else None

    def _begin(self, token: Token) -> int:
        at = int(token.meta.get(AT, -1))
        if token.type == "text_special":
            return at + len(token.markup) - len(token.content)
        if token.type == "code_inline":
            begin = at + len(token.markup)
            return begin + (self.content[begin : begin + len(token.content)] != token.content)
        return at
