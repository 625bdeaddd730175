"""How near the texts of statements are: by shared content words, or by vectors of meaning.

Lexical nearness is twice the number of shared content words over the number of both (Dice 1945,
Sørensen 1948), from 0 to 1. Vectors are compared by their cosine, below 0 taken as 0.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from generation.merging.polarity import may_say_the_same
from generation.words import content_words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ROWS_AT_ONCE = 500
ALIKE = 1.0

Found = dict[tuple[int, int], float]


def lexical(texts: Sequence[str], least: float) -> Found:
    """Every two texts that are at least so near; those without content words if they are equal."""
    bags = [set(content_words(text)) or {_flat(text)} for text in texts]
    holding: dict[str, list[int]] = defaultdict(list)
    for number, bag in enumerate(bags):
        for word in bag:
            holding[word].append(number)
    pairs = {pair for numbers in holding.values() for pair in combinations(numbers, 2)}
    return {pair: value for pair in sorted(pairs) if (value := _dice(bags, *pair)) >= least}


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _dice(bags: Sequence[set[str]], one: int, other: int) -> float:
    shared = len(bags[one] & bags[other])
    return 2 * shared / (len(bags[one]) + len(bags[other]))


def of_vectors(vectors: Sequence[Sequence[float]], least: float) -> Found:
    """The same by the cosine of vectors; one without length is near to nothing."""
    # Only vectors need it, and it takes a twentieth of a process' start.
    import numpy as np

    found: Found = {}
    whole = _normal(vectors) if vectors else np.empty((0, 0))
    for start in range(0, len(whole), ROWS_AT_ONCE):
        cosines = whole[start : start + ROWS_AT_ONCE] @ whole.T
        for row, column in np.argwhere(cosines >= least):
            one, other = start + int(row), int(column)
            if one < other:
                found[one, other] = min(float(cosines[row, column]), ALIKE)
    return found


def _normal(vectors: Sequence[Sequence[float]]) -> "npt.NDArray[np.float64]":
    import numpy as np

    whole = np.atleast_2d(np.asarray(vectors, dtype=np.float64))
    lengths = np.linalg.norm(whole, axis=1, keepdims=True)
    normal: npt.NDArray[np.float64]
    normal = np.divide(whole, lengths, out=np.zeros_like(whole), where=lengths > 0)
    return normal


def of_the_same(texts: Sequence[str], found: Found) -> Found:
    """Of the near ones those that may say the same: none where one denies or counts otherwise."""
    return {
        (one, other): value
        for (one, other), value in found.items()
        if may_say_the_same(texts[one], texts[other])
    }
