"""All attributes: every statement that stands, and no other person's."""

import pytest
from django.utils import timezone

from generation.models import Attribute, AttributeLink
from studies.models import Study
from tests.generation.strategies.people import KNOWN, given_to, responses_by

pytestmark = pytest.mark.django_db


def test_all_attributes_gives_each_person_their_own(study: Study) -> None:
    found = responses_by(study, "all_attributes")

    known = {name: sorted(text for text, _ in rows) for name, rows in KNOWN.items()}
    assert {name: sorted(given_to(row)) for name, row in found.items()} == known


def test_all_attributes_gives_nothing_forgotten_or_replaced(study: Study) -> None:
    Attribute.objects.filter(text__contains="cats").update(forgotten_at=timezone.now())
    spicy = Attribute.objects.get(text__contains="spicy")
    newer = Attribute.objects.get(text__contains="without meat")
    AttributeLink.objects.create(
        study=study, attribute=spicy, other=newer, kind="superseded", replaces=True, author="x"
    )

    found = responses_by(study, "all_attributes")

    assert given_to(found["anna"]) == ["Anna cooks without meat"]


def test_all_attributes_has_nothing_to_do_where_nothing_is_known(study: Study) -> None:
    Attribute.objects.filter(participant__ref="bela").delete()

    assert set(responses_by(study, "all_attributes")) == {"anna"}
