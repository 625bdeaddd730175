"""The survey as a form that works without scripts; every question may be left out or withheld."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from studies.survey import LONGEST_ANSWER, WITHHELD, Question
from studies.wording import worded

WITHHOLDS = "-withheld"
"""After the key of an open question: the box of whoever would rather not say."""


class SurveyForm(forms.Form):
    """A field per question, named by its key; the studies' own rules check the answers."""

    def __init__(
        self,
        questions: Sequence[Question],
        *,
        language: str,
        languages: Sequence[str],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, use_required_attribute=False)
        self.questions = questions
        for question in questions:
            texts = {
                "label": worded(question.wording, language, languages),
                "help_text": worded(question.hint, language, languages),
                "required": False,
            }
            self.fields[question.key] = _field(question, texts, language, languages)
            if question.is_open:
                box = forms.BooleanField(required=False, label=_("Prefer not to say"))
                self.fields[question.key + WITHHOLDS] = box

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each question with its field and, where it is open, the box beside it."""
        return [
            {
                "question": question,
                "field": self[question.key],
                "box": self[question.key + WITHHOLDS] if question.is_open else None,
            }
            for question in self.questions
        ]

    def answers(self) -> dict[str, Any]:
        """What was answered, as the studies' actions take it; only of a valid form."""
        given = {row.key: self._answer(row) for row in self.questions}
        return {key: answer for key, answer in given.items() if answer not in (None, "", [])}

    def _answer(self, question: Question) -> Any:
        if question.is_open and self.cleaned_data[question.key + WITHHOLDS]:
            return WITHHELD
        answer = self.cleaned_data[question.key]
        if question.kind == "choices":
            # One cannot say something and prefer not to say it.
            return WITHHELD if WITHHELD in answer else answer
        if question.kind == "number" and answer is not None:
            return int(answer) if answer == int(answer) else answer
        return answer

    def refuse(self, faults: Mapping[str, Sequence[str]]) -> None:
        """Show the sentences of a refusal beside their questions."""
        for key, sentences in faults.items():
            for sentence in sentences:
                self.add_error(key if key in self.fields else None, sentence)


def _field(
    question: Question, texts: dict[str, Any], language: str, languages: Sequence[str]
) -> forms.Field:
    if question.kind == "number":
        limits = {"min": question.min, "max": question.max, "step": "any"}
        attributes = {
            name: f"{v:.12g}" if name != "step" else v
            for name, v in limits.items()
            if v is not None
        }
        return forms.FloatField(widget=forms.NumberInput(attributes), **texts)
    if question.kind == "text":
        return forms.CharField(
            max_length=LONGEST_ANSWER, widget=forms.Textarea({"rows": 3, "dir": "auto"}), **texts
        )
    options = [
        (option.value, worded(option.label, language, languages)) for option in question.options
    ]
    choices = [*options, (WITHHELD, _("Prefer not to say"))]
    if question.kind == "choice":
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **texts)
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **texts)


def _limits(question: Question) -> dict[str, str]:
    found = {"min": question.min, "max": question.max}
    limits = {name: f"{value:.12g}" for name, value in found.items() if value is not None}
    return {**limits, "step": "any"}
