"""What a person's download holds: the tables, how their rows are found, what is left out and why.

A test walks the schema: a table that leads to a participant is here, or the test fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from releases.subjects import ABOUT

OTHERS = "names another person"
SECRET = "a secret or a digest, which says nothing"


@dataclass(frozen=True, slots=True)
class Collected:
    """A table of the download."""

    title: Promise
    paths: tuple[str, ...]
    """From a row to the participant."""
    order: tuple[str, ...] = ("pk",)
    left_out: Mapping[str, str] | None = None
    """Columns, each with the reason."""

    def leaves_out(self, column: str) -> bool:
        """Is this column not in the download?"""
        return column in (self.left_out or {})


def _about(label: str, title: Promise, *order: str, **left_out: str) -> tuple[str, Collected]:
    return label, Collected(title, ABOUT[label], order or ("pk",), left_out)


TABLES: dict[str, Collected] = dict(
    [
        _about("studies.Participant", _("You in this study")),
        (
            "studies.User",
            Collected(_("Your account"), ("participations",), left_out={"password": SECRET}),
        ),
        _about("studies.Consent", _("What you allowed"), "given_at", "pk"),
        _about("studies.Part", _("How far you came")),
        ("studies.Payment", Collected(_("What you are paid"), ("participant",), ("at", "pk"))),
        _about(
            "studies.PanelIdentity",
            _("The panel you came from"),
            digest=SECRET,
            sealed="your panel's name for you, encrypted",
        ),
        _about("studies.Concern", _("What you reported"), settled_by=OTHERS),
        _about("studies.Entry", _("Your first visit"), visitor=SECRET, form=SECRET),
        _about("collection.Conversation", _("Conversations you shared"), "shared_at", "ref"),
        _about(
            "collection.Turn", _("What was said in them"), "conversation_id", "position", "edition"
        ),
        _about(
            "collection.UnsharedConversation",
            _("Conversations you did not share"),
            "created_at",
            "pk",
        ),
        _about(
            "collection.UnsharedTurn",
            _("What was said in those"),
            "conversation_id",
            "position",
            "place",
        ),
        _about("collection.ReplyEvent", _("Replies that were coming in"), "turn_id", "sequence"),
        _about("collection.Redaction", _("What was covered or marked"), "turn_id", "start"),
        _about("collection.Donation", _("Files you gave"), "created_at"),
        _about("generation.Attribute", _("What was noticed about you, or you wrote"), "ref"),
        _about("generation.Evidence", _("Where it was said")),
        _about(
            "generation.AttributeLink", _("What of it says the same, or was replaced"), "at", "pk"
        ),
        _about("generation.Verification", _("What models said of it"), "at", "pk"),
        _about("generation.Profile", _("How models summed you up"), "at", "pk"),
        _about("generation.Prompt", _("Requests of yours"), "ref"),
        _about("generation.Response", _("Replies that were tried for you"), "ref"),
        _about("generation.GivenAttribute", _("What those replies were given to know")),
        _about("generation.GivenTurn", _("What those replies were given to read")),
        _about("generation.Selection", _("What was chosen as relevant")),
        _about("annotation.Rater", _("You as somebody who answers")),
        _about(
            "annotation.Exclusion",
            _("When your answers were left out of figures"),
            "at",
            by=OTHERS,
            ended_by=OTHERS,
        ),
        _about("annotation.Item", _("What was asked about you"), "ref"),
        _about("annotation.Task", _("On which screens"), "ref"),
        _about("annotation.TaskItem", _("What stood on them"), expected="the study's own answer"),
        (
            "annotation.Assignment",
            Collected(
                _("Who was to answer, and when"),
                (*ABOUT["annotation.Assignment"], "rater__participant"),
                ("pk",),
                {"rater": OTHERS, "subject": OTHERS, "submit_key": SECRET, "submit_digest": SECRET},
            ),
        ),
        _about(
            "annotation.Judgment", _("Answers by you, and about you"), "submitted_at", rater=OTHERS
        ),
        (
            "annotation.Draft",
            Collected(
                _("Answers that you have not sent"), ("rater__participant",), ("saved_at", "pk")
            ),
        ),
        _about("annotation.Skip", _("What was passed over"), "at", rater=OTHERS),
        (
            "llm.Call",
            Collected(_("Questions to models about you"), ("subject",), ("started_at", "pk")),
        ),
        (
            "work.Job",
            Collected(
                _("Machine work about you"),
                ("subject",),
                ("created_at", "pk"),
                {"idem_key": SECRET, "input_digest": SECRET, "lease_owner": "a machine's name"},
            ),
        ),
    ]
)
"""In the order of the download."""

LEFT_OUT: dict[str, str] = {
    "llm.Budget": "how much those who run the study spend on machine work about you",
    "work.JobResult": "ids and counts of machine work",
    "work.Revival": "what those who run the site wrote about machine work",
    "admin.LogEntry": "what those who run the site did",
    "sessions.Session": "says only that a browser is yours",
    "studies.Membership": "says who runs a study",
    "studies.ApiToken": SECRET,
    "account.EmailAddress": "the address stands with your account",
    "account.EmailConfirmation": SECRET,
    "mfa.Authenticator": SECRET,
    "usersessions.UserSession": "says from where your account is signed in; see your account",
    "studies.User_groups": "rights of those who run the site",
    "studies.User_user_permissions": "rights of those who run the site",
}
"""Tables that lead to a person and are not in the download, and why."""
