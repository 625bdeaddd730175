"""Links between attributes and verifiers' words: into a study, out of it, and what is refused."""

import json
from typing import Any

import pytest
from django.utils import timezone

from generation.models import Attribute, AttributeLink, Verification
from releases.actions.importing import import_bundle
from releases.actions.loading.load import ImportRefused
from releases.bundle.writing import bundle_lines
from studies.models import Study
from tests.factories import make_attribute, make_participant, make_study

pytestmark = pytest.mark.django_db
LINK = {"kind": "attribute_link", "author": "lexical", "relation": "duplicate"}
WORD = {"kind": "verification", "attribute": "a1", "author": "llm:v", "supported": True}


@pytest.fixture
def study() -> Study:
    """Two attributes of one person, one of another."""
    study = make_study()
    person, other = make_participant(study, "p1"), make_participant(study, "p2")
    for ref, owner in (("a1", person), ("a2", person), ("b1", other)):
        make_attribute(study, owner, ref)
    return study


def load(study: Study, *records: dict[str, Any]) -> None:
    import_bundle(study=study, chunks=[json.dumps(one).encode() + b"\n" for one in records])


def test_links_and_words_come_in_with_what_follows_from_their_kind(study: Study) -> None:
    load(
        study,
        LINK | {"attribute": "a1", "other": "a2", "score": 0.9},
        WORD | {"supported": False, "fault": "other", "dropped_at": "2026-01-31T12:00:00Z"},
    )

    link, word = AttributeLink.objects.get(), Verification.objects.get()
    assert (link.kind, link.replaces, link.score) == ("duplicate", True, 0.9)
    assert (word.is_supported, word.fault, word.dropped_at is not None) == (False, "other", True)


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([LINK | {"attribute": "a1", "other": "a1"}], "is the attribute itself"),
        ([LINK | {"attribute": "a1", "other": "b1"}], "is about somebody else"),
        ([LINK | {"attribute": "a1", "other": "a9"}], "is not there"),
        ([LINK | {"attribute": "a1", "other": "a2"}] * 2, "is already in the study"),
        (
            [LINK | {"attribute": "a1", "other": "a2", "relation": kind}
             for kind in ("refined", "superseded")],
            "is replaced already",
        ),
        (
            [LINK | {"attribute": "a1", "other": "a2"}, LINK | {"attribute": "a2", "other": "a1"}],
            "is replaced by the attribute itself",
        ),
        ([WORD] * 2, "is already in the study"),
        ([WORD | {"supported": False}], "fault is given where supported is false"),
        ([WORD | {"dropped_at": "2026-01-31T12:00:00Z"}], "only where supported is false"),
        ([WORD | {"why": "x"}], "is not a known field"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    study: Study, records: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(ImportRefused, match=reason):
        load(study, *records)


def test_a_circle_is_refused_however_many_imports_it_takes(study: Study) -> None:
    load(study, LINK | {"attribute": "a1", "other": "a2"})

    with pytest.raises(ImportRefused, match="is replaced by the attribute itself"):
        load(study, LINK | {"attribute": "a2", "other": "a1"})


def test_nothing_about_what_was_forgotten_leaves(study: Study) -> None:
    load(study, LINK | {"attribute": "a1", "other": "a2"}, WORD)
    Attribute.objects.filter(ref="a1").update(forgotten_at=timezone.now())

    kinds = {json.loads(line)["kind"] for line in bundle_lines(study)}

    assert kinds & {"attribute_link", "verification"} == set()
