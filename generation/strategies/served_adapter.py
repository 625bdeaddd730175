"""The served-adapter strategy: a model that was itself adapted, asked for by its name.

vLLM and servers like it offer LoRA adapters as models beside the one they extend. `model` is the
name of one for all, or a template such as `lora-{participant}` with the person's ref in it. The
adapter is given nothing else: what it knows of the person is in its weights.
"""

from copy import copy
from uuid import UUID

from pydantic import Field, field_validator

from generation.interview import Interview
from generation.knowledge import Knowledge
from generation.strategies.one_question import GENERIC as PROMPT_FILE
from generation.strategies.one_question import respond
from generation.strategies.strategy import Case, Given, Need, Parameters, Strategy, Written
from llm.models import Endpoint
from studies.models import Participant

BLANK = "{participant}"


class AdapterParameters(Parameters):
    """What the adapter is called."""

    model: str = Field(min_length=1, max_length=200)

    @field_validator("model")
    @classmethod
    def has_one_blank(cls, model: str) -> str:
        """The only blank that can be filled is the person's."""
        if "{" in model.replace(BLANK, "") or "}" in model.replace(BLANK, ""):
            raise ValueError(f"the only blank in a model's name is {BLANK}")
        return model

    def needs(self) -> frozenset[Need]:
        """A person, if the name has one in it."""
        return frozenset({Need.PERSON}) if BLANK in self.model else frozenset()


def nothing(case: Case, known: Knowledge) -> Given:
    """Nothing beside the prompt."""
    return Given()


def ask(case: Case, given: Given, interview: Interview) -> Written:
    """One question to the adapter."""
    return respond(case, given, interview, PROMPT_FILE, endpoint=adapter_of(case))


def adapter_of(case: Case) -> Endpoint:
    """The endpoint with the adapter's name for its model; never saved.

    Rules in our own process have no adapters: they answer under their own name.
    """
    adapter = copy(case.endpoint)
    if not adapter.is_baseline:
        adapter.model = _filled(case.parameters.model, case.person)
    return adapter


def _filled(model: str, person: UUID | None) -> str:
    if person is None or BLANK not in model:
        return model
    return model.replace(BLANK, Participant.objects.get(pk=person).ref)


SERVED_ADAPTER = Strategy(
    name="served_adapter",
    prompt_files=(PROMPT_FILE,),
    given=nothing,
    ask=ask,
    parameters=AdapterParameters,
)
