"""Ranking texts by a query: by their words, by vectors of what they mean, or by both.

BM25 is that of Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
2009, over the content words of any script. Rankings are joined by reciprocal rank fusion (Cormack,
Clarke & Büttcher, SIGIR 2009).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

from generation.words import content_words

K1 = 1.2
B = 0.75
BAGS_KEPT = 512
FUSION = 60
"""The constant of the fusion, as its authors set it."""


def bm25(query: str, documents: Sequence[str]) -> list[float]:
    """Each document's score, 0 where it shares no content word with the query; never negative."""
    bags = [_bag(document) for document in documents]
    mean = sum(sum(bag.values()) for bag in bags) / len(bags) if bags else 0.0
    weights = {
        word: _weight(len(bags), sum(word in bag for bag in bags))
        for word in set(content_words(query))
    }
    return [_score(bag, weights, mean) for bag in bags]


@lru_cache(maxsize=BAGS_KEPT)
def _bag(document: str) -> Counter[str]:
    """Its content words, counted; the same documents are looked among for many queries."""
    return Counter(content_words(document))


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


def cosines(query: Sequence[float], documents: Sequence[Sequence[float]]) -> list[float]:
    """The cosine of each document's vector with the query's, 0 where one has no length.

    Raises ValueError for vectors of different dimensions.
    """
    return [_cosine(query, document) for document in documents]


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    product = sum(left * right for left, right in zip(one, other, strict=True))
    lengths = math.hypot(*one) * math.hypot(*other)
    return product / lengths if lengths else 0.0


def best_by(scores: Sequence[float]) -> list[int]:
    """The places of all scores, the highest first; equals in the order they have."""
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def fused(rankings: Sequence[Sequence[int]]) -> list[int]:
    """The places that occur in any of the rankings, by the sum of 1 / (60 + rank); equals by place.

    A place that a ranking leaves out gets nothing from it.
    """
    sums: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, place in enumerate(ranking, 1):
            sums[place] += 1 / (FUSION + rank)
    return sorted(sums, key=lambda place: (-sums[place], place))
