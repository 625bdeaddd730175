"""What owners write themselves: within the study's limits, once, and never changed after."""

import pytest
from django.core.exceptions import ValidationError

from generation.actions.owning import Line, write_attributes, write_prompts
from generation.models import Attribute, Evidence, Prompt
from generation.owning import attributes_before_models, attributes_faults, prompts_faults
from generation.parts import attributes_progress, prompts_progress
from studies.models import Part, Participant
from tests.samples import make_conversation, make_participant, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Participant:
    """Somebody who shared a conversation in a study that asks for both."""
    study = make_study(attributes={"least": 1, "most": 2}, prompts={"count": 2})
    owner = make_participant(study, "owner")
    make_conversation(owner, "I am vegan.", "Noted.")
    return owner


def test_attributes_are_kept_with_where_they_were_said(owner: Participant) -> None:
    said_in = owner.conversations.get()

    write_attributes(participant=owner, lines=[Line("Vegan", "preference", said_in.pk), Line("B")])

    rows = attributes_before_models(owner)
    assert [(row.text, row.type, row.author) for row in rows] == [
        ("Vegan", "preference", "owner"),
        ("B", "", "owner"),
    ]
    assert rows[0].provenance == {"before_models": True, "line": 0}
    found = Evidence.objects.get()
    assert (found.attribute, found.conversation, found.turn) == (rows[0], said_in, None)


def test_attributes_sent_twice_are_kept_once(owner: Participant) -> None:
    first = write_attributes(participant=owner, lines=[Line("Vegan")])

    assert list(write_attributes(participant=owner, lines=[Line("Other")])) == list(first)
    assert Attribute.objects.count() == 1


@pytest.mark.parametrize("number", [0, 3])
def test_attributes_outside_the_limits_are_refused(owner: Participant, number: int) -> None:
    with pytest.raises(ValidationError):
        write_attributes(participant=owner, lines=[Line("A")] * number)

    assert not Attribute.objects.exists()
    assert not Part.objects.filter(finished_at__isnull=False).exists()


def test_attribute_said_in_somebody_elses_conversation_is_refused(owner: Participant) -> None:
    other = make_conversation(make_participant(owner.study, "other"), "Hi.", "Hi.", ref="c2")

    with pytest.raises(ValidationError, match="not yours"):
        write_attributes(participant=owner, lines=[Line("A", "", other.pk)])

    assert not Attribute.objects.exists()


@pytest.mark.parametrize("line", [Line(" "), Line("x" * 501), Line("A", "no such type")])
def test_attribute_that_is_none_is_refused(owner: Participant, line: Line) -> None:
    with pytest.raises(ValidationError):
        write_attributes(participant=owner, lines=[line])


def test_nothing_to_remember_is_fine_where_the_study_allows_it(owner: Participant) -> None:
    owner.study.document["attributes"] = {}

    assert list(write_attributes(participant=owner, lines=[])) == []
    assert attributes_progress(owner).is_done  # type: ignore[union-attr]


def test_prompts_are_kept_in_their_order_once(owner: Participant) -> None:
    write_prompts(participant=owner, texts=["Dinner?", "A plan?"])
    write_prompts(participant=owner, texts=["Other?", "Again?"])

    rows = Prompt.objects.filter(participant=owner).order_by("extra__line")
    assert list(rows.values_list("text", flat=True)) == ["Dinner?", "A plan?"]


@pytest.mark.parametrize("texts", [[], ["One?"], ["a", "b", "c"], ["a", " "], ["a", "x" * 4001]])
def test_prompts_outside_the_limits_are_refused(owner: Participant, texts: list[str]) -> None:
    with pytest.raises(ValidationError):
        write_prompts(participant=owner, texts=texts)

    assert not Prompt.objects.exists()


def test_parts_are_asked_of_those_who_shared_something(owner: Participant) -> None:
    other = make_participant(owner.study, "other")

    assert attributes_progress(other) is prompts_progress(other) is None
    assert not attributes_progress(owner).is_done  # type: ignore[union-attr]
    assert prompts_progress(owner).total == 2  # type: ignore[union-attr]


def test_study_that_does_not_ask_refuses() -> None:
    owner = make_participant(make_study())
    make_conversation(owner, "I am vegan.")

    assert attributes_progress(owner) is prompts_progress(owner) is None
    with pytest.raises(ValidationError):
        write_attributes(participant=owner, lines=[])
    with pytest.raises(ValidationError):
        write_prompts(participant=owner, texts=[])


def test_sections_name_their_faults() -> None:
    assert attributes_faults({"least": 3, "most": 2}, {}) == [
        ((), "“least” cannot be more than “most”.")
    ]
    assert attributes_faults({"last": 3}, {}) == [(("last",), "Unknown key “last”.")]
    assert prompts_faults({"count": "2"}, {}) == [(("count",), "This must be a whole number.")]
    assert attributes_faults(None, {}) == prompts_faults({}, {}) == []
