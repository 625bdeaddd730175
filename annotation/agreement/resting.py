"""What figures rest on: so many items, and so many judgments of them.

A rater's judgment of an item is one here, however often it was asked for: in both orders, and in
several samples.
"""

from collections.abc import Iterable

import numpy as np

from annotation.agreement.cells import WRONG_CODE, Cells
from annotation.agreement.chance import Codes
from annotation.agreement.pairs import Pair
from annotation.agreement.panel import Row


def met(unit: Codes) -> Row:
    """Of judgments by the items they are of: those of items that have two or more."""
    sizes = np.bincount(unit)
    several = sizes[sizes > 1]
    return {"items": len(several), "judgments": int(several.sum())}


def met_in(cells: Cells, raters: Codes, pairs: Iterable[Pair]) -> Row:
    """Those that another of the same pairs met: an item that one rater of them has judged alone
    tells nothing of agreement. `raters[view]` is a view's rater, -1 to leave out."""
    from scipy.sparse import csr_array

    votes = cells.votes
    counted = votes.where((votes.label != WRONG_CODE) & (raters[votes.view] >= 0))
    size = int(raters.max(initial=-1)) + 1
    shape = (len(cells.units), size)
    ones = np.ones(len(counted.unit), np.int64)
    answered = csr_array((ones, (counted.unit, raters[counted.view])), shape=shape)
    answered.data[:] = 1
    ends = np.array([(pair.a, pair.b) for pair in pairs], np.intp).reshape(-1, 2).T
    both = np.concatenate([ends, ends[::-1]], axis=1)
    partners = csr_array((np.ones(both.shape[1], np.int64), (both[0], both[1])), shape=(size, size))
    there = answered.multiply(answered @ partners)
    there.eliminate_zeros()
    return {"items": len(np.unique(there.nonzero()[0])), "judgments": int(there.count_nonzero())}
