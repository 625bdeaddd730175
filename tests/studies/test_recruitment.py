"""Panels: reading their links, their return addresses, and what a document may say of them."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.core.exceptions import ValidationError
from jwt.utils import base64url_encode

from studies.document import document_faults
from studies.recruitment.generic import Generic
from studies.recruitment.panel import Arrival, ForgedLink, Query
from studies.recruitment.prolific import Prolific
from tests.studies.recruitment import (
    CODES,
    OTHER,
    OTHER_KEY,
    PERSON,
    SESSION,
    STUDY,
    generic,
    ids,
    prolific,
    public_set,
    signed_prolific,
    token,
)

ARRIVAL = Arrival("prolific", PERSON, STUDY, SESSION)


def query(**parameters: str) -> Query:
    """A link's parameters as Django reads them."""
    return {name: [value] for name, value in parameters.items()}


def faults_of(entry: Any, **document: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a document that holds this section."""
    return document_faults({"slug": "alps", "title": {"en": "Alps"}, "entry": entry, **document})


def test_prolific_reads_its_ids() -> None:
    assert Prolific.model_validate(prolific()).read(query(**ids())) == ARRIVAL


def test_link_without_the_panels_parameter_is_not_its_link() -> None:
    assert Prolific.model_validate(prolific()).read(query(utm="x")) is None


@pytest.mark.parametrize("person", ["", " ", "a b", "a\x00", "a/b", "<b>", "x" * 129, "a\n"])
def test_ids_that_no_panel_gives_are_refused(person: str) -> None:
    with pytest.raises(ValidationError, match="This link is broken"):
        Prolific.model_validate(prolific()).read(query(**ids(person)))


def test_parameter_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="twice"):
        Prolific.model_validate(prolific()).read({"PROLIFIC_PID": [PERSON, OTHER]})


def test_link_of_another_study_is_refused() -> None:
    with pytest.raises(ForgedLink, match="another study"):
        Prolific.model_validate(prolific()).read(query(**ids(STUDY_ID="66ff")))


def test_signed_link_is_read() -> None:
    panel = Prolific.model_validate(signed_prolific())

    assert panel.read(query(**ids(prolific_token=token()))) == ARRIVAL


def unsigned() -> str:
    """A token that says it needs no signature."""
    return token(key=None, algorithm="none")


def signed_with_the_public_key() -> str:
    """A token whose HMAC key is the published key."""
    header = base64url_encode(b'{"alg":"HS256","typ":"JWT","kid":"k1"}')
    body = token().split(".")[1].encode()
    secret = str(public_set()["keys"][0]["n"]).encode()
    sign = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign
    return b".".join([header, body, base64url_encode(sign(header + b"." + body, secret))]).decode()


FORGED: dict[str, Callable[[], str]] = {
    "missing": lambda: "",
    "nonsense": lambda: "a.b.c",
    "none": unsigned,
    "public key as secret": signed_with_the_public_key,
    "another's key": lambda: token(key=OTHER_KEY),
    "unknown kid": lambda: token(kid="k2"),
    "another audience": lambda: token(aud="66ff"),
    "no audience": lambda: token(aud=None),
    "expired": lambda: token(exp=1),
    "without expiry": lambda: token(exp=None),
    "another person": lambda: token(prolific=ids(OTHER)),
    "another session": lambda: token(prolific=ids(SESSION_ID="x")),
    "no ids": lambda: token(prolific=None),
    "ids that are no mapping": lambda: token(prolific=[PERSON]),
    "half": lambda: token()[:-20],
}


@pytest.mark.parametrize("kind", FORGED)
def test_forged_link_is_refused(kind: str) -> None:
    panel = Prolific.model_validate(signed_prolific())

    with pytest.raises(ForgedLink):
        panel.read(query(**ids(prolific_token=FORGED[kind]())))


def test_return_address_holds_the_code() -> None:
    found = [
        panel.return_url("C1")
        for panel in (Prolific.model_validate(prolific()), Generic.model_validate(generic()))
    ]

    assert found == [
        "https://app.prolific.com/submissions/complete?cc=C1",
        "https://panel.example/back?code=C1",
    ]


def test_code_of_an_outcome() -> None:
    codes = Prolific.model_validate(prolific(codes={"done": "C1"})).codes

    assert [codes.for_outcome(name) for name in ("done", "attention", "under_way")] == [
        "C1",
        None,
        None,
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://panel.example/{code}",
        "https://panel.example/",
        "https://{code}.example/",
        "https://panel.example/{code}/{code}",
        "https://panel.example/{code.__class__}",
        "https://panel.example/{code}?x={other}",
        "https://panel.example/%(code)s",
        "https://user@panel.example/{code}",
        "https:///{code}",
        "https://panel.example/ {code}",
        "javascript:alert('{code}')",
    ],
)
def test_return_address_of_another_form_is_refused(address: str) -> None:
    assert [path for path, _ in faults_of({"panels": [generic(return_url=address)]})] == [
        ("entry", "panels", 0, "return_url")
    ]


def test_entry_section_is_accepted() -> None:
    assert faults_of({"open": False, "panels": [signed_prolific(), generic()]}) == []


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"opened": True}, ("entry", "opened")),
        ([], ("entry",)),
        ({"panels": [{"kind": "mturk"}]}, ("entry", "panels", 0)),
        ({"panels": [{}]}, ("entry", "panels", 0)),
        ({"panels": [{"kind": "prolific"}]}, ("entry", "panels", 0, "codes")),
        ({"panels": [prolific(codes={"done": "a b"})]}, ("entry", "panels", 0, "codes", "done")),
        ({"panels": [prolific(), prolific(name="b")]}, ("entry", "panels", 1)),
        ({"panels": [generic(), generic(participant="id")]}, ("entry", "panels", 1)),
        ({"panels": [prolific(signed=True)]}, ("entry", "panels", 0)),
        ({"panels": [prolific(keys={"keys": []})]}, ("entry", "panels", 0, "keys")),
        ({"panels": [prolific(keys={"keys": [{"kty": "RSA"}]})]}, ("entry", "panels", 0, "keys")),
    ],
)
def test_entry_section_names_its_fault(entry: Any, path: tuple[str | int, ...]) -> None:
    assert [place for place, _ in faults_of(entry)] == [path]


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k1"},
        {**public_set()["keys"][0], "d": "AQAB"},
        {**public_set()["keys"][0], "alg": "HS256"},
    ],
)
def test_key_that_could_sign_is_refused(key: dict[str, Any]) -> None:
    entry = {"panels": [prolific(signed=True, keys={"keys": [key]})]}

    assert [place for place, _ in faults_of(entry)] == [("entry", "panels", 0, "keys")]


def test_study_that_converses_asks_for_it() -> None:
    consent = {"version": "1", "text": {"en": "Yes?"}, "scopes": ["take_part"]}
    found = faults_of({}, consent=consent, converse={"any": "thing"})

    assert (("consent", "scopes") in [place for place, _ in found]) is True


def test_codes_of_a_document_are_those_of_the_panel() -> None:
    assert Generic.model_validate(generic()).codes.model_dump() == CODES
