"""Sheets of answers as a test writes them."""

from collections.abc import Sequence

import numpy as np

from annotation.quality.sheets import GOLD, MAIN, NOT_EXPECTED, REPEAT, Record, Sheet, Visits
from annotation.quality.table import AnswerTable

Said = tuple[int, int, int]
"""Rater, unit, label."""


def sheet(
    main: Sequence[Said],
    *,
    gold: Sequence[tuple[Said, int]] = (),
    repeats: Sequence[Said] = (),
    side: Sequence[int] | None = None,
    labels: int = 3,
    several: Sequence[int] = (),
    added: Sequence[int] = (),
) -> Sheet:
    """Answers in the order of time: those that decide, gold with what is right, repeats.

    `several` are units about which several answers are right, `added` the numbers of those of the
    answers that were asked for because others disagreed.
    """
    rows = [*main, *(said for said, _right in gold), *repeats]
    rater, unit, label = (np.array(column) for column in zip(*rows, strict=True))
    purpose = [MAIN] * len(main) + [GOLD] * len(gold) + [REPEAT] * len(repeats)
    expected = [NOT_EXPECTED] * len(main) + [right for _said, right in gold]
    expected += [NOT_EXPECTED] * len(repeats)
    return Sheet(
        name="response/preference",
        table=AnswerTable(unit, rater, label, int(unit.max()) + 1, int(rater.max()) + 1, labels),
        shown=label,
        side=np.array(side if side is not None else [0] * len(rows)),
        judgment=np.arange(len(rows)),
        purpose=np.array(purpose),
        expected=np.array(expected),
        has_several=np.isin(unit, several),
        is_compared=np.ones(len(rows), dtype=bool),
        is_added=np.isin(np.arange(len(rows)), added),
    )


def record(
    own: Sheet,
    *,
    words: float = 240,
    seconds: Sequence[float] = (),
    idle: Sequence[float] = (),
    pasted: Sequence[float] = (),
    attempts: Sequence[float] = (),
) -> Record:
    """A record of one sheet; what is not given nobody measured."""
    count, raters = len(own.table), own.table.raters
    nothing = np.full(count, np.nan)
    visits = Visits(
        rater=own.table.rater,
        words=np.full(count, words),
        seconds=np.array(seconds) if len(seconds) else nothing,
        idle=np.array(idle) if len(idle) else nothing,
        pasted=np.array(pasted) if len(pasted) else nothing,
    )
    tried = np.array(attempts) if len(attempts) else np.full(raters, np.nan)
    return Record(raters, (own,), visits, tried)
