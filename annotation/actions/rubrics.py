"""Keeping rubrics: what was asked under a version never changes."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from annotation.models import RubricVersion
from annotation.rubric_versions import rubric_document
from studies.models import Study

LATER_LANGUAGES = {"ja", "zh"}
"""Those that the default rubrics of the first version were translated into afterwards."""


def freeze_rubrics(study: Study, document: Mapping[str, Any]) -> None:
    """Keep each stage's rubric under its version; raises ValidationError where the text of a
    version that exists was changed without a new number.

    Translations that came later are no change: the version goes on as it was kept.
    """
    for stage, section in document["stages"].items():
        rubric = rubric_document(section or {}, stage)
        kept, made = RubricVersion.objects.get_or_create(
            study=study, stage=stage, version=rubric["version"], defaults={"document": rubric}
        )
        if not made and not _says_the_same(kept.document, rubric):
            raise ValidationError(
                f"stages.{stage}.rubric: version {rubric['version']} is in use with another text; "
                "give the changed rubric the next version."
            )


def _says_the_same(kept: Any, rubric: Any) -> bool:
    """Is the one the other, but for languages that it did not have?"""
    if isinstance(kept, dict) and isinstance(rubric, dict):
        added = rubric.keys() - kept.keys()
        is_text = all(isinstance(text, str) for text in kept.values())
        same = all(_says_the_same(kept[key], rubric.get(key)) for key in kept)
        return same and (not added or (is_text and added <= LATER_LANGUAGES))
    if isinstance(kept, list) and isinstance(rubric, list):
        pairs = zip(kept, rubric, strict=False)
        return len(kept) == len(rubric) and all(_says_the_same(*pair) for pair in pairs)
    return bool(kept == rubric)
