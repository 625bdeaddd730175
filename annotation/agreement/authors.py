"""How much of what each author proposed the reference confirms."""

import numpy as np

from annotation.agreement.figures import NO_POSITIVE, Undefined
from annotation.agreement.panel import Panel, Row
from annotation.agreement.raters import positive_codes
from annotation.agreement.reference import Reference
from annotation.agreement.resampled.raters import shares
from annotation.agreement.units import facts_of

NOT_JUDGED = Undefined("no statement of it has a reference")


def author_rows(panel: Panel, reference: Reference) -> list[Row]:
    """Per author of what is judged: the share that the reference counts as "yes", its precision."""
    authors = [facts_of(panel.facts, unit).author for unit in panel.cells.units]
    names = sorted({author for author in authors if author})
    place = {author: number for number, author in enumerate(names)}
    figure = np.array([place.get(author, -1) for author in authors], np.intp)
    known = np.flatnonzero((reference.labels >= 0) & (figure >= 0))
    yes = np.isin(reference.labels, positive_codes(panel.question, panel.cells)).astype(float)
    found = shares(panel.draws, known, figure[known], yes[known], len(names)) if names else []
    rows = []
    for number, name in enumerate(names):
        mine = known[figure[known] == number]
        value = NO_POSITIVE if not panel.question.positive else NOT_JUDGED
        figure_of = float(yes[mine].mean()) if len(mine) and panel.question.positive else value
        row: Row = {"author": name, "n": len(mine)}
        row["precision"] = panel.gaps.number("precision", figure_of, of=name)
        row["intervals"] = panel.intervals(row, {"precision": found[number]}, of=name)
        rows.append(row)
    return rows
