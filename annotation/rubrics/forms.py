"""The rubric as an HTML form that works with mouse, keyboard and no script."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from annotation.rubrics.answers import ITEM, Places, Targets, asked_at, examine, gathered, spread
from annotation.rubrics.document import MAX_TEXT, Question, Rubric
from annotation.rubrics.keyboard import keyboard_keys, option_values
from annotation.rubrics.posted import UNANSWERED, decimal_text, field_text, posted_value
from annotation.rubrics.sides import as_shown

YES_NO = {"en": ("Yes", "No"), "ko": ("예", "아니요"), "es": ("Sí", "No")}


class RubricTemplates(DjangoTemplates):
    """Django's own form templates, and before them those beside this module."""

    @cached_property
    def engine(self) -> Any:
        folders = [Path(__file__).parent / "templates", Path(forms.__file__).parent / "templates"]
        return self.backend({"APP_DIRS": False, "DIRS": folders, "NAME": "rubrics", "OPTIONS": {}})


class OptionRadios(forms.RadioSelect):
    """One radio button per option, each with the keyboard key that picks it in `data-key`."""

    option_template_name = "rubrics/option.html"

    def __init__(self, choices: list[tuple[str, str]], keys: Mapping[str, str]) -> None:
        super().__init__(choices=choices)
        self.keys = keys

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        option["attrs"].pop("aria-invalid", None)  # it belongs to the group, not to a button
        if key := self.keys.get(str(value)):
            option["attrs"] |= {"data-key": key, "aria-keyshortcuts": key}
            option["key"] = key
        return option


class Slider(forms.NumberInput):
    """A number, and beside it a range without a name that a script shows and keeps in step."""

    template_name = "rubrics/slider.html"


class Passages(forms.Textarea):
    """Passages of a text, one per line; a script lets them be marked in the text itself."""

    template_name = "rubrics/spans.html"


class QuestionField(forms.Field):
    """A question at one place of the item; it passes on what was posted, the form checks it."""

    def __init__(self, question: Question, place: str, *, target_label: str, **texts: Any) -> None:
        super().__init__(required=False, template_name="rubrics/question.html", **texts)
        self.question = question
        self.place = place
        self.target_label = target_label
        self.data: dict[str, str] = {}
        """The `data-` attributes of the field set, without their prefix."""
        self.only_if: list[str] = []
        """When it is asked, in words: without a script it is shown whatever was answered."""

    @property
    def needs_filling(self) -> bool:
        """Is nothing no answer? An empty list says that there is none."""
        return self.question.required and self.question.kind not in ("list", "spans")


class AnswerForm(forms.Form):
    """The answers of one rater to one item. `answers()` gives them in terms of the sides shown."""

    template_name = "rubrics/form.html"
    default_renderer = RubricTemplates()

    def __init__(
        self, *, rubric: Rubric, role: str, targets: Targets, given: Places, **options: Any
    ) -> None:
        super().__init__(use_required_attribute=False, **options)
        self.rubric = rubric
        self.role = role
        self.targets = targets
        self.given = given
        self.names: Mapping[str, str] = {}
        """Place → how fields name it: by the side or number shown, which tells nothing else."""
        self.shortcuts: frozenset[str] = frozenset()
        """The keys on the keyboard that its options have."""
        self._values: Places = {}
        self._unread: dict[str, str] = {}
        """Sentences, by field, about what was posted and cannot be read."""

    def add_prefix(self, field_name: str) -> str:
        return f"{self.prefix or ''}{field_name}"

    def clean(self) -> dict[str, Any]:
        examined = examine(
            self.rubric,
            role=self.role,
            places=self._posted(),
            targets=self.targets,
            keys={field.question.key for field in self._question_fields().values()},
            drop_unasked=True,
        )
        self._values = examined.values
        for (key, place), sentence in examined.faults.items():
            name = self.field_name(key, place)
            if name not in self._unread:
                self.add_error(name if name in self.fields else None, sentence)
        for name, field in self._question_fields().items():
            if name in self._unread and self._is_asked(field, examined.values):
                self.add_error(name, self._unread[name])
        return self.cleaned_data

    @property
    def marked_in_responses(self) -> dict[str, str]:
        """What is to be marked in each response: the question's key → its wording."""
        fields = self._question_fields().values()
        asked = [field for field in fields if field.question.kind == "spans"]
        return {
            field.question.key: str(field.label)
            for field in asked
            if field.question.per == "response"
        }

    def field_name(self, key: str, place: str) -> str:
        """The name of the input for a question at a place, without the form's prefix."""
        return key if place == ITEM else f"{key}:{self.names.get(place, place)}"

    def answers(self) -> dict[str, Any]:
        """The checked answers of a valid form, with those given before, as `check_answers` does."""
        if not self.is_valid():
            raise ValueError("a form with faults has no answers")
        return gathered(self.rubric, self._values)

    def _question_fields(self) -> dict[str, QuestionField]:
        return {
            name: field for name, field in self.fields.items() if isinstance(field, QuestionField)
        }

    def _posted(self) -> Places:
        places = {key: dict(at) for key, at in self.given.items()}
        for name, field in self._question_fields().items():
            value = self._read(name, field)
            if value is not UNANSWERED:
                places.setdefault(field.question.key, {})[field.place] = value
        return places

    def _is_asked(self, field: QuestionField, values: Places) -> bool:
        return field.place in asked_at(
            field.question, role=self.role, targets=self.targets, values=values
        )

    def _read(self, name: str, field: QuestionField) -> Any:
        passage = self.targets.texts.get(field.place)
        try:
            return posted_value(field.question, self.cleaned_data.get(name), passage)
        except ValidationError as error:
            self._unread[name] = error.messages[0]
            return UNANSWERED


def answer_form(
    rubric: Rubric,
    *,
    role: str,
    language: str,
    targets: Targets,
    swapped: bool,
    data: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    prefix: str = "",
    labels: Mapping[str, str] | None = None,
    first_language: str = "",
    keys: Collection[str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> AnswerForm:
    """A form of the questions that a role may be asked about an item.

    `targets` are in the item's own order; with `swapped` its responses are shown the other way
    round. `initial` are answers in the item's own order, as stored. `labels` name the targets
    (default: A and B for responses as shown, a number for attributes). `keys` limits the form to
    one step of the rubric, and `given` are the answers, in shown terms, of the steps before.
    """
    form = AnswerForm(
        rubric=rubric,
        role=role,
        targets=targets,
        given=spread(rubric, given or {}),
        data=data,
        prefix=prefix,
    )
    form.names = _field_names(targets, swapped)
    form.initial = _initial(form, as_shown(rubric, initial or {}, swapped))
    asked = [
        question
        for question in rubric.questions
        if question.is_asked_of(role) and (keys is None or question.key in keys)
    ]
    shortcuts = keyboard_keys(asked)
    form.shortcuts = frozenset(key for own in shortcuts.values() for key in own.values())
    names = _target_labels(targets, swapped) | dict(labels or {})
    for question in asked:
        for place in _shown_places(question, targets, swapped):
            field = _field(question, place, role, (language, first_language), names)
            field.widget = _widget(question, (language, first_language), shortcuts[question.key])
            field.widget.attrs |= _control_attributes(field)
            field.data = _data(form, question, place)
            field.only_if = _conditions_in_words(rubric, question, role, (language, first_language))
            if question.kind == "spans":
                field.data["passage"] = field.target_label
            form.fields[form.field_name(question.key, place)] = field
    return form


def _initial(form: AnswerForm, answers: Mapping[str, Any]) -> dict[str, Any]:
    rubric, texts = form.rubric, form.targets.texts
    return {
        form.field_name(key, place): field_text(rubric.question(key), value, texts.get(place))
        for key, at in spread(rubric, answers).items()
        for place, value in at.items()
    }


def _shown_places(question: Question, targets: Targets, swapped: bool) -> tuple[str, ...]:
    places = targets.places(question)
    return places[::-1] if swapped and question.per == "response" else places


def _field_names(targets: Targets, swapped: bool) -> dict[str, str]:
    """What stands in a page for a response or attribute: an id of its own may tell what it is."""
    return {place: label.lower() for place, label in _target_labels(targets, swapped).items()}


def _target_labels(targets: Targets, swapped: bool) -> dict[str, str]:
    shown = targets.responses[::-1] if swapped else targets.responses
    labels = {target: chr(ord("A") + index) for index, target in enumerate(shown[:26])}
    return labels | {target: str(index) for index, target in enumerate(targets.attributes, 1)}


def _field(
    question: Question, place: str, role: str, languages: tuple[str, str], names: Mapping[str, str]
) -> QuestionField:
    return QuestionField(
        question,
        place,
        target_label="" if place == ITEM else names.get(place, place),
        label=question.worded(role, *languages),
        help_text=question.hinted(role, *languages),
    )


def _widget(
    question: Question, languages: tuple[str, str], keys: Mapping[str, str]
) -> forms.Widget:
    if values := option_values(question):
        return OptionRadios(list(_choices(question, values, languages).items()), keys)
    if question.kind == "slider":
        return Slider(
            {"min": decimal_text(question.min or 0), "max": decimal_text(question.max or 0)}
        )
    if question.kind == "spans":
        return Passages({"rows": 2, "cols": 60})
    rows = 2 if question.kind == "text" else 4
    return forms.Textarea({"rows": rows, "cols": 60})


def _choices(question: Question, values: list[str], languages: tuple[str, str]) -> dict[str, str]:
    if question.options:
        return {option.value: option.labelled(*languages) for option in question.options}
    language = next((tag for tag in _bases(languages) if tag in YES_NO), "en")
    return dict(zip(values, YES_NO[language], strict=True))


def _bases(languages: tuple[str, str]) -> list[str]:
    return [language.split("-")[0] for language in languages]


def _control_attributes(field: QuestionField) -> dict[str, str]:
    """Attributes of the input itself; radio buttons stand in a field set that says the rest."""
    question = field.question
    if question.kind == "slider":
        return {"step": decimal_text(question.step or 1), "inputmode": "decimal"}
    if question.kind == "text":
        return {"data-most": str(question.max_length or MAX_TEXT)}  # counted, never cut
    if question.kind == "list":
        return {"placeholder": _("One per line")}
    return (
        {"placeholder": _("Words of the text, one passage per line")}
        if question.kind == "spans"
        else {}
    )


def _data(form: AnswerForm, question: Question, place: str) -> dict[str, str]:
    data = {"question": question.key, "kind": question.kind}
    if place != ITEM:
        data |= {"target": form.names.get(place, place), "per": question.per}
    if question.locked:
        data["locked"] = "true"
    if question.asked_if:
        data["asked-if"] = json.dumps(_conditions(form, question, place), ensure_ascii=False)
    return data


def _conditions(form: AnswerForm, question: Question, place: str) -> dict[str, list[str]]:
    """The names of the inputs a question waits for, with the values under which it is asked."""
    conditions = {}
    for key, values in question.asked_if.items():
        base = form.rubric.question(key)
        name = form.field_name(key, place if base.per == question.per else ITEM)
        name = form.add_prefix(name)
        conditions[name] = [field_text(base, value) for value in values]
    return conditions


def _conditions_in_words(
    rubric: Rubric, question: Question, role: str, languages: tuple[str, str]
) -> list[str]:
    said = []
    for key, values in question.asked_if.items():
        base = rubric.question(key)
        labels = _choices(base, option_values(base), languages) if option_values(base) else {}
        answers = [labels.get(text, text) for text in (field_text(base, one) for one in values)]
        said.append(
            _("Only if you answered “%(question)s” with: %(answers)s.")
            % {"question": base.worded(role, *languages), "answers": ", ".join(answers)}
        )
    return said
