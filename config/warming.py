"""What a web process loads before it says that it is ready, so that no visitor waits for it.

The database is not asked. Libraries that few pages need (numpy, pyarrow, the models' client) stay
out until one does.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from annotation.choices import Stage
from annotation.rubric_versions import default_version, missing_rubric

FOLDER = settings.BASE_DIR / "templates"
SOON = ("*.html", "account/*.html", "components/*.html", "judge/**/*.html")
"""Templates of the pages that most visitors see; the others are read when one is asked for."""


def load() -> None:
    """Everything that short requests need; nothing at the second time."""
    # What is loaded stays: looking for garbage among it would take time now and at every request.
    gc.disable()
    try:
        load_pages()
        load_templates()
        load_rubrics()
        gc.freeze()
    finally:
        gc.enable()


def load_pages() -> None:
    """The views behind all addresses, and the texts in every language."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            # The addresses of each language are listed when the first of them is looked up.
            reverse("account")
            translation.gettext("Firsthand")


def load_templates() -> None:
    """Those of the pages that are asked for first."""
    for path in sorted(_templates()):
        get_template(path.relative_to(FOLDER).as_posix())


def _templates() -> Iterator[Path]:
    for pattern in SOON:
        yield from FOLDER.glob(pattern)


def load_rubrics() -> None:
    """Those that come with the site; written for people, they take a while to read."""
    for stage in Stage.values:
        default_version(stage)
    missing_rubric()
