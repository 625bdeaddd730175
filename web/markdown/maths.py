"""TeX as MathML, which browsers show without a script; what cannot be read stays as written."""

from html import unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml import exceptions
from latex2mathml.converter import convert_to_element

LONGEST = 2_000
"""Characters of one formula: to convert one takes about 60 microseconds per character."""
KEPT = frozenset({"display", "mathvariant", "stretchy", "columnalign", "accent", "fence"})
"""Attributes that a formula may have: none that links, names or styles anything."""
UNREADABLE: tuple[type[Exception], ...] = (
    *(kind for kind in vars(exceptions).values() if isinstance(kind, type)),
    *(RecursionError, LookupError, ValueError, TypeError, AttributeError, StopIteration),
)
"""What the converter raises: kinds of its own without a base, and Python's where it is misled."""


def as_mathml(tex: str, *, is_block: bool) -> str | None:
    """The formula as a `math` element; None if it is too long or no TeX that we know."""
    if len(tex) > LONGEST:
        return None
    try:
        element = convert_to_element(tex, display="block" if is_block else "inline")
    except UNREADABLE:
        return None
    for part in element.iter():
        _clean(part)
    return tostring(element, encoding="unicode", short_empty_elements=False)


def _clean(part: Element) -> None:
    # The converter writes its signs as references, to be taken as markup; as text they are text.
    part.text = unescape(part.text or "")
    for name in [name for name in part.attrib if name not in KEPT]:
        del part.attrib[name]
