"""Keeping rubrics: what was asked under a version never changes."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from annotation.models import RubricVersion
from annotation.rubric_versions import rubric_document
from studies.models import Study


def freeze_rubrics(study: Study, document: Mapping[str, Any]) -> None:
    """Keep each stage's rubric under its version; raises ValidationError where the text of a
    version that exists was changed without a new number."""
    for stage, section in document["stages"].items():
        rubric = rubric_document(section or {}, stage)
        kept, made = RubricVersion.objects.get_or_create(
            study=study, stage=stage, version=rubric["version"], defaults={"document": rubric}
        )
        if not made and kept.document != rubric:
            raise ValidationError(
                f"stages.{stage}.rubric: version {rubric['version']} is in use with another text; "
                "give the changed rubric the next version."
            )
