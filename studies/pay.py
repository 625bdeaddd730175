"""What a study pays for its parts, and what that comes to per hour of people's real time."""

from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic import ValidationError as ShapeError

from studies.document import sentence_of
from studies.lookups import among
from studies.models import Part, Participant, Study
from studies.parts import ORDER, Progress, measured_parts
from studies.survey import Fault

CENT = Decimal("0.01")
LONGEST_SITTING = 3600
"""Seconds of one page that count at most: a page left open overnight is not work."""


def _is_part(name: str) -> str:
    if name not in ORDER:
        raise ValueError(f"there is no part “{name}”; there are {', '.join(ORDER)}")
    return name


PartName = Annotated[str, AfterValidator(_is_part)]
Amount = Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=2)]
Rate = Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=4)]


class Pay(BaseModel):
    """What is paid for what, all in one currency."""

    model_config = ConfigDict(extra="forbid")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    floor_per_hour: Amount | None = None
    parts: dict[PartName, Amount] = {}
    per_task: dict[PartName, Rate] = {}
    screened_out: Amount | None = None
    """For the survey of somebody whom the study does not look for."""


def pay_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `pay`."""
    if section is None:
        return []
    try:
        Pay.model_validate(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []


def pay_of(study: Study) -> Pay | None:
    """What the study pays; None where it pays nothing."""
    section = study.document.get("pay")
    return Pay.model_validate(section) if section else None


Count = Callable[[Participant], int]
"""Tasks of a part that count as done for somebody's pay."""
SecondsOf = Callable[[Collection[UUID]], Mapping[UUID, float]]
"""Participants' ids → the seconds each of them spent; who is missing is not known."""

_counts: dict[str, Count] = {}
_times: dict[str, SecondsOf] = {}


def register_count(part: str, count: Count) -> None:
    """Let a floor say how many tasks of its part are paid; else it is those done."""
    _counts[_is_part(part)] = count


def register_time(name: str, seconds_of: SecondsOf) -> None:
    """Let a floor say how much time people spent on a part of its own, or on several."""
    _times[name] = seconds_of


def due_to(participant: Participant) -> dict[str, Decimal]:
    """Part → what the participant has earned by it, for the parts that they completed."""
    pay = pay_of(participant.study)
    if pay is None:
        return {}
    if participant.outcome == Participant.Outcome.SCREENED_OUT:
        return {"survey": pay.screened_out} if pay.screened_out else {}
    progress = {part.name: part.progress for part in measured_parts(participant)}
    tasks = {name: _tasks(participant, name, progress.get(name)) for name in ORDER}
    return {
        name: amount
        for name, number in tasks.items()
        if number and _is_over(progress.get(name)) and (amount := amount_of(pay, name, number))
    }


def _is_over(progress: Progress | None) -> bool:
    """Nothing of the part waits; of one in which everything was passed on, nothing is measured."""
    return progress is None or progress.is_done


def _tasks(participant: Participant, name: str, progress: Progress | None) -> int:
    count = _counts.get(name)
    return max(progress.done if progress else 0, count(participant) if count else 0)


def amount_of(pay: Pay, part: str, tasks: int) -> Decimal:
    """What a completed part of so many tasks earns, rounded to cents."""
    whole = pay.parts.get(part, Decimal(0)) + pay.per_task.get(part, Decimal(0)) * tasks
    return whole.quantize(CENT, rounding=ROUND_HALF_UP)


def time_spent(participants: Collection[UUID]) -> dict[UUID, float]:
    """The seconds each person spent, over every source; who is missing is not known."""
    total: dict[UUID, float] = {}
    for seconds_of in _times.values():
        for person, seconds in seconds_of(participants).items():
            total[person] = total.get(person, 0.0) + seconds
    return total


MEASURED_ELSEWHERE = ("extraction", "relevance", "response")
"""Parts whose time is known better than by when their pages were opened and finished."""


def seconds_of_pages(participants: Collection[UUID]) -> dict[UUID, float]:
    """Time from opening a part's page to finishing it, each at most `LONGEST_SITTING`."""
    rows = Part.objects.filter(among("participant_id", participants), finished_at__isnull=False)
    times = rows.exclude(name__in=MEASURED_ELSEWHERE)
    total: dict[UUID, float] = {}
    for person, began, finished in times.values_list("participant", "began_at", "finished_at"):
        seconds = (finished - began).total_seconds() if finished else 0.0
        total[person] = total.get(person, 0.0) + min(max(seconds, 0.0), LONGEST_SITTING)
    return total
