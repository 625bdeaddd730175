"""Two people of whom something is known."""

import pytest

from studies.models import Study
from tests.generation.strategies.people import make_people


@pytest.fixture
def study() -> Study:
    """Anna, who cooks, and Bela, who travels."""
    return make_people()
