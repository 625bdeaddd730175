"""The parts of a study in plain words, and where each is done."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotation.actions.raters import rater_for_participant
from annotation.adjudicating import is_to_settle
from annotation.choices import Stage
from studies.models import Participant, Study
from studies.parts import ORDER, PartProgress, Progress, next_part, parts_of

TITLES: dict[str, Promise] = {
    "survey": _("A few questions about you"),
    "comprehension": _("Is it clear what this is about?"),
    "converse": _("A conversation"),
    "donate": _("Conversations you had before"),
    "review": _("Read it before anyone else does"),
    "attributes": _("What an assistant should have learnt"),
    "extraction": _("What was noted about a person"),
    "prompts": _("What you would ask next"),
    "relevance": _("What matters for a request"),
    "response": _("Which answer helps more"),
}
OWN_TITLES = TITLES | {"extraction": _("What was noted about you")}
"""For those who share something of their own."""
SENTENCES: dict[str, Promise] = {
    "survey": _("Every question may be left out."),
    "comprehension": _("A few questions on what this study asks of you."),
    "converse": _("You talk to a model, and say how good its replies are."),
    "donate": _("You choose what you give; nothing is shared before you have read it."),
    "review": _("You remove what nobody should see. Nothing is shared before."),
    "attributes": _("You write what you would want noted, before you see what was."),
    "extraction": _("You say whether short statements are true."),
    "prompts": _("You write requests of your own, for the last two parts."),
    "relevance": _("You say what an answer should take into account."),
    "response": _("You compare two answers."),
}
TO_SETTLE: Promise = _("You settle what others disagree about.")
"""To experts for whom a disagreement waits: those come first."""
EMPTY: dict[str, Promise] = {
    "extraction": _("Nothing was noted, so there is nothing to judge."),
    "relevance": _("Nothing came of it, so there is nothing to judge."),
    "response": _("Nothing came of it, so there is nothing to judge."),
}
"""Of parts in which machines have finished and found nothing."""


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part as the door shows it."""

    name: str
    title: Promise | str
    sentence: Promise | str
    address: str
    progress: Progress
    is_next: bool

    @property
    def is_open(self) -> bool:
        """May it be entered now?"""
        return self.is_next and not self.progress.is_pending

    @property
    def has_bar(self) -> bool:
        """Is there more than one thing to do, and is it known how many?"""
        return (self.progress.total or 0) > 1


GIVING = {"converse", "donate"}


def planned_parts(study: Study) -> list[tuple[str, Promise, Promise]]:
    """Name, title and sentence of each part, as it can be told to somebody who has not entered.

    Who is asked which of them depends on what they give and allow.
    """
    sections = {name for name, value in study.document.items() if value not in (None, [])}
    asked = sections | set(study.document.get("stages") or {})
    if asked & GIVING:
        asked.add("review")
    titles = OWN_TITLES if "review" in asked else TITLES
    planned = (name for name in ORDER if name in asked)
    return [(name, titles[name], SENTENCES[name]) for name in planned]


def part_lines(participant: Participant) -> list[PartLine]:
    """The parts that the study asks of a participant, the next one marked."""
    parts = parts_of(participant)
    upcoming = next_part(parts)
    titles = OWN_TITLES if any(part.name == "review" for part in parts) else TITLES
    return [_line(participant, part, titles[part.name], part is upcoming) for part in parts]


def _line(participant: Participant, part: PartProgress, title: Promise, is_next: bool) -> PartLine:
    return PartLine(
        name=part.name,
        title=title,
        sentence=_sentence_of(participant, part),
        address=address_of(participant.study.slug, part.name),
        progress=part.progress,
        is_next=is_next,
    )


def _sentence_of(participant: Participant, part: PartProgress) -> Promise:
    is_experts = participant.is_expert and part.name in Stage.values
    if is_experts and is_to_settle(rater_for_participant(participant), part.name):
        return TO_SETTLE
    is_empty = part.progress.is_done and part.progress.total == 0
    return EMPTY.get(part.name, SENTENCES[part.name]) if is_empty else SENTENCES[part.name]


def address_of(slug: str, name: str) -> str:
    """Where a part is done."""
    if name in Stage.values:
        return reverse("judge", args=[slug, name])
    return reverse(name, args=[slug])
