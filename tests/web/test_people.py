"""The board of who came: who may see it, invitations, and comparing with a panel's list."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from studies.actions.entering import enter_study
from studies.actions.members import add_member
from studies.models import Participant, Study, User
from studies.recruitment.exports import MOST_ROWS
from studies.recruitment.models import Invitation
from studies.recruitment.panel import Arrival
from studies.recruitment.ways import Way
from tests.studies.recruitment import generic, prolific, study_with
from tests.web.pages import text_of

pytestmark = pytest.mark.django_db
HEADER = "Submission id,Participant id,Status,Completion code\n"
BOARD = "/studies/alps/people/"
PANEL = "/studies/alps/people/panel/"


@pytest.fixture
def alps(db: None) -> Study:
    return study_with(prolific())


@pytest.fixture
def board(client: Client, alps: Study) -> Client:
    """The browser of somebody who runs the study."""
    user = User.objects.create_user("ada")
    add_member(study=alps, user=user, role="manager", by=None)
    client.force_login(user)
    return client


def came(study: Study, person: str, outcome: str = "under_way") -> Participant:
    """Somebody whom the panel sent."""
    way = Way(arrival=Arrival("prolific", person))
    participant = enter_study(study=study, scopes=["take_part"], way=way)
    Participant.objects.filter(pk=participant.pk).update(outcome=outcome)
    return participant


def compare(client: Client, text: str, **more: Any) -> Any:
    """Give the panel's list."""
    return client.post(PANEL, {"panel": "prolific", "text": text, **more})


def test_strangers_sign_in_and_others_find_nothing(client: Client, alps: Study) -> None:
    assert client.get(BOARD).status_code == 302
    viewer = User.objects.create_user("vi")
    add_member(study=alps, user=viewer, role="viewer", by=None)
    client.force_login(viewer)

    addresses = [PANEL, f"{BOARD}invitations/"]
    assert client.get(BOARD).status_code == 404
    assert [client.post(address).status_code for address in addresses] == [404, 404]
    assert Invitation.objects.count() == 0


def test_board_shows_people_by_pseudonym(board: Client, alps: Study) -> None:
    person = came(alps, "5f01", "done")
    board.get("/s/alps/")

    page = text_of(board.get(BOARD))

    assert person.ref in page
    assert "5f01" not in page


def test_empty_board_says_so(board: Client) -> None:
    page = text_of(board.get(BOARD))

    assert "Nobody has agreed yet." in page
    assert "There is no invitation yet." in page


def test_board_costs_the_same_for_1_and_3_people(
    board: Client, alps: Study, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    came(alps, "5f01")
    board.get(BOARD)
    with CaptureQueriesContext(connection) as queries:
        board.get(BOARD)
    for person in ("5f02", "5f03"):
        came(alps, person)

    with django_assert_num_queries(len(queries)):
        board.get(BOARD)


def test_invitation_is_shown_once(board: Client) -> None:
    made = text_of(board.post(f"{BOARD}invitations/", {"limit": "2", "days": "7", "label": "Bo"}))

    assert "/s/alps/i/" in made
    assert "/s/alps/i/" not in text_of(board.get(BOARD))
    invitation = Invitation.objects.get()
    assert (invitation.limit, invitation.label, invitation.created_by) == (2, "Bo", "ada")


@pytest.mark.parametrize("wrong", [{"limit": "0"}, {"days": "400"}, {"limit": "x"}, {}])
def test_impossible_invitation_is_refused(board: Client, wrong: dict[str, str]) -> None:
    more = {"limit": "1", "days": "7"} if wrong else {}
    response = board.post(f"{BOARD}invitations/", {**more, **wrong})

    assert (response.status_code, Invitation.objects.count()) == (422, 0)


def test_invitation_is_taken_back(board: Client) -> None:
    board.post(f"{BOARD}invitations/", {"limit": "1", "days": "7"})
    invitation = Invitation.objects.get()

    board.post(f"{BOARD}invitations/{invitation.pk}/")

    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


def test_invitation_of_another_study_does_not_exist(board: Client) -> None:
    other = study_with(slug="lakes")
    row = Invitation.objects.create(study=other, digest="d", expires_at="2030-01-01T00:00Z")

    assert board.post(f"{BOARD}invitations/{row.pk}/").status_code == 404


def lines_of(response: Any) -> dict[str, tuple[str, str]]:
    """By the panel's id what we say and what it means, from the download."""
    text = b"".join(response.streaming_content).decode()
    rows = csv.DictReader(StringIO(text))
    return {row["participant"]: (row["our_outcome"], row["finding"]) for row in rows}


def test_both_sides_are_compared(board: Client, alps: Study) -> None:
    outcomes = {"a1": "done", "a2": "under_way", "a3": "done", "a4": "done", "a5": "screened_out"}
    for person, outcome in outcomes.items():
        came(alps, person, outcome)
    rows = [
        "s1,a1,APPROVED,CDONE",
        "s2,a2,AWAITING REVIEW,CDONE",
        "s3,a3,RETURNED,",
        "s5,a5,AWAITING REVIEW,CDONE",
        "s6,a6,TIMED-OUT,",
    ]

    found = lines_of(compare(board, HEADER + "\n".join(rows), **{"as": "csv"}))

    assert found == {
        "a1": ("done", "agrees"),
        "a2": ("under_way", "only_panel"),
        "a3": ("done", "only_we"),
        "a4": ("done", "not_listed"),
        "a5": ("screened_out", "other_code"),
        "a6": ("", "unknown"),
    }


def test_other_code_is_shown_beside_the_one_expected(board: Client, alps: Study) -> None:
    came(alps, "a5", "screened_out")

    page = text_of(compare(board, f"{HEADER}s5,a5,AWAITING REVIEW,CDONE\n"))

    assert "Came: CDONE. Expected: CSCREEN." in page


def test_counts_stand_on_top(board: Client, alps: Study) -> None:
    person = came(alps, "a1", "done")

    page = text_of(compare(board, f"{HEADER}s1,a1,APPROVED,CDONE\ns2,a2,RETURNED,\n"))

    assert page.count("<dd>1</dd>") == 5  # done there, done here, paid, returned, unknown
    assert person.ref not in page


def test_file_with_semicolons_is_read(board: Client, alps: Study) -> None:
    came(alps, "a1", "done")
    text = "\ufeff" + HEADER.replace(",", ";") + "s1;a1;APPROVED;CDONE\n"
    file = SimpleUploadedFile("list.csv", text.encode())

    response = board.post(PANEL, {"panel": "prolific", "file": file, "as": "csv"})

    assert lines_of(response) == {"a1": ("done", "agrees")}


def test_other_panel_names_its_columns(board: Client, alps: Study) -> None:
    export = {"participant": "Person", "status": "State", "done": ["ok"]}
    study_with(generic(export=export))
    way = Way(arrival=Arrival("lab", "p1"))
    enter_study(study=alps, scopes=["take_part"], way=way)

    response = board.post(PANEL, {"panel": "lab", "text": "Person,State\np1,OK\n", "as": "csv"})

    assert lines_of(response) == {"p1": ("under_way", "only_panel")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Choose a file or paste"),
        ("a,b\n1,2\n", "Line 1 has no column “Participant id”."),
        (HEADER + "s1,a1\n", "Line 2 has 2 cells, the first line 4."),
        (HEADER + 's1,"a1,APPROVED,\n', "Line 2 is no CSV"),
        (HEADER + f"s1,{'x' * 140_000},APPROVED,\n", "Line 2 is no CSV"),
        (HEADER + "\n" * 2 + "s1,a1,A\x00B,C\n", "Line 4 holds a character"),
    ],
)
def test_bad_list_is_refused_with_its_line(board: Client, text: str, words: str) -> None:
    file = SimpleUploadedFile("list.csv", text.encode() or b" ")

    response = board.post(PANEL, {"panel": "prolific", "file": file})

    assert response.status_code == 422
    assert words in text_of(response)


def test_list_that_is_no_utf8_is_refused(board: Client) -> None:
    file = SimpleUploadedFile("list.csv", HEADER.encode() + b"s1,\xff,A,B\n")

    page = text_of(board.post(PANEL, {"panel": "prolific", "file": file}))

    assert "Line 2 is not UTF-8." in page


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"x" * 5_000_001, "larger than 5 MB"), (b"a,b,c,d\n" * (MOST_ROWS + 1), "more than 100,000")],
)
def test_list_that_is_too_large_is_refused(board: Client, data: bytes, words: str) -> None:
    file = SimpleUploadedFile("list.csv", (HEADER.encode() + data)[: max(len(data), 900_000)])

    response = board.post(PANEL, {"panel": "prolific", "file": file})

    assert response.status_code == 422
    assert words in text_of(response)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝"])
def test_download_holds_no_formula(board: Client, sign: str) -> None:
    text = f'{HEADER}"{sign}1+1",a1,A,B\n'

    content = b"".join(compare(board, text, **{"as": "csv"}).streaming_content).decode()

    assert f"\r\n'{sign}1+1,a1," in content


def test_unknown_panel_is_refused(board: Client) -> None:
    assert compare(board, HEADER, panel="mturk").status_code == 422


def test_study_without_a_panel_has_nothing_to_compare(board: Client) -> None:
    study_with()

    assert "What the panel says" not in text_of(board.get(BOARD))
    assert compare(board, HEADER).status_code == 422
