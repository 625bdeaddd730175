"""The stages of machine work by name, in the order in which they build on each other."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EXTRACTION, VERIFY, REFINE, MERGE, RELEVANCE, RESPONSE = STAGES = (
    "extraction",
    "verify",
    "refine",
    "merge",
    "relevance",
    "response",
)
"""The stages; also what their jobs are called in the queue."""

ABOUT_PEOPLE = (EXTRACTION, VERIFY, REFINE, MERGE)
"""Those that find out what a person is like; the others use it."""

TITLES: dict[str, Promise] = {
    EXTRACTION: _("Extract attributes from conversations"),
    VERIFY: _("Verify what was extracted"),
    REFINE: _("Refine what a verifier complained of"),
    MERGE: _("Merge what was extracted from a person's conversations"),
    RELEVANCE: _("Decide which attributes matter for prompts"),
    RESPONSE: _("Respond to prompts"),
}

NEEDED: dict[str, str] = {
    EXTRACTION: "no conversation",
    VERIFY: "no attribute that a model proposed with a quote",
    REFINE: "no attribute of this model that a verifier complained of",
    MERGE: "no person whose extraction is over and of whom a model proposed several attributes",
    RELEVANCE: "no prompt with attributes of its person",
    RESPONSE: "no prompt whose strategies have what they need",
}
"""What is missing where a stage has nothing to ask."""
