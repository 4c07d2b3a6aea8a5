"""Chunked evaluation of a field, with arrays in and out."""

import numpy as np
import pytest
import torch
from analytic_fields import DistanceField, sphere
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.inference.errors import Cancelled, WeightsError
from bozzetto.inference.surface.fields import CHUNK, evaluate_field
from bozzetto.inference.types import Cancel


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 300), st.integers(1, 97))
def test_chunks_change_nothing(count, chunk):
    points = np.random.default_rng(count).uniform(-0.5, 0.5, (count, 3))
    field, told = DistanceField(sphere()), []
    values = evaluate_field(field, points, chunk=chunk, on_chunk=told.append)
    expected = np.clip(0.5 - 24 * (np.linalg.norm(points.astype(np.float32), axis=1) - 0.3), 0, 1)
    assert values.dtype == np.float32
    assert values.shape == (count,)
    assert np.abs(values - expected).max(initial=0) < 1e-5
    assert sum(told) == count
    assert all(size <= chunk for size in told)


def test_a_cancel_is_felt_within_one_chunk():
    cancel = Cancel()
    field = DistanceField(sphere())
    with pytest.raises(Cancelled):
        evaluate_field(
            field, np.zeros((5 * CHUNK, 3)), cancel=cancel, on_chunk=lambda _: cancel.set()
        )
    assert field.queries == CHUNK


def test_gradients_are_not_recorded():
    class Watching(DistanceField):
        def occupancy(self, points):
            assert not torch.is_grad_enabled()
            return super().occupancy(points)

    assert len(evaluate_field(Watching(sphere()), np.zeros((4, 3)))) == 4


def test_half_precision_is_read():
    class Half(DistanceField):
        def occupancy(self, points):
            return super().occupancy(points).bfloat16()

    assert evaluate_field(Half(sphere()), np.zeros((1, 3)))[0] == 1.0


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_what_is_not_a_number_is_refused(value):
    class Broken(DistanceField):
        def occupancy(self, points):
            return torch.full((len(points),), value)

    with pytest.raises(WeightsError) as caught:
        evaluate_field(Broken(sphere()), np.zeros((3, 3)))
    assert "checkpoint" in caught.value.fix


def test_a_field_with_another_number_of_values_is_refused():
    class Column(DistanceField):
        def occupancy(self, points):
            return super().occupancy(points)[:, None]

    with pytest.raises(ValueError, match="shape"):
        evaluate_field(Column(sphere()), np.zeros((3, 3)))
