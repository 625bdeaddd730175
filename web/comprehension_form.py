"""The comprehension check as a form, with what was right and wrong at the attempt before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms

from studies.comprehension import Check, CheckQuestion
from studies.wording import worded


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about an answer that was counted."""

    is_right: bool
    explanation: str


class CheckForm(forms.Form):
    """A choice per question, named by its key, and how many attempts were made before."""

    attempt = forms.IntegerField(min_value=0, max_value=1000, widget=forms.HiddenInput)

    def __init__(
        self,
        check: Check,
        *,
        language: str,
        languages: Sequence[str],
        tried: Mapping[str, str],
        data: Mapping[str, str] | None = None,
        attempt: int = 0,
    ) -> None:
        right = {row.key: tried[row.key] for row in check.questions if _is_right(row, tried)}
        super().__init__(data, initial={"attempt": attempt, **right}, use_required_attribute=False)
        self.check = check
        self.tried = tried
        self.texts = (language, languages)
        for question in check.questions:
            self.fields[question.key] = forms.ChoiceField(
                choices=[(row.value, worded(row.label, *self.texts)) for row in question.options],
                widget=forms.RadioSelect,
                label=worded(question.wording, *self.texts),
                required=False,
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, Verdict | None]]:
        """Each question with the verdict on what was answered to it last."""
        return [(self[row.key], self._verdict(row)) for row in self.check.questions]

    def _verdict(self, question: CheckQuestion) -> Verdict | None:
        if question.key not in self.tried:
            return None
        explanation = worded(question.explanation, *self.texts)
        return Verdict(_is_right(question, self.tried), explanation)

    def answers(self) -> dict[str, str]:
        """What was chosen; only of a valid form."""
        keys = [question.key for question in self.check.questions]
        return {key: self.cleaned_data[key] for key in keys if self.cleaned_data[key]}


def _is_right(question: CheckQuestion, tried: Mapping[str, str]) -> bool:
    return question.is_right(tried.get(question.key))
