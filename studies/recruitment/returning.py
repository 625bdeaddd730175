"""How a person goes back to the panel that sent them: the link and the code of their outcome."""

from dataclasses import dataclass

from studies.models import Participant, Study
from studies.recruitment.models import PanelIdentity
from studies.recruitment.registry import panel_named

NO_CONSENT = "no_consent"


@dataclass(frozen=True, slots=True)
class WayBack:
    """What the last page shows to somebody whom a panel sent."""

    code: str
    """Empty where the study has no code for the outcome."""
    url: str


def way_back(participant: Participant) -> WayBack | None:
    """For a participant by their outcome; None for those whom no panel sent, or under way."""
    identity = PanelIdentity.objects.filter(participant=participant).first()
    if identity is None or participant.outcome == Participant.Outcome.UNDER_WAY:
        return None
    return way_back_for(participant.study, identity.panel, participant.outcome)


def way_back_for(study: Study, panel_name: str, outcome: str) -> WayBack | None:
    """The same for an outcome by the panel's name; None where the document dropped the panel."""
    panel = panel_named(study, panel_name)
    if panel is None:
        return None
    code = panel.codes.for_outcome(outcome)
    return WayBack(code, panel.return_url(code)) if code else WayBack("", "")
