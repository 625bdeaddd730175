"""How a stage's places are given out, as the study document says it: to whom, in which order,
what is asked beside, and what disagreement leads to.
"""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from studies.screening import Rule

LARGEST_OVERLAP = 1_000
SEEDS = 2**62

Agreeing = Literal["no_majority", "disagreement"]
Routing = Literal["no_majority", "disagreement", "owner_against_peers", "people_against_judges"]


class Section(BaseModel):
    """A part of a stage's section; an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Eligibility(Section):
    """Who may judge in a role; everything that is said has to hold."""

    answers: list[Rule] = []
    """Answers to the survey, written as for screening."""
    expert: bool = False
    comprehension: bool = False
    """They passed the comprehension check."""
    quota: int | None = Field(default=None, ge=1)
    """Tasks of purpose main per rater."""
    not_in: list[str] = []
    """Slugs of studies in which they must not have judged."""


class Roles(Section):
    """Rules per role."""

    owner: Eligibility | None = None
    peer: Eligibility | None = None
    expert: Eligibility | None = None


class Known(Section):
    """Something whose right answers are known, named by the refs of what it is about."""

    item: str | None = None
    attribute: str | None = None
    prompt: str | None = None
    responses: list[str] = Field(default=[], max_length=2)
    expected: dict[str, Any] = Field(min_length=1)
    """Question key → the right value, a list of them, or {target: either}."""

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if bool(self.item) == bool(self.attribute or self.prompt or self.responses):
            raise ValueError("name an item, or what it is about: attribute, prompt, responses")
        return self


class Checks(Section):
    """Attention checks: one among every so many tasks of a rater."""

    every: int = Field(ge=2)
    items: list[Known] = Field(min_length=1)


class Gold(Section):
    """Items with known answers: the first ones as practice, then one among every so many."""

    every: int | None = Field(default=None, ge=2)
    practice: int = Field(default=0, ge=0)
    """So many come before anything else, and say afterwards what was right."""
    feedback: bool = False
    """Later ones say so, too."""
    items: list[Known] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_given_at_all(self) -> Self:
        if self.every is None and self.practice == 0:
            raise ValueError("say every so many tasks, or how many as practice")
        if self.practice > len(self.items):
            raise ValueError("there are fewer items than practice asks for")
        return self


class Repeats(Section):
    """Tasks that the same rater is asked again, one among every so many."""

    every: int = Field(ge=2)
    after: int = Field(default=5, ge=1)
    """So many tasks of theirs lie between the first time and the second."""


class Spread(Section):
    """Answers at least so many steps, or so far on a slider, from each other."""

    spread: float = Field(gt=0, strict=False)


class Adaptive(Section):
    """More places where answers disagree."""

    up_to: int = Field(ge=2, le=LARGEST_OVERLAP)
    when: Agreeing | Spread = "no_majority"
    role: Literal["peer", "expert"] = "peer"
    question: str | None = None


class Adjudication(Section):
    """What is put to an expert: items to which any of the rules applies."""

    rules: list[Routing | Spread] = Field(min_length=1)
    question: str | None = None


class Assigning(Section):
    """These keys of a stage's section."""

    eligibility: Roles = Roles()
    order: Literal["least_judged", "priority", "balanced"] = "least_judged"
    first: list[str] = []
    """With `order: priority`: refs of prompts, conversations or attributes that come first."""
    seed: int | None = Field(default=None, ge=0, lt=SEEDS)
    gold: Gold | None = None
    checks: Checks | None = None
    repeats: Repeats | None = None
    adaptive: Adaptive | None = None
    adjudication: Adjudication | None = None

    @model_validator(mode="after")
    def _goes_first_by_priority(self) -> Self:
        if self.first and self.order != "priority":
            raise ValueError("first needs order: priority")
        return self
