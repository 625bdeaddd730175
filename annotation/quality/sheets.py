"""What raters did, as arrays: their answers to each question, and their visits. No Django here."""

from dataclasses import dataclass, replace

import numpy as np

from annotation.quality.table import AnswerTable, Codes, Floats, Truths

MAIN, GOLD, CHECK, REPEAT, PRACTICE = range(5)
"""Practice is gold that teaches: it is told afterwards what was right, and measures nobody."""
PURPOSES = ("main", "gold", "check", "repeat")
NOT_EXPECTED = -1


@dataclass(frozen=True)
class Sheet:
    """Answers to one question; entry i belongs to judgment `judgment[i]`, in the order given."""

    name: str
    """Stage and question: `response/preference`."""
    table: AnswerTable
    shown: Codes
    """The labels in terms of the sides shown."""
    side: Codes
    """1 where the side shown first is favoured, -1 the other, 0 neither or no comparison."""
    judgment: Codes
    purpose: Codes
    expected: Codes
    """The label that is right, of several the one that was given, or `NOT_EXPECTED`."""
    has_several: Truths
    """Where several labels are right."""
    is_compared: Truths
    """Given by somebody who is asked the same as others: no owner speaking of themselves."""
    is_added: Truths
    """Asked because other answers disagreed."""

    def where(self, mask: Truths) -> "Sheet":
        """A part of the answers, under the same codes."""
        return replace(
            self,
            table=self.table.where(mask),
            shown=self.shown[mask],
            side=self.side[mask],
            judgment=self.judgment[mask],
            purpose=self.purpose[mask],
            expected=self.expected[mask],
            has_several=self.has_several[mask],
            is_compared=self.is_compared[mask],
            is_added=self.is_added[mask],
        )

    def fair(self) -> "Sheet":
        """What was asked of everybody alike: whoever is asked more about what is disputed agrees
        less, with others and with themselves, however careful they are."""
        return self.where(~self.is_added)

    def main(self) -> Truths:
        """Answers that decide something."""
        return np.asarray(self.purpose == MAIN)


@dataclass(frozen=True)
class Visits:
    """Entry j is judgment j: how long somebody looked, and at how much."""

    rater: Codes
    words: Floats
    """Shown; of a context with several items each has its part."""
    seconds: Floats
    """With attention; NaN where nobody measured. So with the other two."""
    idle: Floats
    pasted: Floats


@dataclass(frozen=True)
class Skipping:
    """By rater, tasks passed on: of tasks of purpose main, and of gold and checks; of how many."""

    main: Floats
    known: Floats
    of_main: Floats
    of_known: Floats


@dataclass(frozen=True)
class Record:
    """All that is known of the raters of a study."""

    raters: int
    sheets: tuple[Sheet, ...]
    visits: Visits
    attempts: Floats
    """By rater, attempts at the comprehension check; NaN where there was none."""
    skipping: Skipping | None = None
    """None where nobody counted."""

    def without(self, raters: list[int]) -> "Record":
        """The same less what these raters answered; how they worked stays."""
        sheets = (sheet.where(~np.isin(sheet.table.rater, raters)) for sheet in self.sheets)
        return replace(self, sheets=tuple(sheets))


@dataclass(frozen=True)
class Measure:
    """One signal about every rater."""

    name: str
    question: str
    """Empty where it is about no single question."""
    value: Floats
    """By rater; NaN where nothing can be said."""
    n: Floats
    """By rater, on how much it rests."""
    level: Floats
    """By rater: 0 is nothing remarkable, from 1 it is a flag, 3 is the most."""
    evidence: Codes
    """Judgments behind it, of all raters."""
    limit: float
    partner: Codes | None = None
    """By rater the rater it is shared with, or -1."""


def nowhere() -> Codes:
    """No judgments."""
    return np.empty(0, dtype=np.int64)
