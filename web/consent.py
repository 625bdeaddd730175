"""What a consent page shows: the text, and each scope in the words of the person asked."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studies.models import ConsentScope, Study

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


class ConsentPage:
    """A study's consent text and scopes in one language."""

    def __init__(self, study: Study, language: str, given: Collection[str] = ()) -> None:
        self.study = study
        self.language = language
        self.given = given
        self.section: dict[str, Any] = study.document["consent"]

    @property
    def text(self) -> str:
        """The text, in the reader's language or the study's first."""
        texts: dict[str, str] = self.section["text"]
        wanted = (self.language, self.language.split("-")[0], *self.study.languages)
        found = next((texts[tag] for tag in wanted if tag in texts), None)
        return found if found is not None else next(iter(texts.values()), "")

    @property
    def version(self) -> str:
        """The text's version, stored with every yes."""
        return str(self.section["version"])

    @property
    def lines(self) -> list[ScopeLine]:
        """The scopes in the study's order."""
        required = self.section.get("required", [ConsentScope.TAKE_PART])
        return [
            ScopeLine(scope, SCOPES[scope], scope in required, scope in self.given)
            for scope in self.section.get("scopes", [ConsentScope.TAKE_PART])
            if scope in SCOPES
        ]
