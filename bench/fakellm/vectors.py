"""Vectors of texts without a model: their words' hashed counts, of unit length."""

import math
import re
import zlib
from collections import Counter

DIMENSIONS = 256
WORD = re.compile(r"\w+")


def vector_of(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """The same for the same text on every machine; a text without words points nowhere special.

    Each word and each of its four-letter beginnings counts, so that inflected forms come near
    ("feature hashing", Weinberger et al., ICML 2009, with signs by a second bit of the hash).
    """
    counts: Counter[int] = Counter()
    for word in WORD.findall(text.lower()):
        for part in {word, word[:4]}:
            hashed = zlib.crc32(part.encode())
            counts[hashed // 2 % dimensions] += 1 if hashed % 2 else -1
    length = math.sqrt(sum(count * count for count in counts.values()))
    if not length:
        return [1.0, *([0.0] * (dimensions - 1))]
    return [counts[place] / length for place in range(dimensions)]
