"""The parts of a study: what is asked of a participant, in the protocol's order, and how far.

Each floor measures its own parts; `config` registers them at start-up.
"""

from collections.abc import Callable
from dataclasses import dataclass

from studies.models import Participant
from studies.rules import is_asked_again

ORDER = (
    "survey",
    "comprehension",
    "converse",
    "donate",
    "review",
    "attributes",
    "extraction",
    "prompts",
    "relevance",
    "response",
)
"""All there can be. Owners write attributes before they see the models', and prompts after."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a participant is with a part."""

    done: int
    total: int | None
    """None: not known, or more than anybody counted."""
    is_done: bool
    """Nothing of it is asked of them now."""
    is_pending: bool = False
    """Not done, yet nothing can be done at the moment: machines are at work."""


@dataclass(frozen=True, slots=True)
class PartProgress:
    """The same with the part's name."""

    name: str
    progress: Progress


Measure = Callable[[Participant], Progress | None]
"""None where the study does not ask the part of this participant."""

_measures: dict[str, Measure] = {}


def register_part(name: str, measure: Measure) -> None:
    """Let a floor say how far a participant is with a part of its own."""
    if name not in ORDER:
        raise ValueError(f"There is no part {name!r}.")
    _measures[name] = measure


JUDGED = ("extraction", "relevance", "response")
"""Parts that are judging; of these, whoever judges for others may begin with any."""
ENDED = (Participant.Outcome.SCREENED_OUT, Participant.Outcome.ATTENTION)
"""Whoever came to such an end is asked nothing more."""


def parts_of(participant: Participant) -> list[PartProgress]:
    """The parts that the study asks of them, in order; none of those whose way has ended."""
    return [] if participant.outcome in ENDED else measured_parts(participant)


def measured_parts(participant: Participant) -> list[PartProgress]:
    """The same whatever their outcome: what they did before their way ended counts as well."""
    found = ((name, _measures[name](participant)) for name in ORDER if name in _measures)
    return [PartProgress(name, progress) for name, progress in found if progress is not None]


def next_part(parts: list[PartProgress]) -> PartProgress | None:
    """The first that is not done; None when all is."""
    return next((part for part in parts if not part.progress.is_done), None)


def is_reached(parts: list[PartProgress], name: str) -> bool:
    """Is the part asked of them, and everything before it done?"""
    before = [part for part in parts if ORDER.index(part.name) < ORDER.index(name)]
    return any(part.name == name for part in parts) and all(
        part.progress.is_done for part in before
    )


def may_judge(participant: Participant, stage: str) -> bool:
    """Is all done that is asked of them before the stage and is not judging itself?

    Owners, for one, write down what they remember before they see what a model noticed.
    """
    if participant.outcome in ENDED or is_asked_again(participant):
        return False
    before = [name for name in ORDER[: ORDER.index(stage)] if name not in JUDGED]
    found = (_measures[name](participant) for name in before if name in _measures)
    return all(progress.is_done for progress in found if progress is not None)
