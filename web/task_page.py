"""One task as a page: its conversation cut at the evidence, a form per item, and progress."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import Any

from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from annotation.actions.judgments import Entry
from annotation.adjudicating import SoFar, so_far_in_words
from annotation.earlier import Said, shown_answers
from annotation.models import Assignment, Draft
from annotation.rubrics.forms import AnswerForm, QuestionField, answer_form
from annotation.rubrics.keyboard import control_keys
from annotation.screens import Screen, ShownItem
from web.markdown.showing import shown
from web.sheets import Sheet, aside_of, blank_aside, blank_sheet, blank_skip, skip_of
from web.spans import FormattedTurn, formatted_turns
from web.task_forms import AsideForm, SkipForm

Locked = Mapping[str, Mapping[str, Any]]
"""Item ref → `answers` that are fixed, in the terms of what was shown, and what was kept aside."""


@dataclass
class Card:
    """One item with its form; `number` counts from 1 in the order shown."""

    number: int
    slot: int
    """Names its fields: they stay its own when an item beside it is forgotten meanwhile."""
    shown: ShownItem
    make_form: Callable[[], AnswerForm]
    blank: Sheet | None
    """Its questions, where nothing was answered yet: then no form need be made to show them."""
    aside: AsideForm
    kept: list[str]
    """The answers fixed at the step before, in words, in the terms of what is shown."""
    so_far: list[SoFar]
    """What others answered, for an adjudicator."""
    flag_key: str = ""
    """What opens flag and comment."""

    @property
    def aside_html(self) -> SafeString:
        """Its flag and comment."""
        is_blank = not self.aside.is_bound and not self.aside.initial
        key = self.flag_key
        return blank_aside(self.slot, key) if is_blank else aside_of(self.aside, key)

    @cached_property
    def form(self) -> AnswerForm:
        """Its questions, with what was answered."""
        return self.make_form()

    @property
    def html(self) -> SafeString:
        """Its questions as they are shown."""
        return self.blank.html if self.blank else self.form.render()

    @property
    def shortcuts(self) -> frozenset[str]:
        """The keys on the keyboard that its options have."""
        return self.blank.shortcuts if self.blank else self.form.shortcuts

    @property
    def marked(self) -> Mapping[str, str]:
        """What is to be marked in each response: the question's key → its wording."""
        return self.blank.marked if self.blank else self.form.marked_in_responses

    @property
    def is_valid(self) -> bool:
        """Whether what was posted for it can be stored."""
        return self.form.is_valid() and self.aside.is_valid()

    @property
    def evidence_turn(self) -> int | None:
        """The number, from 1, of the first turn in which it was said."""
        return self.shown.evidence[0].position + 1 if self.shown.evidence else None

    def entry(self) -> Entry:
        """What is submitted; only of a valid card."""
        return Entry(item=self.shown.ref, answers=self.form.answers(), **self.aside.kept())


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of the error summary, with the place it leads to."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Marker:
    """What words may be marked as: a question whose answers are spans."""

    question: str
    label: str
    key: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A response under its letter."""

    letter: str
    html: SafeString


class TaskPage:
    """What one rater sees of a task at one step of its rubric.

    A rubric's locked questions come first and alone; the rest is shown once they are answered.
    """

    def __init__(
        self,
        *,
        assignment: Assignment,
        screen: Screen,
        language: str,
        locked: Locked,
        data: Mapping[str, Any] | None = None,
        said: Said | None = None,
        draft: Draft | None = None,
    ) -> None:
        """`said` is what was answered before, where it is to be changed."""
        self.assignment = assignment
        self.screen = screen
        self.language = language
        self.said = said or {}
        self.draft = draft
        self.locked = {**locked, **_fixed_before(screen, self.said)}
        self.is_locking = any(_locks(item, self.locked) for item in screen.items)
        self._so_far = so_far_in_words(
            assignment, screen, language=language, is_locking=self.is_locking
        )
        self.cards = [
            self._card(number, position + 1, item, data)
            for number, (position, item) in enumerate(
                zip(screen.order, screen.items, strict=True), 1
            )
            if not self.is_locking or _locks(item, self.locked)
        ]
        for card in self.cards:
            card.flag_key = self.keys.get("flag", "")
        self.skip_form: SkipForm | None = None
        """Where a reason to skip was posted that is none."""

    def _card(
        self, number: int, slot: int, item: ShownItem, data: Mapping[str, Any] | None
    ) -> Card:
        fixed = self.locked.get(item.ref, {})
        given = fixed.get("answers", {})
        keys = _keys_of_step(item, is_locking=self.is_locking, locked=given)
        is_blank = data is None and item.ref not in self.said and not item.given
        return Card(
            number=number,
            slot=slot,
            shown=item,
            make_form=partial(self._form, slot, item, data, keys, given),
            blank=self._blank(slot, item, keys) if is_blank else None,
            aside=AsideForm(data, prefix=f"item{slot}", initial=self._aside_of(item, fixed)),
            kept=self._kept(item, given),
            so_far=self._so_far.get(item.ref, []),
        )

    def _form(
        self,
        slot: int,
        item: ShownItem,
        data: Mapping[str, Any] | None,
        keys: Sequence[str] | None,
        given: Mapping[str, Any],
    ) -> AnswerForm:
        return answer_form(
            item.rubric,
            role=self.screen.role,
            language=self.language,
            # A screen names its responses in the order shown, so nothing is turned round here.
            targets=item.targets,
            swapped=False,
            data=data,
            initial=self._said_of(item),
            prefix=f"item{slot}-",
            labels={attribute.ref: attribute.text for attribute in item.given},
            first_language=self.assignment.study.languages[0],
            keys=keys,
            given=given,
        )

    def _blank(self, slot: int, item: ShownItem, keys: Sequence[str] | None) -> Sheet:
        return blank_sheet(
            item.rubric,
            role=self.screen.role,
            languages=(self.language, self.assignment.study.languages[0]),
            sides=len(item.targets.responses),
            number=slot,
            keys=keys,
        )

    def _said_of(self, item: ShownItem) -> dict[str, Any]:
        judgment = self.said.get(item.ref)
        return shown_answers(item, judgment) if judgment else {}

    def _aside_of(self, item: ShownItem, fixed: Mapping[str, Any]) -> dict[str, Any]:
        if judgment := self.said.get(item.ref):
            return {"flag": judgment.flag, "comment": judgment.comment}
        return {name: value for name, value in fixed.items() if name != "answers"}

    def _kept(self, item: ShownItem, given: Mapping[str, Any]) -> list[str]:
        if not given:
            return []
        form = answer_form(
            item.rubric,
            role=self.screen.role,
            language=self.language,
            targets=item.targets,
            swapped=False,
            initial=given,
            first_language=self.assignment.study.languages[0],
            keys=item.rubric.steps[0],
        )
        return [_in_words(form, name) for name in form.fields if name in form.initial]

    @property
    def skip_html(self) -> SafeString:
        """The reasons to skip it."""
        key = self.keys.get("skip", "")
        return skip_of(self.skip_form, key) if self.skip_form else blank_skip(key)

    @property
    def stage_template(self) -> str:
        """The layout of the stage."""
        return f"judge/stages/{self.screen.stage}.html"

    @cached_property
    def keys(self) -> dict[str, str]:
        """The keys of what the page does beside the answers; no answer shown has one of them."""
        return control_keys({key for card in self.cards for key in card.shortcuts})

    @cached_property
    def turns(self) -> list[FormattedTurn]:
        """The conversation, with the evidence for each card."""
        spans = [(card.number, span) for card in self.cards for span in card.shown.evidence]
        return formatted_turns(self.screen.turns, spans)

    @cached_property
    def replies(self) -> list[Reply]:
        """The responses of the one item that stage 3 shows, as they stand from A."""
        rows = self.screen.items[0].responses if self.screen.items else ()
        return [
            Reply(chr(ord("A") + place), shown(row.text, has_places=bool(self.markers)))
            for place, row in enumerate(rows)
        ]

    @cached_property
    def markers(self) -> list[Marker]:
        """What selected words of a response may be marked as."""
        asked: dict[str, str] = {}
        for card in self.cards:
            asked |= card.marked
        keys = chain([self.keys.get("mark", ""), self.keys.get("mark_too", "")], repeat(""))
        return [Marker(*each, key) for each, key in zip(asked.items(), keys, strict=False)]

    @property
    def is_valid(self) -> bool:
        """Whether everything posted can be stored. Looks at all cards, to show all faults."""
        return not [card for card in self.cards if not card.is_valid]

    def entries(self) -> list[Entry]:
        """What is submitted; only of a valid page."""
        return [card.entry() for card in self.cards]

    def of_the_step_before(self, data: Mapping[str, Any]) -> list[tuple[Card, AnswerForm]]:
        """The cards whose first step `data` answers although it is fixed, as another tab does."""
        fixed = [card for card in self.cards if card.shown.ref in self.locked]
        forms = [
            (card, self._form(card.slot, card.shown, data, card.shown.rubric.steps[0], {}))
            for card in fixed
        ]
        return [
            (card, form)
            for card, form in forms
            if _is_in(data, form) and not _is_in(data, card.form)
        ]

    def stands_against(self, card: Card, form: AnswerForm) -> bool:
        """Whether what is fixed of a card is something else than a form says."""
        given = self.locked[card.shown.ref].get("answers", {})
        return not form.is_valid() or form.answers() != given

    def fixed(self) -> dict[str, Any]:
        """What is fixed at this step, by item; only of a valid page."""
        return {
            card.shown.ref: {"answers": card.form.answers(), **card.aside.kept()}
            for card in self.cards
        }

    @property
    def drafted_json(self) -> str:
        """What is kept of it on the server, as the page's script reads it."""
        if self.draft is None:
            return json.dumps({"version": 0, "fields": None})
        return json.dumps({"version": self.draft.version, "fields": self.draft.fields or None})

    def faults(self) -> list[Fault]:
        """What is wrong with what was posted: each fault, or one line per card among several."""
        if len(self.cards) == 1:
            return [*_faults(self.cards[0]), *_faults_aside(self.cards[0])]
        return list(chain.from_iterable(map(_faults_among_others, self.cards)))


def _is_in(data: Mapping[str, Any], form: AnswerForm) -> bool:
    return any(form.add_prefix(name) in data for name in form.fields)


def _fixed_before(screen: Screen, said: Said) -> dict[str, Any]:
    """Of what was answered before, the answers that were fixed before the rest was shown."""
    return {
        item.ref: {"answers": {key: value for key, value in answers.items() if key in locked}}
        for item in screen.items
        if len(item.rubric.steps) > 1 and item.ref in said
        for answers, locked in [(shown_answers(item, said[item.ref]), item.rubric.steps[0])]
    }


def _locks(item: ShownItem, locked: Locked) -> bool:
    """Whether an item has questions to be answered before the others are shown."""
    return item.ref not in locked and len(item.rubric.steps) > 1


def _in_words(form: AnswerForm, name: str) -> str:
    """What was answered: the label of an option, anything else as it was written."""
    value = str(form.initial[name])
    labels = {
        str(one): str(label) for one, label in getattr(form[name].field.widget, "choices", [])
    }
    return labels.get(value, value)


def _keys_of_step(
    item: ShownItem, *, is_locking: bool, locked: Mapping[str, Any]
) -> Sequence[str] | None:
    steps = item.rubric.steps
    if is_locking:
        return steps[0]
    return steps[-1] if locked else None


def _faults(card: Card) -> list[Fault]:
    found = [
        Fault(card.form[name].auto_id + "_question", f"{asked(card.form, name)} — {sentence}")
        for name, sentences in card.form.errors.items()
        if name in card.form.fields
        for sentence in sentences
    ]
    found += [Fault(f"card-{card.number}", str(text)) for text in card.form.non_field_errors()]
    return found


def asked(form: AnswerForm, name: str) -> str:
    """The question, and of which response or attribute it was asked."""
    field = form.fields[name]
    if not isinstance(field, QuestionField) or not field.target_label:
        return str(form[name].label)
    is_side = field.question.per == "response"
    side = _("Answer %s") % field.target_label if is_side else field.target_label
    return f"{side}: {form[name].label}"


def _faults_aside(card: Card) -> list[Fault]:
    """What is wrong beside the answers, named as what it is."""
    names = {"comment": _("Your comment"), "flag": _("Your flag")}
    return [
        Fault(card.aside[name].auto_id, f"{names.get(name, name)} — {sentence}")
        for name, sentences in card.aside.errors.items()
        for sentence in sentences
    ]


def _faults_among_others(card: Card) -> list[Fault]:
    found = _faults(card)
    aside = [Fault(one.anchor, f"{card.number}. {one.text}") for one in _faults_aside(card)]
    return [_one_fault(card, found), *aside] if found else aside


def _one_fault(card: Card, faults: Sequence[Fault]) -> Fault:
    """One line for a card among several, leading to its first fault."""
    statement = card.shown.attribute.text if card.shown.attribute else _("What is missing?")
    count = ngettext("%d answer to look at", "%d answers to look at", len(faults)) % len(faults)
    return Fault(faults[0].anchor, f"{card.number}. {statement} — {count}")
