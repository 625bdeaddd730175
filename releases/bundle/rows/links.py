"""Records of how attributes stand to each other, and of what verifiers said of them."""

from collections.abc import Iterator

from django.db import connection
from django.db.models.functions import Collate

from generation.models import AttributeLink, Verification
from releases.bundle.canonical import Record, add_present, moment
from studies.models import Study

AT_A_TIME = 2_000


def link_records(study: Study) -> Iterator[Record]:
    """Links between attributes that may both be remembered."""
    links = AttributeLink.objects.filter(
        study=study, attribute__forgotten_at__isnull=True, other__forgotten_at__isnull=True
    )
    rows = links.order_by("attribute__ref", "other__ref", "kind").values_list(
        "attribute__ref", "other__ref", "kind", "author", "score", "provenance", "at"
    )
    for attribute, other, kind, author, score, provenance, at in rows.iterator(AT_A_TIME):
        record: Record = {
            "kind": "attribute_link",
            "attribute": attribute,
            "other": other,
            "relation": kind,
            "author": author,
            "score": score,
            "at": moment(at),
        }
        add_present(record, provenance=provenance)
        yield record


def verification_records(study: Study) -> Iterator[Record]:
    """What was said of attributes that may be remembered."""
    by_code_point = "C" if connection.vendor == "postgresql" else "BINARY"
    words = Verification.objects.filter(
        attribute__study=study, attribute__forgotten_at__isnull=True
    )
    rows = words.order_by("attribute__ref", Collate("author", by_code_point)).values_list(
        "attribute__ref", "author", "is_supported", "fault", "dropped_at", "provenance", "at"
    )
    for attribute, author, is_supported, fault, dropped_at, provenance, at in rows.iterator(
        AT_A_TIME
    ):
        record: Record = {
            "kind": "verification",
            "attribute": attribute,
            "author": author,
            "supported": is_supported,
            "at": moment(at),
        }
        add_present(record, fault=fault, dropped_at=moment(dropped_at), provenance=provenance)
        yield record
