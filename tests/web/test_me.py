"""What a person sees of themselves, and what they may do about each line."""

import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.test import Client

from annotation.models import Assignment
from generation.models import Attribute
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call
from studies.models import Participant, Payment, Study
from tests.samples import make_participant
from tests.web.pages import hidden_fields, text_of
from web.participants import ENTERED

NOTICED = "Lives near &lt;i&gt;Bern&lt;/i&gt;."


def client_of(participant: Participant) -> Client:
    client = Client()
    session = client.session
    session[ENTERED] = [str(participant.pk)]
    session.save()
    return client


@pytest.fixture
def owner(study: Study) -> Participant:
    return Participant.objects.get(study=study, ref="owner")


@pytest.fixture
def mine(owner: Participant) -> Client:
    return client_of(owner)


@pytest.fixture
def noticed(owner: Participant) -> Attribute:
    return Attribute.objects.get(participant=owner)


def act(client: Client, attribute: Attribute, name: str, **data: str) -> str:
    address = f"/me/alps/attributes/{attribute.pk}/{name}/"
    return text_of(client.post(address, data, follow=True))


def test_page_shows_what_was_noticed_and_where_it_was_said(
    mine: Client, noticed: Attribute
) -> None:
    page = text_of(mine.get("/me/alps/"))

    conversation = noticed.evidence.get().conversation_id
    assert NOTICED in page
    assert f"/me/alps/conversations/{conversation}/#turn-1" in page


def test_conversation_marks_where_it_was_said(mine: Client, noticed: Attribute) -> None:
    conversation = noticed.evidence.get().conversation_id

    page = text_of(mine.get(f"/me/alps/conversations/{conversation}/"))

    assert "<mark>I live near</mark> &lt;b&gt;Bern&lt;/b&gt;." in page
    assert 'id="turn-1"' in page


def test_correction_stands_in_place_of_what_was_noticed(mine: Client, noticed: Attribute) -> None:
    page = act(mine, noticed, "correct", text="Lives in Thun.")

    own = Attribute.objects.get(corrects=noticed)
    noticed.refresh_from_db()
    assert (own.text, own.author) == ("Lives in Thun.", "owner")
    assert noticed.forgotten_at is not None
    assert "What you wrote about yourself" in page
    assert "You corrected this:" in page
    assert f"attributes/{noticed.pk}/undo/" in page


def is_remembered(attribute: Attribute) -> bool:
    """As the database knows it now."""
    return Attribute.objects.remembered().filter(pk=attribute.pk).exists()


def test_correction_leads_to_its_line_and_is_undone(mine: Client, noticed: Attribute) -> None:
    for _twice in range(2):
        response = mine.post(f"/me/alps/attributes/{noticed.pk}/correct/", {"text": "In Thun."})
        assert response.headers["Location"] == f"/me/alps/?noticed=1#line-{noticed.ref}"
        assert not is_remembered(noticed)
        assert "You corrected this:" not in act(mine, noticed, "undo")
        assert is_remembered(noticed)
        assert Attribute.objects.get(corrects=noticed).forgotten_at is not None


def test_personal_data_in_a_correction_is_shown_first(mine: Client, noticed: Attribute) -> None:
    address = f"/me/alps/attributes/{noticed.pk}/correct/"
    words = {"text": "Write to anna@example.org"}

    response = mine.post(address, words)

    assert response.status_code == 422
    assert "Is this personal data?" in text_of(response)
    assert not Attribute.objects.filter(corrects=noticed).exists()
    mine.post(address, {**words, "seal": hidden_fields(text_of(response))["seal"]})
    assert Attribute.objects.get(corrects=noticed).text == "Write to anna@example.org"


@pytest.mark.parametrize("text", ["", "  ", "Lives near <i>Bern</i>.", "x" * 100_000])
def test_correction_that_corrects_nothing_is_refused(
    mine: Client, noticed: Attribute, text: str
) -> None:
    act(mine, noticed, "correct", text=text)

    noticed.refresh_from_db()
    assert noticed.forgotten_at is None
    assert not Attribute.objects.filter(corrects=noticed).exists()


def test_line_is_forgotten_and_remembered_again(mine: Client, noticed: Attribute) -> None:
    page = act(mine, noticed, "forget")
    assert "Not used since" in page
    assert f"attributes/{noticed.pk}/remember/" in page

    act(mine, noticed, "remember")
    noticed.refresh_from_db()
    assert noticed.forgotten_at is None


@pytest.mark.parametrize("name", ["correct", "undo", "forget", "remember"])
def test_line_of_somebody_else_does_not_exist(study: Study, noticed: Attribute, name: str) -> None:
    other = client_of(make_participant(study, "other"))

    response = other.post(f"/me/alps/attributes/{noticed.pk}/{name}/", {"text": "Mine now."})

    noticed.refresh_from_db()
    assert response.status_code == 404
    assert noticed.forgotten_at is None


ADDRESSES = ["", "download/", "leave/", "erase/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_strangers_find_nothing(study: Study, client: Client, address: str) -> None:
    assert client.get(f"/me/alps/{address}").status_code == 404


def test_conversation_of_somebody_else_does_not_exist(study: Study, noticed: Attribute) -> None:
    other = client_of(make_participant(study, "other"))
    conversation = noticed.evidence.get().conversation_id

    assert other.get(f"/me/alps/conversations/{conversation}/").status_code == 404


def test_page_tells_who_could_see_it(mine: Client, study: Study, owner: Participant) -> None:
    peer = make_participant(study, "peer").raters.create(study=study, kind="human", ref="w-peer")
    place = Assignment.objects.filter(subject=owner, role="peer").first()
    assert place is not None
    Assignment.objects.filter(pk=place.pk).update(
        state="done", rater=peer, finished_at=datetime(2026, 5, 3, tzinfo=UTC)
    )
    endpoint = ensure_endpoint(name="main", base_url="http://model.test/v1", model="large-7")
    Call.objects.create(
        endpoint=endpoint, scope=study.scope, subject=owner.pk, purpose="extraction",
        model_asked="large-7", prompt_version="1",
    )  # fmt: skip

    page = text_of(mine.get("/me/alps/"))

    assert "1 other person answered questions about you." in page
    assert "large-7" in page


def test_page_tells_what_is_paid(mine: Client, study: Study, owner: Participant) -> None:
    Payment.objects.create(
        study=study, participant=owner, kind="bonus", amount=2, currency="EUR", reason="Thanks"
    )

    page = text_of(mine.get("/me/alps/"))

    assert "2.00 EUR · Thanks" in page
    assert "not paid yet" in page


def test_long_lists_come_in_pages(mine: Client, study: Study, owner: Participant) -> None:
    Attribute.objects.bulk_create(
        Attribute(study=study, participant=owner, ref=f"z{n:02}", text=f"Line {n}", author="llm:m")
        for n in range(30)
    )

    first, second = text_of(mine.get("/me/alps/")), text_of(mine.get("/me/alps/?noticed=2"))

    assert ("Line 3<" in first, "Line 28<" in first) == (True, False)
    assert ("Line 3<" in second, "Line 28<" in second) == (False, True)
    assert mine.get("/me/alps/?noticed=nonsense").status_code == 200


def test_page_costs_the_same_for_many_lines(
    mine: Client, study: Study, owner: Participant, django_assert_max_num_queries: object
) -> None:
    Attribute.objects.bulk_create(
        Attribute(study=study, participant=owner, ref=f"z{n}", text=f"Line {n}", author="llm:m")
        for n in range(15)
    )

    with django_assert_max_num_queries(60):  # type: ignore[operator]
        mine.get("/me/alps/")


def test_download_is_a_zip_of_both_files(mine: Client) -> None:
    response = mine.get("/me/alps/download/")

    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.namelist() == ["data.json", "data.html"]
        assert "Lives near" in archive.read("data.json").decode()
    assert response["Content-Disposition"] == 'attachment; filename="alps-my-data.zip"'
    assert "no-store" in response["Cache-Control"]
