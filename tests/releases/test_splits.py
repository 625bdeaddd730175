"""Parts of a release: disjoint in persons and prompts, whatever hangs together."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.splits import Components, Node, Splits, part_of, splits_of
from tests.factories import (
    make_attribute,
    make_conversation,
    make_item,
    make_participant,
    make_prompt,
    make_study,
)

Links = list[tuple[Node, Node]]

persons = st.integers(0, 30).map(lambda n: ("subject", f"p{n}"))
prompts = st.integers(0, 30).map(lambda n: ("prompt", f"q{n}"))
links = st.lists(st.tuples(persons, prompts), max_size=60)


@given(links, st.integers(0, 5))
def test_splits_never_divide_what_is_linked(pairs: Links, seed: int) -> None:
    components = Components()
    for pair in pairs:
        components.join(pair)
    splits = Splits(components, seed)

    for (_, person), (_, prompt) in pairs:
        assert splits.part({"subject": person}) == splits.part({"prompt": prompt})


@given(links, st.randoms())
def test_splits_do_not_depend_on_the_order_of_links(pairs: Links, random: Random) -> None:
    shuffled = random.sample(pairs, len(pairs))
    one, other = Components(), Components()
    for pair in pairs:
        one.join(pair)
    for pair in shuffled:
        other.join(pair)

    assert one.names() == other.names()


def test_parts_have_about_their_shares() -> None:
    drawn = [part_of(("subject", f"p{n}"), seed=7) for n in range(10_000)]

    shares = {part: drawn.count(part) / len(drawn) for part in ("train", "validation", "test")}
    assert shares == pytest.approx({"train": 0.8, "validation": 0.1, "test": 0.1}, abs=0.01)


def test_parts_change_with_the_seed() -> None:
    drawn = [[part_of(("subject", f"p{n}"), seed) for n in range(50)] for seed in (1, 2)]

    assert drawn[0] != drawn[1]


@pytest.mark.django_db
def test_prompts_of_equal_text_are_in_one_part() -> None:
    study = make_study()
    for n in range(20):
        person = make_participant(study, f"p{n}")
        make_prompt(study, person, f"q{n}", "Where can I hike?")

    splits = splits_of(study, seed=0)

    assert len({splits.part({"prompt": f"q{n}"}) for n in range(20)}) == 1
    assert len({splits.part({"subject": f"p{n}"}) for n in range(20)}) == 1


@pytest.mark.django_db
def test_pool_prompt_ties_the_persons_it_was_judged_for() -> None:
    study = make_study()
    pool = make_prompt(study, None)
    for n in range(20):
        attribute = make_attribute(study, make_participant(study, f"p{n}"), f"a{n}")
        make_item(study, "relevance", f"i{n}", attribute=attribute, prompt=pool)

    splits = splits_of(study, seed=0)

    assert len({splits.part({"subject": f"p{n}"}) for n in range(20)}) == 1


@pytest.mark.django_db
def test_attribute_without_a_person_goes_with_its_conversation() -> None:
    study = make_study()
    conversations = [make_conversation(study, None, ref=f"c{n}") for n in range(20)]
    for n, conversation in enumerate(conversations):
        make_attribute(study, None, f"a{n}", conversation=conversation)

    splits = splits_of(study, seed=0)

    parts = [
        (splits.part({"attribute": f"a{n}"}), splits.part({"conversation": f"c{n}"}))
        for n in range(20)
    ]
    assert all(one == other for one, other in parts)
    assert len(set(parts)) > 1
