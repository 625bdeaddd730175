"""What a study tells its raters about how to judge, per stage."""

from annotation.actions.tasks import stage_section
from studies.models import Study


def guidelines_of(study: Study, stage: str, language: str) -> str:
    """The guidelines in the language, else in the study's first; empty where there are none."""
    texts = (stage_section(study, stage) or {}).get("guidelines") or {}
    wanted = (language, study.languages[0])
    return next((texts[one] for one in wanted if one in texts), next(iter(texts.values()), ""))
