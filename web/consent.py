"""What a consent page shows: the text, and each scope in the words of the person asked."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studies.models import ConsentScope, Participant, Study

SCOPES: dict[str, Promise] = {
    ConsentScope.TAKE_PART: _("I take part, and my answers are kept."),
    ConsentScope.CONVERSE: _("What I write in a conversation goes to the model I talk to."),
    ConsentScope.PEERS: _("Other participants may see what I share."),
    ConsentScope.MODELS: _("What I share may be sent to language models of third parties."),
    ConsentScope.PUBLISH_WORDS: _("The words I share may be published."),
    ConsentScope.PUBLISH_RATINGS: _("My answers may be published, without my name."),
    ConsentScope.CONTACT: _("The researchers may write to me again."),
}


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """One thing to allow."""

    scope: str
    words: Promise
    is_required: bool
    is_given: bool
    """Ticked in the form that came back."""
    was_given: bool
    """Allowed under an earlier text; nothing is assumed from it."""


class ConsentPage:
    """A study's consent text and scopes in one language."""

    def __init__(
        self,
        study: Study,
        language: str,
        given: Collection[str] = (),
        participant: Participant | None = None,
    ) -> None:
        self.study = study
        self.given = given
        self.section: dict[str, Any] = study.document["consent"]
        self.language = self._language_for(language)
        self.earlier = _allowed_by(participant)

    def _language_for(self, asked: str) -> str:
        """The reader's language if there is a text in it, else the study's first that has one."""
        texts = {tag.lower(): tag for tag in self.section["text"]}
        wanted = (asked, asked.split("-")[0], *self.study.languages)
        found = (texts[tag.lower()] for tag in wanted if tag.lower() in texts)
        return next(found, next(iter(self.section["text"]), ""))

    @property
    def text(self) -> str:
        """The text in that language."""
        texts: dict[str, str] = self.section["text"]
        return texts.get(self.language, "")

    @property
    def version(self) -> str:
        """The text's version, stored with every yes."""
        return str(self.section["version"])

    @property
    def lines(self) -> list[ScopeLine]:
        """The scopes in the study's order."""
        required = self.section.get("required", [ConsentScope.TAKE_PART])
        return [
            ScopeLine(
                scope=scope,
                words=SCOPES[scope],
                is_required=scope in required,
                is_given=scope in self.given,
                was_given=scope in self.earlier,
            )
            for scope in self.section.get("scopes", [ConsentScope.TAKE_PART])
            if scope in SCOPES
        ]


def _allowed_by(participant: Participant | None) -> set[str]:
    if participant is None:
        return set()
    rows = participant.consents.filter(withdrawn_at__isnull=True)
    return set(rows.values_list("scope", flat=True))
