"""Intervals hold what they promise, and views of one object do not count as many."""

import numpy as np
import pytest

from bozzetto.evaluation.report.statistics import bootstrap_difference, bootstrap_mean


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        # 40 objects with 3 views each that differ little: the objects are what varies
        objects = rng.normal(0.5, 0.2, 40)
        values = (objects[:, None] + rng.normal(0, 0.02, (40, 3))).reshape(-1)
        found = bootstrap_mean(values, np.repeat(np.arange(40), 3), trial, resamples=400)
        covered += found.low <= 0.5 <= found.high
    # a percentile interval of 40 objects covers a little less than 95 %
    assert 176 <= covered <= 199


def test_views_of_one_object_do_not_narrow_the_interval():
    rng = np.random.default_rng(1)
    values = rng.normal(0, 1, 30)
    alone = bootstrap_mean(values, range(30))
    repeated = bootstrap_mean(np.repeat(values, 10), np.repeat(np.arange(30), 10))
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.1)
    assert (repeated.views, repeated.groups) == (300, 30)


def test_a_paired_difference_sees_what_two_means_would_hide():
    rng = np.random.default_rng(2)
    hard = rng.normal(0.5, 0.3, 40)  # objects differ far more than the two methods do
    found = bootstrap_difference(hard + 0.05 + rng.normal(0, 0.01, 40), hard, range(40))
    assert found.mean == pytest.approx(0.05, abs=0.01)
    assert found.verdict == "better"
    assert bootstrap_difference(hard, hard + 0.05, range(40)).verdict == "worse"


def test_few_views_are_shown_without_a_verdict():
    assert bootstrap_difference([1.0] * 14, [0.0] * 14, range(14)).verdict == "shown"
    assert bootstrap_difference([1.0] * 15, [0.0] * 15, range(15)).verdict == "better"
    assert bootstrap_difference([0.1, -0.1] * 10, [0.0] * 20, range(20)).verdict == "open"


def test_failed_generations_leave_pairs_out_and_nothing_is_no_estimate():
    found = bootstrap_difference([1.0, None, 3.0], [0.0, 1.0, 1.0], [0, 1, 2])
    assert (found.mean, found.views) == (1.5, 2)
    assert bootstrap_mean([], []) is None
