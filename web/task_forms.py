"""The forms on a task's page besides its questions: which place it is, what is kept, skipping."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.actions.judgments import LONGEST_COMMENT, LONGEST_KEY
from annotation.models import Judgment

LONGEST_TIME = 10**6
MOST_PASTED = 10**6
LONGEST_REASON = 180
OTHER = "other"
FLAGS = [
    ("", _("No flag")),
    (Judgment.Flag.UNCOMFORTABLE, _("It should not be asked of anyone")),
    (Judgment.Flag.BROKEN, _("It cannot be judged as shown")),
    (Judgment.Flag.PERSONAL_DATA, _("It shows who somebody is")),
]
SKIPPING = [
    ("", _("Choose a reason")),
    ("cannot judge", _("I cannot judge this")),
    ("uncomfortable", _("It makes me uncomfortable")),
    ("broken", _("It is broken or cannot be read")),
    ("personal data", _("It shows who somebody is")),
    (OTHER, _("Another reason")),
]


class HeldForm(forms.Form):
    """Which place a page was made for."""

    assignment = forms.UUIDField()
    fence = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class PlaceForm(HeldForm):
    """The same, and the page's own name for its submission."""

    key = forms.CharField(max_length=LONGEST_KEY)


class DraftForm(HeldForm):
    """The same, and the last draft that the page knows; 0 for none."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class WrittenField(forms.CharField):
    """A text of limited length that is counted where it is written: no browser cuts it."""

    default_error_messages = {
        "max_length": _("It has %(show_value)d characters; at most %(limit_value)d can be stored.")
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attributes: dict[str, Any] = super().widget_attrs(widget)
        most = attributes.pop("maxlength", None)
        return {**attributes, "data-most": most} if most else attributes

    def to_python(self, value: Any) -> Any:
        """The text with a line break as one character, as it is stored and counted."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class AsideForm(forms.Form):
    """What is kept beside the answers to an item: signs of attention, flag, comment."""

    seconds = forms.FloatField(
        min_value=0, max_value=LONGEST_TIME, required=False, widget=forms.HiddenInput
    )
    idle_seconds = forms.FloatField(
        min_value=0, max_value=LONGEST_TIME, required=False, widget=forms.HiddenInput
    )
    pasted = forms.IntegerField(
        min_value=0, max_value=MOST_PASTED, required=False, widget=forms.HiddenInput
    )
    flag = forms.ChoiceField(choices=FLAGS, required=False, label=_("Flag it"))
    comment = WrittenField(
        max_length=LONGEST_COMMENT,
        required=False,
        label=_("Say something about it"),
        widget=forms.Textarea({"rows": 2}),
    )

    def kept(self) -> dict[str, Any]:
        """What a valid form holds, in the terms of an entry."""
        return dict(self.cleaned_data)


class SkipForm(forms.Form):
    """Why somebody passes on a task."""

    # It stands in the form of the answers, which are sent without a reason.
    use_required_attribute = False

    reason = forms.ChoiceField(
        choices=SKIPPING,
        label=_("Why do you skip this?"),
        error_messages={"required": _("Say why you skip it.")},
    )
    words = WrittenField(
        max_length=LONGEST_REASON,
        required=False,
        label=_("In your own words"),
        help_text=_("Needed for “another reason”."),
    )

    def clean(self) -> dict[str, Any]:
        """Another reason is one that is said."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("reason") == OTHER and not data.get("words"):
            self.add_error("words", _("Say why you skip it."))
        return data

    @property
    def said(self) -> str:
        """The reason of a valid form as it is kept: the choice, then the words."""
        words = self.cleaned_data["words"]
        reason: str = self.cleaned_data["reason"]
        return f"{reason}: {words}" if words else reason


class KnownForm(forms.Form):
    """The revision that somebody saw when they began to change it."""

    known = forms.IntegerField(min_value=0, max_value=2**31 - 1)
