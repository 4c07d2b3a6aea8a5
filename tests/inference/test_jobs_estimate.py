"""What the progress bar shows: it moves forward, in proportion, and the time left makes sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bozzetto.inference.estimate import START, TYPICAL, TYPICAL_OF, Estimator
from bozzetto.inference.settings import ENGINES

PHASES = list(TYPICAL)
seconds = st.floats(0.001, 1000.0)


@given(
    cold=st.booleans(),
    known=st.none() | st.fixed_dictionaries(dict.fromkeys(PHASES, seconds)),
    steps=st.lists(
        st.tuples(st.sampled_from(PHASES), st.none() | st.floats(0.0, 1.0), seconds), max_size=12
    ),
)
def test_fraction_stays_in_range_whatever_happens(cold, known, steps):
    now = 100.0
    estimator = Estimator(known, cold=cold, now=now)
    for phase, fraction, passed in steps:
        estimator.enter(phase, now, fraction)
        now += passed
        assert 0.0 <= estimator.fraction(now) < 1.0
        left = estimator.seconds_left(now)
        assert left is None or left >= 0.0


@given(st.fixed_dictionaries(dict.fromkeys(PHASES, seconds)), st.booleans())
def test_run_like_the_last_one_advances_with_the_clock(durations, cold):
    """Where every phase takes as long as before, the bar is a clock."""
    order = PHASES if cold else PHASES[1:]
    whole = sum(durations[phase] for phase in order)
    now = 5.0
    estimator = Estimator(durations, cold=cold, now=now)
    passed = 0.0
    for phase in order:
        estimator.enter(phase, now, 0.0)
        for _ in range(2):
            assert estimator.fraction(now) == pytest.approx(passed / whole, abs=2e-3)
            assert estimator.seconds_left(now) == pytest.approx(whole - passed, abs=2e-3 * whole)
            now += durations[phase] / 2
            passed += durations[phase] / 2
            estimator.enter(phase, now, 0.5)
    measured = estimator.finish(now)
    for phase in order:
        assert measured[phase] == pytest.approx(durations[phase], rel=1e-6, abs=1e-6)


def test_phase_that_says_nothing_still_moves():
    estimator = Estimator(None, cold=True, now=0.0)
    fractions = [estimator.fraction(float(now)) for now in range(0, 100, 10)]
    assert fractions == sorted(set(fractions))
    assert fractions[-1] < TYPICAL[START] / sum(TYPICAL.values())


def test_first_run_of_a_slow_engine_is_not_nearly_done_when_it_begins_to_work():
    assert set(TYPICAL_OF) <= set(ENGINES)
    fractions = {}
    for engine in ("pixel", "triposr"):
        estimator = Estimator(None, cold=True, now=0.0, engine=engine)
        estimator.enter("encode", 5.0, 0.0)
        fractions[engine] = estimator.fraction(5.0)
        estimator.enter("extract", 9.0, 0.0)
        assert fractions[engine] < estimator.fraction(9.0) < 1.0
    assert fractions["triposr"] < 0.1 < fractions["pixel"]


def test_first_run_says_nothing_too_early():
    estimator = Estimator(None, cold=False, now=0.0)
    assert estimator.seconds_left(0.0) is None
    estimator.enter("extract", 2.0, 0.5)
    fraction = estimator.fraction(2.0)
    assert estimator.seconds_left(2.0) == pytest.approx(2.0 * (1.0 - fraction) / fraction)


def test_warm_run_keeps_what_is_known_of_the_start():
    first = Estimator(None, cold=True, now=0.0)
    first.enter("load", 7.0)
    known = first.finish(8.0)
    assert known[START] == pytest.approx(7.0)
    assert Estimator(known, cold=False, now=0.0).finish(1.0)[START] == pytest.approx(7.0)


def test_run_of_no_time_at_all_is_no_division_by_zero():
    estimator = Estimator(None, cold=True, now=0.0)
    for phase in PHASES:
        estimator.enter(phase, 0.0, 1.0)
    again = Estimator(estimator.finish(0.0), cold=True, now=0.0)
    assert 0.0 <= again.fraction(0.0) < 1.0
