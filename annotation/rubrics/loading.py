"""The rubrics that a study gets unless it writes its own."""

from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "defaults"
DEFAULTS = ("extraction", "missing", "relevance", "response")


def load_default(name: str) -> dict[str, Any]:
    """The document of a stage's rubric, or of `missing`, which is asked once per conversation.

    A fresh copy each time, to be changed at will and given to `parse_rubric`.
    """
    if name not in DEFAULTS:
        raise ValueError(f"there is no default rubric {name!r}, only {', '.join(DEFAULTS)}")
    document: dict[str, Any] = deepcopy(_read(name))
    return document


@lru_cache
def _read(name: str) -> Any:
    # Most processes read no document as text.
    from studies.yaml_text import read_yaml

    return read_yaml((FOLDER / f"{name}.yaml").read_text("utf-8"))[0]
