"""Ranking texts by a query with BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework:
BM25 and Beyond", 2009), over the content words of any script."""

import math
from collections import Counter
from collections.abc import Sequence

from generation.words import content_words

K1 = 1.2
B = 0.75


def bm25(query: str, documents: Sequence[str]) -> list[float]:
    """Each document's score, 0 where it shares no content word with the query; never negative."""
    bags = [Counter(content_words(document)) for document in documents]
    mean = sum(sum(bag.values()) for bag in bags) / len(bags) if bags else 0.0
    weights = {
        word: _weight(len(bags), sum(word in bag for bag in bags))
        for word in set(content_words(query))
    }
    return [_score(bag, weights, mean) for bag in bags]


def _weight(documents: int, holding: int) -> float:
    """Inverse document frequency in the form that stays positive."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


def _score(bag: Counter[str], weights: dict[str, float], mean: float) -> float:
    length = sum(bag.values())
    dampened = K1 * (1 - B + B * length / mean) if mean else K1
    return sum(
        weight * bag[word] * (K1 + 1) / (bag[word] + dampened)
        for word, weight in weights.items()
        if bag[word]
    )
