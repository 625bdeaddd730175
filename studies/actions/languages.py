"""In which language a person takes part."""

from django.db import transaction

from studies.models import Participant


@transaction.atomic
def choose_language(*, participant: Participant, language: str) -> bool:
    """Note the language, if the study speaks it; says whether it does.

    A study may write a tag shorter or otherwise than the site's pages: `zh` for `zh-hans`.
    """
    tags = {tag.lower(): tag for tag in participant.study.languages}
    asked = language.lower()
    spoken = tags.get(asked) or tags.get(asked.split("-")[0])
    if spoken is None or not asked:
        return False
    Participant.objects.filter(pk=participant.pk).exclude(language=spoken).update(language=spoken)
    return True
