"""What personal data can be found in a text, and the words and placeholders for it."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """A kind of personal data; each has a placeholder of its own."""

    EMAIL = "email", _("E-mail address")
    PHONE = "phone", _("Phone number")
    CARD = "card", _("Payment card")
    IBAN = "iban", _("Bank account")
    IP = "ip", _("Internet address (IP)")
    URL = "url", _("Link that leads to a person or holds a key")
    ADDRESS = "address", _("Postal address")
    NATIONAL_ID = "national_id", _("Official number")
    NAME = "name", _("Name")
    OTHER = "other", _("Your own choice")


LABELS: dict[str, str] = {
    Kind.EMAIL: "EMAIL",
    Kind.PHONE: "PHONE",
    Kind.CARD: "CARD",
    Kind.IBAN: "ACCOUNT",
    Kind.IP: "IP",
    Kind.URL: "LINK",
    Kind.ADDRESS: "ADDRESS",
    Kind.NATIONAL_ID: "ID",
    Kind.NAME: "NAME",
    Kind.OTHER: "HIDDEN",
}
"""The word in a placeholder. English in every language, as shared data are read by programs."""

SPECIFIC = (
    Kind.IBAN,
    Kind.CARD,
    Kind.NATIONAL_ID,
    Kind.EMAIL,
    Kind.URL,
    Kind.IP,
    Kind.PHONE,
    Kind.ADDRESS,
    Kind.NAME,
    Kind.OTHER,
)
"""Which kind wins where two of equal length overlap: what has check digits says more."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where in a text something stands, in code points, and what it is."""

    start: int
    end: int
    kind: str
