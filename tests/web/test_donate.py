"""Giving past conversations in the browser: who may, what is refused, what is kept across pages."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from collection.importers.limits import LARGEST_FILE
from collection.unshared.models import Donation, UnsharedConversation, UnsharedTurn
from studies.models import Participant, Study
from tests.collection.exports import chain, listed, message, tree, zipped
from tests.samples import make_participant, make_study
from tests.web.conftest import CONSENT, entered_as
from tests.web.pages import text_of

ADDRESS = "/s/giving/donate/"


@pytest.fixture
def giving(db: None, settings: Any, tmp_path: Path) -> Study:
    """A study that asks for past conversations."""
    settings.DONATIONS_DIR = tmp_path / "donations"
    return make_study("giving", {}, consent=CONSENT, donate={"most": 60})


@pytest.fixture
def person(giving: Study) -> Participant:
    """Somebody who agreed to this text."""
    person = make_participant(giving, "person")
    person.consents.update(version=CONSENT["version"])
    return person


@pytest.fixture
def donor(client: Client, person: Participant) -> Client:
    """Their browser."""
    return entered_as(client, person)


def send(donor: Client, content: bytes, name: str = "conversations.json", **more: Any) -> Any:
    """Send a file."""
    return donor.post(ADDRESS, {"file": SimpleUploadedFile(name, content)}, **more)


def sent(donor: Client, *rows: Any) -> str:
    """Send these conversations; the address of the list."""
    return str(send(donor, listed(*rows))["Location"])


def many(count: int) -> list[dict[str, Any]]:
    """Conversations, each an hour older than the one before."""
    return [
        chain(f"Words {n}", name=f"g{n}", title=f"Title {n:03}", create_time=1.7e9 - 3600 * n)
        for n in range(count)
    ]


def test_page_says_how_to_get_the_file_and_how_large(donor: Client) -> None:
    page = text_of(donor.get(ADDRESS))

    assert "From ChatGPT" in page
    assert "From Claude" in page
    assert "up to 100 MB" in page
    assert "Nobody sees anything of it until you have read it" in page


def test_only_formats_of_the_study_are_offered(donor: Client, giving: Study) -> None:
    Study.objects.update(document={**giving.document, "donate": {"formats": ["claude"]}})

    page = text_of(donor.get(ADDRESS))

    assert "From ChatGPT" not in page
    assert "From elsewhere" not in page


def test_file_leads_to_the_list_and_waits_there(donor: Client) -> None:
    address = sent(donor, chain("<script>alert(1)</script>", title="Zürich <b>"))

    page = text_of(donor.get(address))

    assert "Zürich &lt;b&gt;" in page
    assert "<script>alert" not in page
    assert "Nov. 14, 2023" in page
    assert donor.get(ADDRESS)["Location"] == address


def test_zip_is_taken_whatever_its_name(donor: Client) -> None:
    response = send(donor, zipped({"../conversations.json": listed(chain())}), "../../etc.txt")

    assert response.status_code == 302


def test_htmx_is_led_to_the_list(donor: Client) -> None:
    response = send(donor, listed(chain()), headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == f"{ADDRESS}{Donation.objects.get().pk}/"


BAD = {
    "zip": (zipped({"conversations.json": listed(chain())})[:80], "The zip is damaged"),
    "cut": (listed(chain(), chain())[:-300], "the file ends in the middle"),
    "page": (b"<html>", "This is a web page"),
    "empty": (b"", "The file is empty"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("is_htmx", [True, False])
def test_bad_file_gets_a_sentence_and_nothing_is_kept(
    donor: Client, settings: Any, name: str, is_htmx: bool
) -> None:
    content, sentence = BAD[name]

    response = send(donor, content, headers={"HX-Request": "true"} if is_htmx else {})

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert ("<html" in text_of(response)) is not is_htmx
    assert Donation.objects.count() == 0
    assert list(Path(settings.DONATIONS_DIR).iterdir()) == []


class Untouchable(io.BytesIO):
    """A body of which nobody may read a byte."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("The body was read.")


def test_file_of_200_mb_is_refused_before_it_is_read(donor: Client) -> None:
    declared: Any = {"CONTENT_LENGTH": str(200_000_000), "wsgi.input": Untouchable()}

    response = donor.generic(
        "POST",
        ADDRESS,
        content_type="multipart/form-data; boundary=x",
        **declared,
    )

    assert response.status_code == 413
    assert "larger than 100 MB" in text_of(response)


def test_file_is_counted_as_it_comes(donor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.uploads.LARGEST_FILE", 100)

    response = send(donor, b"x" * 3_000_000)

    assert response.status_code == 413
    assert "so it was not read" in text_of(response)
    assert LARGEST_FILE == 100_000_000


@pytest.mark.parametrize("data", [{}, {"file": "no file"}])
def test_form_without_a_file_says_so(donor: Client, data: dict[str, str]) -> None:
    assert "Choose a file first." in text_of(donor.post(ADDRESS, data))


def test_forged_form_is_refused(person: Participant) -> None:
    donor = entered_as(Client(enforce_csrf_checks=True), person)

    response = send(donor, listed(chain()))

    assert response.status_code == 403
    assert Donation.objects.count() == 0


def test_choice_is_kept_across_pages_and_counted(donor: Client) -> None:
    address = sent(donor, *many(55))
    first = text_of(donor.get(address))

    shown = ",".join(str(n) for n in range(1, 51))
    data = {"shown": shown, "chosen": ["1", "3"], "act": "page-2", "words": ""}
    second = donor.post(address, data, follow=True)
    donor.post(address, {"shown": "51,52", "chosen": ["52"], "act": "page-1", "words": ""})

    assert first.index("Title 000") < first.index("Title 001")
    assert "Title 050" not in first
    assert "Title 050" in text_of(second)
    assert "3 chosen" in text_of(donor.get(address))
    assert text_of(donor.get(address)).count(" checked>") == 2


def test_what_is_chosen_is_shown_alone_and_unticked_at_once(donor: Client) -> None:
    address = sent(donor, *many(55))

    data = {"shown": "1,52", "chosen": ["1", "52"], "act": "mine", "words": "Title"}
    mine = text_of(donor.post(address, data, follow=True))
    assert mine.count(" checked>") == 2
    assert mine.count('name="chosen"') == 2

    data = {"shown": "1,52", "chosen": ["1", "52"], "act": "none", "mine": "1"}
    page = text_of(donor.post(address, data, follow=True))
    assert "0 chosen" in page
    assert "Title 001" in page


def test_too_many_can_be_seen_and_counted(donor: Client) -> None:
    Study.objects.update(document={**Study.objects.get().document, "donate": {"most": 2}})
    address = sent(donor, *many(55))

    refused = donor.post(address, {"shown": "1,2,52", "chosen": ["1", "2", "52"], "act": "take"})

    assert refused.status_code == 422
    assert "You can give 2 conversations; you chose 3." in text_of(refused)
    assert "Show only what I chose" in text_of(refused)


def test_opening_one_keeps_what_is_ticked(donor: Client) -> None:
    address = sent(donor, *many(3))

    data = {"shown": "1,2,3", "chosen": ["2"], "act": "open-3", "page": "1", "words": "Title"}
    opened = donor.post(address, data)

    assert opened["Location"] == f"{address}3/?page=1&words=Title"
    assert "1 chosen" in text_of(donor.get(address))


def test_list_is_filtered_by_title_and_first_words(donor: Client) -> None:
    address = sent(donor, *many(12))

    page = text_of(donor.get(address, {"words": "WORDS 11"}))

    assert "1 of 12 conversations" in page
    assert "Title 011" in page


@pytest.mark.parametrize("query", ["page=99", "page=x", "words=nothing", "words=%00&page=0"])
def test_odd_queries_get_a_page(donor: Client, query: str) -> None:
    address = sent(donor, chain())

    assert donor.get(f"{address}?{query}").status_code == 200


def test_chosen_conversations_are_taken_and_the_rest_goes(donor: Client) -> None:
    address = sent(donor, *many(3))

    response = donor.post(
        address, {"shown": "1,2,3", "chosen": ["1", "3"], "act": "take"}, follow=True
    )

    titles = UnsharedConversation.objects.order_by("title").values_list("title", flat=True)
    assert list(titles) == ["Title 000", "Title 002"]
    assert "2 conversations are here for you to read" in text_of(response)
    assert donor.get(address).status_code == 404


@pytest.mark.parametrize("chosen", [[], ["9"], ["x"], ["-1"], ["9" * 5000]])
def test_taking_nothing_that_is_there_is_refused(donor: Client, chosen: list[str]) -> None:
    address = sent(donor, *many(3))

    response = donor.post(address, {"shown": "1,2,3", "chosen": chosen, "act": "take"})

    assert response.status_code == 422
    assert UnsharedConversation.objects.count() == 0


def test_giving_up_leads_back_to_the_beginning(donor: Client) -> None:
    address = sent(donor, chain())

    response = donor.post(address, {"act": "give_up"}, follow=True)

    assert "Nothing of it was kept." in text_of(response)
    assert Donation.objects.count() == 0


def test_conversation_is_opened_in_each_version_and_one_is_chosen(donor: Client) -> None:
    nodes = {
        "a": (None, message("user", "<b>Hello</b> مرحبا")),
        "b": ("a", message("assistant", "First reply")),
        "c": ("a", message("assistant", "Second reply")),
    }
    address = sent(donor, tree(nodes, "b"))
    opened = text_of(donor.get(f"{address}1/"))
    other = text_of(donor.get(f"{address}1/?version=1"))
    donor.post(f"{address}1/?version=1&page=1&words=", {"act": "put"})
    donor.post(address, {"shown": "1", "chosen": ["1"], "act": "take"})

    assert "&lt;b&gt;Hello&lt;/b&gt; مرحبا" in opened
    assert ("First reply" in opened, "Second reply" in opened) == (True, False)
    assert ("First reply" in other, "Second reply" in other) == (False, True)
    assert UnsharedTurn.objects.get(position=1).content == "Second reply"


def test_what_was_given_before_is_marked_and_cannot_be_ticked(donor: Client) -> None:
    donor.post(sent(donor, *many(1)), {"shown": "1", "chosen": ["1"], "act": "take"})
    address = sent(donor, *many(2))

    page = text_of(donor.get(address))
    donor.post(f"{address}1/", {"act": "put"})

    assert page.count("You gave this before.") == 1
    assert page.count('name="chosen"') == 1
    assert "0 chosen" in text_of(donor.get(address))


def test_older_conversations_than_the_study_asks_for_are_not_listed(
    donor: Client, giving: Study
) -> None:
    Study.objects.update(document={**giving.document, "donate": {"since": "2023-11-14"}})

    page = text_of(donor.get(sent(donor, *many(24))))

    assert "1 conversation is not listed" in page
    assert page.count('name="chosen"') == 23


def test_who_gave_the_most_is_led_on(donor: Client, giving: Study) -> None:
    Study.objects.update(document={**giving.document, "donate": {"most": 1}})
    donor.post(sent(donor, chain()), {"shown": "1", "chosen": ["1"], "act": "take"})

    page = text_of(donor.get(ADDRESS))

    assert "That is as many as the study asks for." in page
    assert 'type="file"' not in page


def test_conversation_that_is_not_there_is_404(donor: Client) -> None:
    address = sent(donor, chain())

    assert donor.get(f"{address}7/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("under", ["", "1/"])
def test_donation_of_another_person_is_404(
    donor: Client, person: Participant, method: str, under: str
) -> None:
    address = sent(donor, chain())
    other = make_participant(person.study, "other")
    other.consents.update(version=CONSENT["version"])
    stranger = entered_as(Client(), other)

    assert getattr(stranger, method)(address + under, {"act": "give_up"}).status_code == 404
    assert Donation.objects.count() == 1


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}11111111-1111-4111-8111-111111111111/"])
def test_who_takes_no_part_finds_nothing(client: Client, giving: Study, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


def test_study_that_asks_for_nothing_leads_to_its_door(donor: Client, giving: Study) -> None:
    Study.objects.update(
        document={key: giving.document[key] for key in ("slug", "title", "consent")}
    )

    assert donor.get(ADDRESS)["Location"] == "/s/giving/"
    assert send(donor, listed(chain())).status_code == 409


def test_list_costs_the_same_for_1_and_3_conversations(
    donor: Client, django_assert_num_queries: Any
) -> None:
    from tests.web.test_door import queries_of

    one = queries_of(donor, sent(donor, *many(1)))

    assert queries_of(donor, sent(donor, *many(3))) == one
