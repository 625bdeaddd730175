"""When something is asked beside a rater's tasks: gold, attention checks and repeats."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.choices import Purpose, Role
from annotation.models import Rater
from annotation.ranks import draw

BESIDE = (Purpose.GOLD, Purpose.CHECK, Purpose.REPEAT)
"""Purposes of tasks whose places are made for one rater and never count for N."""
KEYS = {"gold": Purpose.GOLD, "checks": Purpose.CHECK, "repeats": Purpose.REPEAT}
"""Keys of a stage's section, in the order in which they are looked at."""
REPEATED_AFTER = 5
"""Tasks that lie between the two times, unless the study says otherwise."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one of them comes."""

    purpose: Purpose
    every: int | None
    practice: int = 0

    def is_due(self, *, given: int, done: int, seed: int, rater: Rater) -> bool:
        """Once in each stretch of `every` tasks, at a point drawn from the stage's seed.

        `given` is how many of its kind the rater was given before, `done` how many tasks of purpose
        main they have done. The same rater at the same point is always given the same.
        """
        if given < self.practice:
            return True
        if self.every is None:
            return False
        return done >= self._point(given - self.practice, seed, rater)

    def still_due(self, *, given: int, done: int, seed: int, rater: Rater) -> int:
        """How many more there are to be until they have done so many tasks of purpose main."""
        more = given
        while self.is_due(given=more, done=done, seed=seed, rater=rater):
            more += 1
        return more - given

    def _point(self, stretch: int, seed: int, rater: Rater) -> int:
        """After how many tasks the one of this stretch comes."""
        assert self.every
        return stretch * self.every + draw(seed, self.purpose, rater.ref, stretch) % self.every


def paces_of(section: Mapping[str, Any], role: str) -> list[Pace]:
    """What a stage asks beside; owners know all answers, so that nothing is gold to them."""
    return [
        Pace(purpose, section[key].get("every"), section[key].get("practice", 0))
        for key, purpose in KEYS.items()
        if section.get(key) and (role != Role.OWNER or purpose == Purpose.REPEAT)
    ]
