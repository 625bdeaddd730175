"""Groups of statements in which every two are near: agglomerative clustering, complete linkage.

The two nearest groups are joined as long as their two farthest members are at least as near as the
threshold (Sørensen 1948). Ties go to the groups that come first, so that the result depends on the
statements alone.
"""

import heapq
from collections.abc import Mapping

Likeness = Mapping[tuple[int, int], float]
"""By the numbers of two statements, the smaller first: how near they are; left out: not at all."""

Neighbours = dict[int, dict[int, float]]
Heap = list[tuple[float, int, int]]


def clusters(count: int, likeness: Likeness, threshold: float) -> list[list[int]]:
    """Each of so many statements in one group; groups and members in order."""
    groups = {number: [number] for number in range(count)}
    near: Neighbours = {number: {} for number in range(count)}
    heap: Heap = []
    for (one, other), value in likeness.items():
        if value >= threshold:
            near[one][other] = near[other][one] = value
            heapq.heappush(heap, (-value, one, other))
    while heap:
        value, one, other = heapq.heappop(heap)
        if near.get(one, {}).get(other) == -value:
            _join(one, other, groups, near, heap)
    return [sorted(members) for _, members in sorted(groups.items())]


def _join(one: int, other: int, groups: dict[int, list[int]], near: Neighbours, heap: Heap) -> None:
    """Put the second group into the first; what is near to both stays so, as far as the farther."""
    groups[one] += groups.pop(other)
    mine, its = near[one], near.pop(other)
    near[one] = {}
    for third in {*mine, *its} - {one, other}:
        near[third].pop(other, None)
        near[third].pop(one, None)
        if third in mine and third in its:
            value = min(mine[third], its[third])
            near[one][third] = near[third][one] = value
            heapq.heappush(heap, (-value, min(one, third), max(one, third)))
