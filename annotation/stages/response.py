"""Stage 3: which response helps the person more?"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from django.db.models import Prefetch

from annotation.choices import Stage
from annotation.digests import response_digest
from annotation.models import Item, Task
from annotation.stages.stage import Draft
from generation.models import Prompt, Response
from studies.models import Study

PROMPTS_AT_A_TIME = 200
BASELINE = "generic"


class ResponseStage:
    """One task per pair of responses to a prompt: by default, generic against each other one."""

    name = Stage.RESPONSE.value
    judge_prompt = "response-judge"

    def drafts(self, study: Study, section: Mapping[str, Any]) -> Iterator[Draft]:
        """For pairs of different texts that are not an item yet.

        `pairs` in the study document may be `baseline` (generic against each) or `all`.
        """
        takes_all = section.get("pairs", "baseline") == "all"
        prompts = Prompt.objects.filter(study=study, responses__isnull=False).distinct()
        asked = _asked_pairs(study)
        remembered = Prefetch("responses", Response.objects.remembered())
        chunks = prompts.prefetch_related(remembered).order_by("ref")
        for prompt in chunks.iterator(chunk_size=PROMPTS_AT_A_TIME):
            for first, second in _pairs(prompt, takes_all=takes_all):
                if frozenset([first.id, second.id]) not in asked:
                    yield _draft(prompt, first, second)


def _asked_pairs(study: Study) -> set[frozenset[Any]]:
    rows = Item.objects.filter(study=study, stage=Stage.RESPONSE)
    return {frozenset(pair) for pair in rows.values_list("first_id", "second_id").iterator()}


def _pairs(prompt: Prompt, *, takes_all: bool) -> Iterator[tuple[Response, Response]]:
    responses = sorted(prompt.responses.all(), key=lambda row: (row.strategy, row.ref))
    for one, other in combinations(responses, 2):
        if one.text == other.text:
            continue  # nothing to choose between: not worth a person's time
        is_for_one_person = one.participant_id == other.participant_id
        if one.participant_id and other.participant_id and not is_for_one_person:
            continue
        if takes_all or (one.strategy == BASELINE) != (other.strategy == BASELINE):
            # Which stands first says nothing: the side shown is drawn for each place.
            yield (one, other) if one.strategy == BASELINE else (other, one)


def _draft(prompt: Prompt, first: Response, second: Response) -> Draft:
    task = Task(
        study_id=prompt.study_id,
        stage=Stage.RESPONSE,
        subject_id=prompt.participant_id or first.participant_id or second.participant_id,
        prompt=prompt,
    )
    item = Item(
        study_id=prompt.study_id,
        stage=Stage.RESPONSE,
        prompt=prompt,
        first=first,
        second=second,
        content_digest=response_digest(prompt=prompt, first=first, second=second),
    )
    return Draft(task=task, items=(item,))
