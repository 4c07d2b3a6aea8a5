"""Deformations of space: never folded, run backwards, mirrored."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.training.data.variants import MAX_STRAIN, Warp, random_warp

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_inverse_leads_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    warp = random_warp(rng)
    points = rng.uniform(-0.9, 0.9, (500, 3))
    np.testing.assert_allclose(warp.inverse(warp.forward(points)), points, atol=1e-4)
    np.testing.assert_allclose(warp.forward(warp.inverse(points)), points, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_space_never_folds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    warp = random_warp(rng)
    points = rng.uniform(-0.6, 0.6, (300, 3))
    step = 1e-3
    columns = [
        (warp.forward(points + step * axis) - warp.forward(points - step * axis)) / (2 * step)
        for axis in np.eye(3)
    ]
    assert (np.linalg.det(np.stack(columns, axis=-1)) > 0.05).all()


def test_most_variants_mirror_left_and_right() -> None:
    rng = np.random.default_rng(5)
    points = rng.uniform(-0.5, 0.5, (50, 3))
    mirror = np.array([-1.0, 1.0, 1.0])
    alike = [
        np.allclose(warp.forward(points * mirror), warp.forward(points) * mirror, atol=1e-5)
        for warp in (random_warp(rng) for _ in range(200))
    ]
    assert 0.8 < np.mean(alike) < 0.98


def test_waves_that_could_fold_are_refused() -> None:
    wave = np.full((1, 3), 1.0)
    with pytest.raises(ValueError, match="fold"):
        Warp(np.ones(3), 2, 0.0, np.zeros(3), np.zeros(3), wave, wave, np.zeros((1, 2)))
    assert MAX_STRAIN < 1
