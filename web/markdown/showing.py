"""What people and models wrote, as a page shows it: formatted, harmless, and with its places."""

from collections.abc import Iterable, Iterator, Sequence

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token

from web.markdown.formatted import Formatted, folded
from web.markdown.leaves import Leaves, Mark
from web.markdown.parsing import DEEPEST, parser
from web.markdown.placing import Source

LONGEST = 300_000
"""Code points that are formatted; to format 200,000 takes about a second."""
MOST_LINES = 10_000
MOST_BRACKETS = 5_000
"""Beyond it looking for links takes time that grows with the square of their number."""
SHOWN_AT_ONCE = 12_000
"""Code points after which the rest of a text is folded."""
LONGEST_BLOCK = 40_000
"""Code points of one list, table or paragraph: it cannot be folded but as it was written."""

ELEMENTS = (
    "a blockquote br code del details div em h3 h4 h5 h6 hr li mark ol p pre s span strong summary"
    " table tbody td th thead tr ul"
)
FORMULAS = (
    "math mrow mi mo mn mtext mspace mfrac msup msub msubsup msqrt mroot mover munder munderover"
    " mtable mtr mtd mstyle mpadded mphantom menclose mmultiscripts"
)
DIRECTED = ("p", "li", "h3", "h4", "h5", "h6", "blockquote", "td", "th", "ul", "ol", "table", "pre")
ATTRIBUTES = {
    **{tag: {"dir"} for tag in DIRECTED},
    "a": {"href"},
    "ol": {"start", "dir"},
    "mark": {"id", "data-evidence"},
    "span": {"data-at"},
    "pre": {"tabindex", "dir"},
    "div": {"tabindex"},
    "math": {"display"},
    "mtable": {"columnalign"},
    "mo": {"stretchy", "fence"},
    "mi": {"mathvariant"},
    "mover": {"accent"},
}
CLASSES = {
    "div": {"scroll", "formula"},
    "p": {"language"},
    "details": {"rest"},
    "span": {"address"},
    "td": {"left", "center", "right"},
    "th": {"left", "center", "right"},
}
CLEANER = nh3.Cleaner(
    tags={*ELEMENTS.split(), *FORMULAS.split()},
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
"""What may reach a page, whatever was written: a second wall behind the parser's own escaping."""


def shown(
    text: str,
    *,
    marks: Sequence[Mark] = (),
    has_places: bool = False,
    anchored: set[int] | None = None,
) -> SafeString:
    """The text as HTML: Markdown, code, tables and mathematics.

    Marks are exact: a text in which one cannot be shown to the letter, and one that is too long or
    too deep to be formatted, comes as it was written. With `has_places` every run of words says in
    `data-at` where it begins, in code points of `text`. `anchored` are the numbers of marks that
    have their anchor already, and is added to.
    """
    known = anchored if anchored is not None else set()
    leaves = Leaves(text, marks, has_places, set(known))
    html = _formatted(text, leaves)
    if html is None or leaves.miss_marked():
        leaves = Leaves(text, marks, has_places, set(known))
        html = _together(_as_written(Source(text), leaves))
    known |= leaves.anchored
    return mark_safe(CLEANER.clean(html))  # noqa: S308 - cleaned by the line itself


def _formatted(text: str, leaves: Leaves) -> str | None:
    is_long = len(text) > LONGEST or text.count("\n") > MOST_LINES
    if is_long or text.count("[") > MOST_BRACKETS:
        return None
    tokens = parser().parse(text)
    source = Source(text)
    if any(token.level >= DEEPEST - 1 or _is_endless(token, source) for token in tokens):
        return None
    return _together(Formatted(source, leaves).blocks(tokens))


def _is_endless(token: Token, source: Source) -> bool:
    """Whether an outermost block other than code, which folds by itself, is too long to fold."""
    if token.level or token.map is None or token.type == "fence":
        return False
    begin, after = token.map
    end = source.starts[after] if after < len(source.starts) else len(source.text)
    return end - source.starts[begin] > LONGEST_BLOCK


def _as_written(source: Source, leaves: Leaves) -> Iterator[tuple[str, int]]:
    """Its lines in paragraphs that are short enough to fold.

    Not one per paragraph of its own: a browser needs seconds for thirty thousand of them.
    """
    lines: list[tuple[int, str]] = []
    for offset, words, goes_on in _lines(source):
        if lines and (goes_on or offset - lines[0][0] >= SHOWN_AT_ONCE):
            yield _paragraph(lines, leaves), lines[0][0]
            lines = []
        if lines or words.strip():
            lines.append((offset, words))
    if lines:
        yield _paragraph(lines, leaves), lines[0][0]


def _paragraph(lines: Sequence[tuple[int, str]], leaves: Leaves) -> str:
    """Lines that one line feed parts are one run of words: a browser counts it as one character."""
    runs: list[tuple[int, int]] = []
    for offset, words in lines:
        end = offset + len(words)
        is_next = runs and leaves.text[runs[-1][1] : offset] == "\n"
        runs[-1:] = [(runs[-1][0], end)] if is_next else [*runs[-1:], (offset, end)]
    shown_runs = (leaves.words(leaves.text[start:end], start) for start, end in runs)
    return '<p dir="auto">' + "\n".join(shown_runs) + "</p>"


def _lines(source: Source) -> Iterator[tuple[int, str, bool]]:
    """Where each line begins, its words, and whether it goes on with a line that nobody could fold.

    Such a line comes in pieces, cut between words.
    """
    for start, line in zip(source.starts, source.lines, strict=True):
        at = 0
        while len(line) - at > SHOWN_AT_ONCE:
            cut = line.rfind(" ", at, at + SHOWN_AT_ONCE) + 1
            cut = cut if cut > at else at + SHOWN_AT_ONCE
            yield start + at, line[at:cut], at > 0
            at = cut
        yield start + at, line[at:], at > 0


def _together(blocks: Iterable[tuple[str, int]]) -> str:
    """Blocks of HTML, each with where in the text it begins."""
    at_once: list[str] = []
    rest: list[str] = []
    for html, offset in blocks:
        is_first = not at_once or offset < SHOWN_AT_ONCE
        (at_once if is_first and not rest else rest).append(html)
    return "".join(at_once) + (folded("".join(rest)) if rest else "")
