"""What taking back each scope means, in the words of the page that offers it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studies.models import ConsentScope

WHAT_FOLLOWS: dict[str, Promise] = {
    ConsentScope.TAKE_PART: _(
        "You are asked nothing more, and machine work about you that waits is stopped. What you"
        " allowed beside it holds until you take that back too, or leave the study."
    ),
    ConsentScope.CONVERSE: _(
        "No new conversation begins and no more replies come. What was said so far stays yours to"
        " review."
    ),
    ConsentScope.PEERS: _(
        "What you shared leaves everybody's queue at once. What others answered until now stays."
    ),
    ConsentScope.MODELS: _(
        "Nothing more is sent to models of third parties, and what waits to be sent is stopped."
    ),
    ConsentScope.PUBLISH_WORDS: _(
        "The next release leaves your words out and tells that they were taken back. Releases that"
        " are out stay as they are."
    ),
    ConsentScope.PUBLISH_RATINGS: _(
        "The next release leaves your answers out and tells that they were taken back. Releases"
        " that are out stay as they are."
    ),
    ConsentScope.CONTACT: _("Nobody writes to you any more."),
}
