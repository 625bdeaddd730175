"""An agreement document as lines of text."""

from annotation.agreement.document import agreement_document
from annotation.written_figures import lines_of
from tests.annotation.agreement.factories import CHOICE, people


def test_groups_come_before_pairs_and_these_if_asked_for() -> None:
    answers = [each for at in range(6) for each in people(f"w{at}", "abba")]
    document = agreement_document(
        study="s", stage="relevance", question=CHOICE, answers=answers, resamples=2
    )

    few, all_ = list(lines_of(document)), list(lines_of(document, has_pairs=True))

    assert few[2].startswith("peer-peer: 15 pairs, agree 1.000")
    assert [line for line in few if " – " in line] == []
    assert sum(" – " in line for line in all_) == 15
    assert next(at for at, line in enumerate(all_) if " – " in line) > all_.index(few[2])
    assert "w0 – w1" not in "".join(few)
