"""What is due, what is given beside, what was paid, and what it comes to per hour."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from studies.actions.members import add_member
from studies.actions.parts import try_comprehension
from studies.actions.payments import Owed, credit_parts, give_bonus, mark_paid
from studies.actions.surveys import send_survey
from studies.document import document_faults
from studies.models import Part, Participant, Payment, Study, User
from studies.pay import Pay, amount_of
from studies.payments import panel_rows, pay_lines, pay_totals, real_pay
from studies.recruitment.models import PanelIdentity
from studies.recruitment.sealing import seal
from tests.samples import make_participant, make_study
from tests.studies.questions import CHECK, RIGHT, SURVEY, WRONG

PAY = {
    "currency": "EUR",
    "floor_per_hour": 9,
    "parts": {"survey": 0.5, "comprehension": 0.25},
    "per_task": {"extraction": 0.1},
    "screened_out": 0.1,
}
BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def study(db: None) -> Study:
    """A study that asks and pays."""
    return make_study("alps", {}, survey=SURVEY, comprehension=CHECK, pay=PAY)


@pytest.fixture
def person(study: Study) -> Participant:
    """Somebody in it."""
    return make_participant(study)


@pytest.fixture
def manager(study: Study) -> User:
    """Somebody who runs it."""
    user = User.objects.create_user("manager")
    add_member(study=study, user=user, role="manager", by=None)
    return user


def paid_for(person: Participant) -> list[tuple[str, str, str]]:
    """The kind, part and amount of every payment, in order."""
    rows = Payment.objects.filter(participant=person).order_by("at", "part")
    return [(row.kind, row.part, str(row.amount)) for row in rows]


def test_completed_part_is_credited_once(person: Participant) -> None:
    send_survey(participant=person, answers={})
    credit_parts(participant=person)
    credit_parts(participant=person)

    assert paid_for(person) == [("part", "survey", "0.50")]


def test_unfinished_part_is_not_credited(person: Participant) -> None:
    assert credit_parts(participant=person) == []


def test_screened_out_are_paid_what_the_study_says(study: Study, person: Participant) -> None:
    study.document["screening"] = [{"question": "gender", "accept": ["female"]}]
    study.save()
    person.study.refresh_from_db()

    out = send_survey(participant=person, answers={"gender": "male"})
    credit_parts(participant=out)

    assert paid_for(person) == [("part", "survey", "0.10")]


def test_failed_check_is_not_paid_and_the_survey_is(person: Participant) -> None:
    send_survey(participant=person, answers={})
    for attempt in (0, 1):
        try_comprehension(participant=person, answers=WRONG, attempt=attempt)
    person.refresh_from_db()

    credit_parts(participant=person)

    assert paid_for(person) == [("part", "survey", "0.50")]


def test_study_without_pay_credits_nothing(db: None) -> None:
    person = make_participant(make_study("bare", {}, survey=SURVEY))
    send_survey(participant=person, answers={})

    assert credit_parts(participant=person) == []


def test_amount_is_by_part_and_by_task_rounded_to_cents() -> None:
    pay = Pay.model_validate({"currency": "USD", "per_task": {"response": 0.125}})

    assert amount_of(pay, "response", 3) == Decimal("0.38")
    assert amount_of(Pay.model_validate(PAY), "extraction", 7) == Decimal("0.70")
    assert amount_of(Pay.model_validate(PAY), "converse", 7) == 0


def test_part_that_grows_is_paid_the_difference(person: Participant) -> None:
    send_survey(participant=person, answers={})
    credit_parts(participant=person)
    person.study.document["pay"] = PAY | {"parts": {"survey": 0.75}}

    credit_parts(participant=person)

    assert paid_for(person) == [("part", "survey", "0.50"), ("bonus", "survey", "0.25")]


def test_bonus_is_owed_with_its_reason(person: Participant, manager: User) -> None:
    bonus = give_bonus(
        participant=person, amount=Decimal("1.50"), reason=" Care ", by=manager, key=uuid4()
    )

    assert (bonus.reason, bonus.by, bonus.currency) == ("Care", "manager", "EUR")
    assert paid_for(person) == [("bonus", "", "1.50")]


def test_bonus_sent_twice_is_one(person: Participant, manager: User) -> None:
    same: dict[str, Any] = {"participant": person, "reason": "Care", "by": manager, "key": uuid4()}
    for _time in range(2):
        give_bonus(**same, amount=Decimal(1))

    with pytest.raises(ValidationError):
        give_bonus(**same, amount=Decimal(2))
    assert paid_for(person) == [("bonus", "", "1.00")]


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "10000.01"])
def test_amount_that_cannot_be_is_refused(person: Participant, manager: User, amount: str) -> None:
    with pytest.raises(ValidationError):
        give_bonus(
            participant=person, amount=Decimal(amount), reason="Care", by=manager, key=uuid4()
        )
    assert not Payment.objects.exists()


@pytest.mark.parametrize("reason", [" ", "x" * 201])
def test_bonus_needs_a_short_reason(person: Participant, manager: User, reason: str) -> None:
    with pytest.raises(ValidationError):
        give_bonus(participant=person, amount=Decimal(1), reason=reason, by=manager, key=uuid4())


def test_only_managers_give_and_settle(study: Study, person: Participant) -> None:
    stranger = User.objects.create_user("stranger")

    with pytest.raises(PermissionDenied):
        give_bonus(participant=person, amount=Decimal(1), reason="x", by=stranger, key=uuid4())
    with pytest.raises(PermissionDenied):
        mark_paid(study=study, owed={(person.pk, "EUR"): Decimal(1)}, by=stranger)


def test_what_was_owed_is_marked_as_paid_once(
    study: Study, person: Participant, manager: User
) -> None:
    send_survey(participant=person, answers={})
    credit_parts(participant=person)
    owed: Owed = {(person.pk, "EUR"): Decimal("0.50")}

    assert mark_paid(study=study, owed=owed, by=manager) == 1
    with pytest.raises(ValidationError):
        mark_paid(study=study, owed=owed, by=manager)
    assert [dict(row) for row in pay_totals(study)] == [
        {"currency": "EUR", "owed": Decimal(0), "paid": Decimal("0.50")}
    ]


def test_what_became_due_since_is_not_marked(
    study: Study, person: Participant, manager: User
) -> None:
    for _time in range(2):
        give_bonus(participant=person, amount=Decimal(1), reason="x", by=manager, key=uuid4())

    with pytest.raises(ValidationError):
        mark_paid(study=study, owed={(person.pk, "EUR"): Decimal(1)}, by=manager)
    assert not Payment.objects.filter(paid_at__isnull=False).exists()


def test_erased_people_stay_in_one_line(study: Study, manager: User) -> None:
    for ref in ("a", "b"):
        person = make_participant(study, ref)
        give_bonus(participant=person, amount=Decimal(1), reason="x", by=manager, key=uuid4())
        person.delete()

    (line,) = pay_lines(study)
    assert (line["participant_id"], line["owed"]) == (None, Decimal(2))
    assert mark_paid(study=study, owed={(None, "EUR"): Decimal(2)}, by=manager) == 2


def arrive(person: Participant, name: str) -> None:
    """The person came from a panel that calls them so."""
    PanelIdentity.objects.create(
        participant=person,
        study=person.study,
        panel="prolific",
        digest=name,
        sealed=seal({"panel": "prolific", "person": name, "study": "", "session": ""}),
    )


def test_export_names_people_as_their_panel_does(study: Study, manager: User) -> None:
    for ref, name in (("a", "5f00aa"), ("b", "@evil"), ("c", "")):
        person = make_participant(study, ref)
        if name:
            arrive(person, name)
        give_bonus(participant=person, amount=Decimal(1), reason="x", by=manager, key=uuid4())

    rows = list(panel_rows(study, panel="prolific"))

    assert rows == [("5f00aa", "1.00"), ("'@evil", "1.00")]
    assert list(panel_rows(study, panel="prolific", kind="part")) == []
    assert list(panel_rows(study, panel="other")) == []


def take(study: Study, ref: str, minutes: int) -> None:
    """Somebody did everything, for one euro, in so many minutes."""
    person = make_participant(study, ref)
    Participant.objects.filter(pk=person.pk).update(outcome="done")
    Payment.objects.create(
        study=study, participant=person, kind="bonus", amount=1, currency="EUR", reason="x"
    )
    if minutes:
        part = Part.objects.create(participant=person, name="survey")
        finished = BEGAN + timedelta(minutes=minutes)
        Part.objects.filter(pk=part.pk).update(began_at=BEGAN, finished_at=finished)


@pytest.mark.parametrize(
    ("minutes", "figure", "is_below"), [([6, 10, 4], "10.00", False), ([10, 30], "4.00", True)]
)
def test_real_pay_is_the_median_per_hour(
    study: Study, minutes: list[int], figure: str, is_below: bool
) -> None:
    for number, one in enumerate(minutes):
        take(study, f"p{number}", one)

    real = real_pay(study)

    assert real is not None
    assert (str(real.per_hour), real.n, real.is_below) == (figure, len(minutes), is_below)


def test_page_left_open_counts_for_an_hour(study: Study) -> None:
    take(study, "p", 60 * 24)

    assert real_pay(study).per_hour == Decimal("1.00")  # type: ignore[union-attr]


def test_real_pay_of_nobody_is_undefined_with_a_reason(study: Study) -> None:
    nobody = real_pay(study)
    take(study, "p", 0)
    untimed = real_pay(study)

    assert (nobody.per_hour, str(nobody.reason)) == (  # type: ignore[union-attr]
        None,
        "nobody has done everything yet",
    )
    assert (untimed.per_hour, untimed.untimed, untimed.is_below) == (  # type: ignore[union-attr]
        None,
        1,
        False,
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"currency": "Euro"}, "does not have the form"),
        ({"currency": None}, "must be a text"),
        ({"parts": {"dancing": 1}}, "There is no part “dancing”"),
        ({"parts": {"survey": 0}}, "greater than 0"),
        ({"parts": {"survey": 0.005}}, "decimal places"),
        ({"per_task": {"survey": -1}}, "greater than 0"),
        ({"floor_per_hour": "much"}, "decimal"),
        ({"tips": 3}, "Unknown key “tips”"),
    ],
)
def test_fault_of_the_document_is_named(change: dict[str, Any], sentence: str) -> None:
    document = {"slug": "a", "title": {"en": "A"}, "pay": PAY | change}

    assert any(sentence in fault for _path, fault in document_faults(document))


def test_right_answers_are_paid(person: Participant) -> None:
    send_survey(participant=person, answers={})
    try_comprehension(participant=person, answers=RIGHT, attempt=0)

    credit_parts(participant=person)

    credited = {part: amount for _kind, part, amount in paid_for(person)}
    assert credited == {"survey": "0.50", "comprehension": "0.25"}
