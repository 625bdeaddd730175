"""The main job on real conversations: LAPS, extracted by a model over HTTP and by the baseline.

Figures are printed, whatever they are; what must hold is that every attribute can be traced to the
very words of a turn.
"""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from generation.models import Attribute, Evidence
from llm.models import Call
from tests.fakellm import FakeLlm
from tests.generation.machine import served

FILE = Path(settings.REAL_DATA_DIR) / "laps" / "recipe_dataset_test.json"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILE.exists(), reason=f"no LAPS data in {FILE.parent}"),
]

DIALOGUES = 191


@pytest.fixture
def command() -> Callable[..., dict[str, Any]]:
    """Call a command of the site and read its JSON document."""
    call_command("import_data", str(FILE), study="laps", format="laps", create=True,
                 stdout=StringIO(), stderr=StringIO())  # fmt: skip

    def called(name: str, **options: Any) -> dict[str, Any]:
        out = StringIO()
        call_command(name, study="laps", json=True, stdout=out, **options)
        document: dict[str, Any] = json.loads(out.getvalue())
        return document

    return called


def test_laps_is_extracted_over_http_and_by_the_baseline(
    command: Callable[..., dict[str, Any]], server: FakeLlm
) -> None:
    served(server)

    by_http = command("generate", stage="extraction", endpoint="fake")
    by_rules = command("generate", stage="extraction", endpoint="baseline")
    scores = command("evaluate_extraction")["extractors"]

    assert by_http["jobs"]["done"] == by_rules["jobs"]["done"] == DIALOGUES == server.billed
    assert Call.objects.filter(state="ok").count() == 2 * DIALOGUES
    assert [one["author"] for one in scores] == ["llm:baseline/rules", "llm:fake-model"]
    for one in scores:
        print(f"\n{json.dumps(one)}")
        assert 0 < one["conversation"]["recall"] < 1
    check_evidence()


def check_evidence() -> None:
    """Every proposed attribute rests on a span of a user's turn."""
    proposed = Attribute.objects.exclude(author="owner")
    rows = Evidence.objects.filter(attribute__in=proposed).select_related("turn")
    assert rows.count() == proposed.count() > 0
    for row in rows:
        assert row.turn
        assert row.turn.role == "user"
        assert row.turn.content[row.start : row.end].strip()
