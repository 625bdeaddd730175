from typing import Any

from annotation.rubrics.answers import Targets
from annotation.rubrics.judging import instructions, judge_schema, read_judgments
from tests.annotation.rubrics.samples import PANDALM, ask, rubric

PAIR = Targets(responses=("A", "B"))
ITEMS = [("1", PAIR), ("2", PAIR)]


def test_judge_schema_shares_the_shape_of_like_items() -> None:
    schema = judge_schema(rubric(*PANDALM["questions"]), [*ITEMS, ("3", Targets(("A",)))])

    entries = schema["properties"]["items"]["properties"]

    assert [entry["$ref"][-1] for entry in entries.values()] == ["1", "1", "2"]
    assert schema["$defs"]["answers_2"]["required"] == ["quality"]


def test_judge_schema_lets_optional_answers_be_null() -> None:
    schema = judge_schema(rubric(ask("q", required=False)), [("1", Targets())])

    assert schema["$defs"]["answers_1"] == {
        "type": "object",
        "properties": {"q": {"type": ["string", "null"], "enum": ["yes", "no", None]}},
        "required": ["q"],
        "additionalProperties": False,
    }


def test_judge_schema_is_strict_all_the_way_down() -> None:
    def objects(part: Any) -> list[dict[str, Any]]:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
        found = [each for value in inner for each in objects(value)]
        return found + ([part] if isinstance(part, dict) and part.get("type") == "object" else [])

    for each in objects(judge_schema(rubric(*PANDALM["questions"]), ITEMS)):
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])


def test_read_judgments_keeps_good_items_beside_bad_ones() -> None:
    asked = rubric(*PANDALM["questions"])
    good = {"preference": "tie", "quality": {"A": 1, "B": None}}
    value = {"items": {"1": good, "2": {"preference": "8/10", "quality": None}, "9": {}}}

    assert read_judgments(asked, value, ITEMS) == {
        "1": {"preference": "tie", "quality": {"A": 1.0}},
        "2": "preference: Choose one of: 1, 2, tie.",
    }


def test_read_judgments_says_what_is_not_there() -> None:
    asked = rubric(ask())

    assert read_judgments(asked, {"items": {}}, ITEMS)["1"] == "There is no entry for this item."
    assert 'no "items"' in str(read_judgments(asked, [1], ITEMS)["1"])


def test_instructions_list_questions_with_their_values() -> None:
    asked = rubric(ask("a"), ask("b", "text", asked_if={"a": ["no"]}), ask("c", roles=["owner"]))

    assert instructions(asked) == (
        "a: So?\n"
        "  One of:\n"
        '    "yes": Yes\n'
        '    "no": No\n'
        "\n"
        "b: So?\n"
        "  A text.\n"
        '  Only if a is "no"; otherwise answer null.'
    )
