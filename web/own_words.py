"""What owners write themselves as forms that work without scripts, and a look for personal data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from collection.models import Conversation, Turn
from collection.redaction.detection import detect, regions_of
from collection.redaction.kinds import Kind
from generation.actions.owning import Line
from generation.extraction import LONGEST_STATEMENT
from generation.models import Attribute
from generation.owning import LONGEST_REQUEST, AttributesSection
from studies.models import Participant
from work.keys import digest_of

TYPES: dict[str, Promise] = {
    Attribute.Type.BACKGROUND: _("Background: origin, home, work"),
    Attribute.Type.PREFERENCE: _("Preference: what you like or choose"),
    Attribute.Type.SKILL: _("Skill: what you can do, and how well"),
    Attribute.Type.GOAL: _("Goal: what you want to reach"),
    Attribute.Type.PLAN: _("Plan: what you intend to do"),
    Attribute.Type.RELATION: _("People in your life"),
    Attribute.Type.POSSESSION: _("Things you own or use"),
    Attribute.Type.STATE: _("How you are at the moment"),
    Attribute.Type.CONSTRAINT: _("Limits: health, money, time, belief"),
}
LINES_AT_FIRST = 3
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """Words that look like personal data, and like which kind."""

    words: str
    kind: Promise


class LineForm(forms.Form):
    """One attribute."""

    text = forms.CharField(
        max_length=LONGEST_STATEMENT,
        required=False,
        label=_("About you"),
        widget=forms.Textarea({"rows": 2, "data-line": ""}),
    )
    type = forms.ChoiceField(
        choices=[("", _("not said")), *TYPES.items()], required=False, label=_("What kind")
    )
    said_in = forms.ChoiceField(required=False, label=_("Said here"))

    def __init__(self, *args: Any, conversations: Sequence[Conversation], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["text"].widget.attrs |= {"dir": "auto", "autocomplete": "off"}
        named = [(str(row.pk), name_of(row)) for row in conversations]
        self.fields["said_in"].choices = [("", _("not said")), *named]  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """In one line: the field has several only to show all of it."""
        return " ".join(self.cleaned_data["text"].split())

    @property
    def line(self) -> Line:
        """What was written; only of a valid form."""
        given = self.cleaned_data
        said_in = UUID(given["said_in"]) if given["said_in"] else None
        return Line(given["text"], given["type"], said_in)


class LinesForm:
    """As many lines as the person wants, within the study's limits."""

    def __init__(
        self,
        section: AttributesSection,
        conversations: Sequence[Conversation],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.most = section.most
        self.conversations = conversations
        first = max(section.least, min(LINES_AT_FIRST, section.most))
        number = first if data is None else min(_number(data.get("lines")), section.most)
        self.forms = [self._form(n, data) for n in range(number)]

    def _form(self, n: int, data: Mapping[str, Any] | None, **initial: Any) -> LineForm:
        return LineForm(data, prefix=f"line{n}", initial=initial, conversations=self.conversations)

    def edited(self, action: str) -> "LinesForm":
        """The same with one line more (`add`) or without one (`remove-2`); nothing is checked."""
        written = [{name: form[name].value() for name in form.fields} for form in self.forms]
        place = _number(action.removeprefix("remove-")) if action != "add" else len(written)
        kept = [values for n, values in enumerate(written) if n != place]
        if action == "add":
            kept.append({})
        self.forms = [self._form(n, None, **values) for n, values in enumerate(kept[: self.most])]
        if action == "add" and self.forms:
            self.forms[-1].fields["text"].widget.attrs["autofocus"] = True
        return self

    @property
    def may_grow(self) -> bool:
        """May another line be added?"""
        return len(self.forms) < self.most

    @property
    def is_valid(self) -> bool:
        """Looks at all lines, to show all faults."""
        return not [form for form in self.forms if not form.is_valid()]

    @property
    def lines(self) -> list[Line]:
        """Those in which something was written; only of valid lines."""
        return [form.line for form in self.forms if form.cleaned_data["text"]]


class RequestsForm(forms.Form):
    """As many requests as the study asks for."""

    def __init__(self, count: int, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, use_required_attribute=False, label_suffix="")
        for n in range(count):
            label = _("Request %(number)d") % {"number": n + 1}
            widget = forms.Textarea({"rows": 3, "dir": "auto"})
            self.fields[f"request{n}"] = forms.CharField(
                max_length=LONGEST_REQUEST, label=label, widget=widget
            )

    @property
    def texts(self) -> list[str]:
        """In their order; only of a valid form."""
        return [self.cleaned_data[name].replace("\r\n", "\n") for name in self.fields]


def name_of(conversation: Conversation) -> str:
    """Its title, else the first words of the person in it."""
    said = (turn.content for turn in conversation.turns.all() if turn.role == Turn.Role.USER)
    name = conversation.title or next(said, "")
    return Truncator(" ".join(name.split())).chars(LONGEST_NAME)


def personal_data_in(texts: Iterable[str], participant: Participant) -> list[Finding]:
    """What in these texts looks as if it could name or reach somebody, each once."""
    languages = [participant.language, *participant.study.languages]
    regions = regions_of(language for language in languages if language)
    found = {
        text[span.start : span.end]: Kind(span.kind).label
        for text in texts
        for span in detect(text, regions=regions)
    }
    return [Finding(words, kind) for words, kind in found.items()]


def seal_of(findings: Sequence[Finding]) -> str:
    """Names exactly these words, so that a yes to them is a yes to no others."""
    return digest_of([finding.words for finding in findings]) if findings else ""


def _number(text: Any) -> int:
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 4 else 0
