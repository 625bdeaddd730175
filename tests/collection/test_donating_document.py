"""The study document's section on past conversations."""

from datetime import date
from typing import Any, get_args

import pytest

from collection.donating.document import DonateSection, FormatName, donate_faults, terms_of
from collection.importers.registry import FORMATS
from tests.samples import make_study


def test_every_format_can_be_named() -> None:
    assert list(get_args(FormatName)) == list(FORMATS)


@pytest.mark.parametrize("section", [None, {}])
def test_defaults_stand_for_what_is_not_said(db: None, section: Any) -> None:
    terms = terms_of(make_study("alps", {}, donate=section))

    assert terms == DonateSection(formats=list(get_args(FormatName)))


def test_date_is_read_from_a_document(db: None) -> None:
    terms = terms_of(make_study("alps", {}, donate={"since": "2025-01-31"}))

    assert terms is not None
    assert terms.since == date(2025, 1, 31)


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ([], ()),
        ({"more": 1}, ("more",)),
        ({"formats": []}, ("formats",)),
        ({"formats": ["gemini"]}, ("formats", 0)),
        ({"least": 0}, ("least",)),
        ({"least": 5, "most": 4}, ()),
        ({"most": 1001}, ("most",)),
        ({"since": "yesterday"}, ("since",)),
    ],
)
def test_fault_names_its_place(section: Any, path: tuple[str | int, ...]) -> None:
    [(found, sentence)] = donate_faults(section, {})

    assert found == path
    assert sentence.endswith(".")
