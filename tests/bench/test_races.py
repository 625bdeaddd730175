"""What a race over HTTP reports of the claims that made their rater, and of all later ones."""

from bench.races.over_http import ClaimTimes


def test_first_claims_are_told_apart_from_later_ones() -> None:
    times = ClaimTimes(claims=[2.0, 4.0, 3.0], firsts=[90.0, 80.0])

    row = times.as_row()

    assert row["first claims p50, p95, p99, longest, ms"] == [80.0, 80.0, 80.0, 90.0]
    assert row["later claims p50, p95, p99, longest, ms"] == [3.0, 3.0, 3.0, 4.0]
    assert (row["claims"], row["claim p50, p95, p99, longest, ms"][-1]) == (5, 90.0)
    assert times.claims == [2.0, 4.0, 3.0]
