"""A study's rows and all that was found in them: what lists, cards and labels are written from."""

from dataclasses import dataclass

from annotation.exclusions import left_out_of
from annotation.given_answers import WITHOUT_EXCLUDED, refuse_unknown
from annotation.models import Exclusion
from annotation.quality.limits import Limits, limits_of
from annotation.quality.reading import Reading, read
from annotation.quality.signals import Findings, findings
from studies.models import Study


@dataclass(frozen=True)
class Quality:
    """A study's rows, and what was found in them."""

    study: Study
    raters: str
    """Who is compared with: all, or without_excluded."""
    reading: Reading
    findings: Findings
    of_everybody: Findings
    """The same with those who are left out."""
    limits: Limits
    left_out: dict[str, Exclusion]
    """By the ref of the rater."""

    def found(self, code: int) -> Findings:
        """Where to look for one rater: what speaks for or against one who is left out is told."""
        is_out = self.reading.people.raters[code].ref in self.left_out
        return self.of_everybody if is_out else self.findings


def quality_of(study: Study, raters: str = WITHOUT_EXCLUDED) -> Quality:
    """Read the study and look; well under a second for 12,000 judgments.

    Nobody is held to those who are left out, unless `raters` is all. Raises ValidationError.
    """
    refuse_unknown(raters, "leave_out")
    reading, limits, left_out = read(study), limits_of(study.document), left_out_of(study)
    everybody = findings(reading.record, limits)
    others = everybody
    refs = [rater.ref for rater in reading.people.raters]
    if raters == WITHOUT_EXCLUDED and (out := [refs.index(ref) for ref in left_out if ref in refs]):
        others = findings(reading.record.without(out), limits)
    return Quality(study, raters, reading, others, everybody, limits, left_out)
