"""Tokens of Markdown as HTML: ours alone, with nothing of an author's own markup in it."""

from collections.abc import Callable, Iterator, Sequence
from html import escape

from django.utils.translation import gettext as _
from markdown_it.token import Token

from web.markdown.leaves import Leaves
from web.markdown.maths import as_mathml
from web.markdown.placing import Block, Source

DIRECTED = frozenset({"p", "li", "blockquote", "td", "th", "ul", "ol", "table"})
"""Outermost elements that take the direction of their own words.

Those within them have none in the page, for a browser leaves out what has one of its own when it
looks for the direction of a list; the style sheet turns each of their lines by itself.
"""
LONGEST_CODE = 40
"""Lines of code shown at once; more are folded."""
MOST_MATHS = 8_000
"""Characters of mathematics of one text that are converted; what follows stays as written."""
HIGHEST = 3
"""The level of a text's first headings, below those of the page."""
ALIGNED = {f"text-align:{side}": f' class="{side}"' for side in ("left", "center", "right")}
"""How the parser says on which side a column stands → how a page says it, without a style."""


class Formatted:
    """One text on its way to a page. Kept apart from `Leaves`, which know nothing of Markdown."""

    def __init__(self, source: Source, leaves: Leaves) -> None:
        self.source = source
        self.leaves = leaves
        self._heading = HIGHEST - 1
        self._maths = 0
        self._inline: dict[str, Callable[[Block, Token], str]] = {
            "image": self._image,
            "code_inline": self._code,
            "math_inline": self._formula,
            "math_inline_double": self._formula,
            "link_open": self._link,
            "softbreak": lambda block, token: "\n",
            "hardbreak": lambda block, token: "<br>",
        }
        self._blocks: dict[str, Callable[[Token], str]] = {
            "fence": self._fence,
            "math_block": self._math_block,
            "heading_open": self._open_heading,
            "heading_close": lambda token: f"</h{self._heading}>",
            "table_open": lambda token: '<div class="scroll" tabindex="0"><table dir="auto">',
            "table_close": lambda token: "</table></div>",
            "hr": lambda token: "<hr>",
        }

    def blocks(self, tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
        """Each outermost block as HTML, with where in the text it begins."""
        html: list[str] = []
        begin = 0
        for token in tokens:
            begin = self.source.starts[token.map[0]] if token.map and not html else begin
            html.append(self._of(token))
            if token.level == 0 and token.nesting <= 0 and token.type != "inline":
                yield "".join(html), begin
                html.clear()

    def _of(self, token: Token) -> str:
        if token.type == "inline":
            block = self.source.place(token)
            return "".join(self._in_line(block, child) for child in token.children or [])
        if token.hidden:
            return ""
        special = self._blocks.get(token.type)
        return special(token) if special else _tag(token)

    def _in_line(self, block: Block, token: Token) -> str:
        special = self._inline.get(token.type)
        if special:
            return special(block, token)
        if token.nesting:
            return _tag(token)
        return self.leaves.words(token.content, block.offset(token))

    def _code(self, block: Block, token: Token) -> str:
        return f"<code>{self.leaves.words(token.content, block.offset(token))}</code>"

    def _image(self, block: Block, token: Token) -> str:
        """Never fetched: that somebody looked would be told to whoever holds the address."""
        address = escape(str(token.attrs.get("src", "")))
        return f'{escape(token.content)} <span class="address">({address})</span>'

    def _link(self, block: Block, token: Token) -> str:
        return f'<a href="{escape(str(token.attrs.get("href", "")))}">'

    def _formula(self, block: Block, token: Token) -> str:
        return self._converted(token, token.type == "math_inline_double")

    def _math_block(self, token: Token) -> str:
        return f'<div class="formula" tabindex="0">{self._converted(token, True)}</div>'

    def _converted(self, token: Token, is_block: bool) -> str:
        self._maths += len(token.content)
        tex = token.content.strip()
        shown = as_mathml(tex, is_block=is_block) if self._maths <= MOST_MATHS else None
        return shown or f"<code>{escape(tex)}</code>"

    def _open_heading(self, token: Token) -> str:
        """No level is left out, so that the page's outline can be followed by ear."""
        wanted = HIGHEST - 1 + int(token.tag[1:])
        self._heading = min(wanted, self._heading + 1, 6)
        return f'<h{self._heading} dir="auto">'

    def _fence(self, token: Token) -> str:
        first = (token.map or [0])[0] + 1
        lines = token.content.removesuffix("\n").split("\n")
        shown = [
            self.leaves.words(words, self._code_offset(first + number, words))
            for number, words in enumerate(lines)
        ]
        language = token.info.strip()
        title = f'<p class="language">{escape(language)}</p>' if language else ""
        return title + _folded_code(shown)

    def _code_offset(self, line: int, words: str) -> int | None:
        offset = self.source.offset(line, words)
        is_there = offset is not None and self.source.text.startswith(words, offset)
        return offset if is_there else None


def _folded_code(lines: Sequence[str]) -> str:
    if len(lines) <= LONGEST_CODE:
        return _pre(lines)
    rest = _pre(lines[LONGEST_CODE:])
    return _pre(lines[:LONGEST_CODE]) + folded(rest)


def folded(html: str) -> str:
    """What is shown when it is asked for."""
    return f'<details class="rest"><summary>{escape(_("Show all"))}</summary>{html}</details>'


def _pre(lines: Sequence[str]) -> str:
    return '<pre tabindex="0" dir="ltr"><code>' + "\n".join(lines) + "\n</code></pre>"


def _tag(token: Token) -> str:
    if token.nesting < 0:
        return f"</{token.tag}>"
    start = f' start="{int(token.attrs["start"])}"' if "start" in token.attrs else ""
    direction = ' dir="auto"' if token.tag in DIRECTED and not token.level else ""
    side = ALIGNED.get(str(token.attrs.get("style")), "")
    return f"<{token.tag}{start}{side}{direction}>"
