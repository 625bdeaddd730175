"""What scripted raters answer: the same again from the same seed, and as their profiles say."""

from collections import Counter
from typing import Any

from annotation.rubrics.answers import Targets, check_answers
from annotation.rubrics.document import parse_rubric
from annotation.rubrics.loading import DEFAULTS, load_default
from annotation.simulation.answering import ScriptedRater, words_in
from annotation.simulation.profiles import Mix, cast_of, load_behaviour
from annotation.simulation.truth import Place, Planted, canonical
from tests.annotation.simulation.screens import pair_task

ALL_KINDS = Mix(bad=0.6, noisy=0.5)
MIRROR = {"1": "2", "2": "1", "tie": "tie"}


def crew(seed: int = 3, count: int = 20) -> list[ScriptedRater]:
    """Raters of every profile."""
    behaviour = load_behaviour()
    scripts = cast_of(behaviour, ALL_KINDS, count=count, seed=seed)
    cast = {script.name: script for script in scripts}
    planted = Planted(behaviour, seed)
    return [ScriptedRater(script, cast, behaviour, planted) for script in scripts]


def one_of(profile: str, raters: list[ScriptedRater]) -> ScriptedRater:
    """The first rater of the profile."""
    return next(rater for rater in raters if rater.script.profile == profile)


def preferences(rater: ScriptedRater, count: int, **options: Any) -> list[str]:
    """What the rater answers to so many pairs."""
    tasks = [pair_task(f"i{number}", **options) for number in range(count)]
    return [rater.answer(task)[0]["answers"]["preference"] for task in tasks]


def test_cast_has_every_profile_and_two_who_collude() -> None:
    profiles = Counter(rater.script.profile for rater in crew())
    alone = [profiles[name] for name in load_behaviour().bad_alone]

    assert (profiles["accurate"], profiles["noisy"], profiles["colluder"]) == (4, 4, 2)
    assert sorted(alone) == [2, 2, 3, 3]


def test_answers_are_the_same_again_whatever_was_asked_before() -> None:
    first, second = crew()[0], crew()[0]
    second.answer(pair_task("another"))

    assert first.answer(pair_task("i1")) == second.answer(pair_task("i1"))


def test_answers_differ_with_the_seed() -> None:
    said = [preferences(one_of("accurate", crew(seed)), 40) for seed in (1, 2)]

    assert said[0] != said[1]


def test_judgment_of_a_pair_does_not_depend_on_the_side_shown() -> None:
    raters = crew(), crew()
    plain = preferences(one_of("noisy", raters[0]), 40)
    turned = preferences(one_of("noisy", raters[1]), 40, is_swapped=True)

    assert [MIRROR[value] for value in turned] == plain


def test_answers_are_the_same_whatever_a_site_calls_what_it_shows() -> None:
    raters = [one_of("noisy", crew()), one_of("noisy", crew())]
    for number in range(40):  # The second site's ids sort the two responses the other way round.
        raters[1].planted.names[f"x{number}-a"] = f"i{number}-b"
        raters[1].planted.names[f"x{number}-b"] = f"i{number}-a"
        raters[1].planted.names[f"x{number}"] = f"i{number}"
    said = preferences(raters[0], 40)
    tasks = [pair_task(f"x{number}", is_swapped=True) for number in range(40)]

    assert [raters[1].answer(task)[0]["answers"]["preference"] for task in tasks] == said


def test_accurate_rater_finds_what_is_planted_more_often_than_a_spammer() -> None:
    raters = crew()
    found = {}
    for profile in ("accurate", "random_spammer"):
        rater = one_of(profile, raters)
        said = preferences(rater, 200)
        right = [rater.planted.drawn[Place(f"i{n}", "preference")].position for n in range(200)]
        found[profile] = sum(("1", "2", "tie")[at] == s for at, s in zip(right, said, strict=True))

    assert found["accurate"] > 150 > 90 > found["random_spammer"]


def test_biased_rater_favours_the_side_shown_first() -> None:
    said = Counter(preferences(one_of("biased", crew()), 200))

    assert said["1"] > 110


def test_constant_spammer_says_one_thing() -> None:
    said = Counter(preferences(one_of("constant_spammer", crew()), 100))

    assert said.most_common(1)[0][1] > 90


def test_colluder_repeats_the_leader() -> None:
    pair = [rater for rater in crew() if rater.script.profile == "colluder"]

    leader, copier = (preferences(rater, 200) for rater in pair)

    assert sum(one == other for one, other in zip(leader, copier, strict=True)) > 180


def test_spammer_is_quick_whatever_the_length() -> None:
    task = pair_task(text="word " * 400)
    raters = crew()

    quick, slow = (
        one_of(name, raters).answer(task)[0]["seconds"] for name in ("constant_spammer", "accurate")
    )

    assert quick < 10 < 100 < slow


def test_known_answer_is_what_is_planted() -> None:
    rater = one_of("accurate", crew())
    planted = Planted(rater.behaviour, 3, {"gold": {"preference": "tie"}})

    right = planted.at(
        Place("gold", "preference"), parse_rubric(pair_task()["rubric"]).questions[0]
    )

    assert (right.position, right.difficulty) == (2, 0.0)


def test_one_of_several_known_answers_is_planted() -> None:
    question = parse_rubric(load_default("response")).question("preference")
    right = ["first_much", "first_better"]
    planted = Planted(load_behaviour(), 3, {f"i{n}": {"preference": right} for n in range(20)})

    found = {planted.at(Place(f"i{n}", "preference"), question).value for n in range(20)}

    assert found == set(right)


def test_several_known_answers_are_turned_one_by_one() -> None:
    question = parse_rubric(load_default("response")).question("preference")

    turned = canonical(question, ["first_much", "first_better"], True)

    assert turned == ["second_much", "second_better"]


def test_answers_to_every_default_rubric_are_allowed() -> None:
    for name in DEFAULTS:
        rubric = load_default(name)
        item = {"id": "i", "kind": "attribute", "responses": [{"id": "a"}, {"id": "b"}]}
        item |= {"attributes": [{"id": "x"}]}
        targets = Targets(responses=("a", "b"), attributes=("x",))
        for rater in crew():
            answers = rater.answer({"items": [item], "rubric": rubric})[0]["answers"]

            check_answers(parse_rubric(rubric), role="peer", answers=answers, targets=targets)


def test_words_of_ids_and_rubrics_are_not_read() -> None:
    document = {"id": "not this", "text": "two words", "rubric": {"text": "nor this"}}

    assert words_in([document]) == 2
