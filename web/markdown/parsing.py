"""Markdown as tokens that know where in the text they stand."""

from functools import lru_cache
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

DEEPEST = 60
"""Levels of quotations and lists in one another; a text with more is shown as it was written."""
AT = "at"
"""In a token's `meta`: where its own text begins, in characters of its block's content."""
BRACKETS = {"\\(": "\\)", "\\[": "\\]"}


class PlacedState(StateInline):
    """A block's text being read; each token keeps where it began."""

    _begins = 0

    def append_pending(self, text: str) -> None:
        if not (self._pending or self._pending_buffer):
            self._begins = self.pos
        super().append_pending(text)

    def pushPending(self) -> Token:  # noqa: N802 - the library's name
        token = super().pushPending()
        token.meta = {AT: self._begins}
        return token

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        before = self.tokens[-1] if self.tokens and not self.pending else None
        token = super().push(ttype, tag, nesting)
        at = self.pos
        # Each marker of a run such as ** is a token of its own, pushed from where the run begins.
        if before and ttype == before.type == "text" and before.meta.get(AT, -1) >= at:
            at = before.meta[AT] + len(before.content)
        token.meta = {AT: at}
        return token


class PlacedInline(ParserInline):
    """The reader of a block's text."""

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = PlacedState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class Markdown(MarkdownIt):
    """Markdown in which a link leads to an address of the web, or is left as it was written."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return url.lower().startswith(("https://", "http://", "mailto:"))


@lru_cache
def parser() -> MarkdownIt:
    """What people and models write: no HTML, no bare indentation as code, no hidden references."""
    markdown = Markdown("default", {"html": False, "maxNesting": DEEPEST})
    inline = PlacedInline()
    inline.ruler, inline.ruler2 = markdown.inline.ruler, markdown.inline.ruler2
    markdown.inline = inline
    markdown.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    inline.ruler.before("escape", "bracketed", _bracketed)
    # A reference's definition would vanish from the page; joined tokens would lose their place.
    return markdown.disable(["code", "reference", "html_block", "html_inline"]).disable(
        ["text_join", "fragments_join", "linkify", "replacements", "smartquotes"]
    )


def _bracketed(state: StateInline, silent: bool) -> bool:
    r"""Mathematics between \( and \), or between \[ and \]."""
    closing = BRACKETS.get(state.src[state.pos : state.pos + 2])
    # Where it closes last is looked up once per block: to look at every opening is quadratic.
    if not closing or state.html_terminator_last(closing) <= state.pos:
        return False
    end = state.src.find(closing, state.pos + 2)
    if end < 0 or not state.src[state.pos + 2 : end].strip():
        return False
    if not silent:
        kind = "math_inline" if closing == "\\)" else "math_inline_double"
        token = state.push(kind, "math", 0)
        token.content = state.src[state.pos + 2 : end]
        token.markup = state.src[state.pos : state.pos + 2]
    state.pos = end + 2
    return True
