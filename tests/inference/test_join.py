"""A part that hangs in the air is joined where the field is nearly inside, and only there."""

import numpy as np
import pytest
import torch
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from bozzetto.inference.errors import Cancelled
from bozzetto.inference.surface.extract import extract_surface
from bozzetto.inference.surface.finish import finish_surface
from bozzetto.inference.surface.join import REACH, JoinedField, extract_shape
from bozzetto.inference.types import Cancel

LEVEL = 0.4
RESOLUTION = 64


class StoolField:
    """A seat on legs of which a piece in the middle has only the value `unsure`, as a network
    answers that sees a leg there or not. legs: where they stand, x. low, high: the unsure piece."""

    bounds = ((-0.5, -0.3, -0.5), (0.5, 0.3, 0.5))
    device = torch.device("cpu")

    def __init__(self, legs, unsure, low=-0.2, high=0.0, level=LEVEL):
        self.level, self.legs, self.unsure, self.low, self.high = level, legs, unsure, low, high

    def occupancy(self, points):
        x, y, z = points.T
        seat = smooth(torch.stack([x.abs() - 0.4, y.abs() - 0.2, (z - 0.3).abs() - 0.1]).amax(0))
        values = 0.9 * seat
        for place in self.legs:
            away = torch.stack([(x - place).abs() - 0.05, y.abs() - 0.05, (z + 0.1).abs() - 0.3])
            sure = torch.where((z > self.low) & (z < self.high), self.unsure, 0.9)
            values = torch.maximum(values, sure * smooth(away.amax(0)))
        return values


def smooth(distance):
    """1 inside, 0 outside, over 0.02."""
    return torch.sigmoid(-distance / 0.005)


def count_parts(surface):
    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    return len(mesh.split(only_watertight=False))


@given(st.floats(REACH + 0.02, 0.98), st.floats(0.04, 0.2))
@settings(max_examples=10, deadline=None)
def test_a_leg_is_joined_where_the_field_is_nearly_inside(share, gap):
    field = StoolField([0.2], share * LEVEL, low=-0.1 - gap / 2, high=-0.1 + gap / 2)
    loose = extract_surface(field, RESOLUTION)
    surface, joined = extract_shape(field, RESOLUTION)
    assert count_parts(loose) == 2
    assert count_parts(surface) == surface.report["joined"] == 1
    assert trimesh.Trimesh(surface.vertices, surface.faces).is_watertight
    # as thick as a leg is where the network was sure, and nothing else has moved
    middle = surface.vertices[np.abs(surface.vertices[:, 2] + 0.1) < gap / 3]
    assert 0.02 < np.ptp(middle[:, 0]) < 0.14
    far = np.abs(loose.vertices[:, 2] + 0.1) > gap / 2 + 0.06
    kept = {tuple(vertex) for vertex in surface.vertices.round(5)}
    assert {tuple(vertex) for vertex in loose.vertices[far].round(5)} <= kept
    assert joined.level == field.level


@pytest.mark.parametrize("unsure", [0.0, 0.5 * LEVEL])
def test_what_the_field_says_is_apart_stays_apart(unsure):
    field = StoolField([0.2], unsure)
    surface, same = extract_shape(field, RESOLUTION)
    loose = extract_surface(field, RESOLUTION)
    assert same is field
    assert surface.report["joined"] == 0
    assert np.array_equal(surface.vertices, loose.vertices)


def test_a_crumb_is_not_joined_over_a_long_way():
    field = StoolField([0.2], 0.9 * LEVEL, low=-0.37, high=0.1)
    assert count_parts(extract_surface(field, RESOLUTION)) == 2
    assert extract_shape(field, RESOLUTION)[0].report["joined"] == 0


def test_both_legs_of_a_symmetric_stool_are_joined_alike():
    field = StoolField([-0.25, 0.25], 0.9 * LEVEL)
    surface, _ = extract_shape(field, RESOLUTION)
    assert surface.report["joined"] == 2
    away, _ = cKDTree(surface.vertices).query(surface.vertices * [-1, 1, 1])
    assert away.max() < 1e-4


def test_a_whole_shape_is_extracted_as_ever():
    field = StoolField([0.2], 0.9)
    surface, same = extract_shape(field, RESOLUTION)
    assert same is field
    assert surface.report["joined"] == 0
    assert np.array_equal(surface.faces, extract_surface(field, RESOLUTION).faces)


def test_a_level_of_zero_has_no_shares():
    class Signed(StoolField):
        def occupancy(self, points):
            return super().occupancy(points) - LEVEL

    field = Signed([0.2], 0.9 * LEVEL, level=0.0)
    assert extract_shape(field, RESOLUTION)[1] is field


def test_the_artist_is_told_and_the_mesh_is_closed():
    surface, joined = extract_shape(StoolField([0.2], 0.9 * LEVEL), RESOLUTION)
    mesh = finish_surface(surface, joined, name="stool")
    assert "Loose parts joined to the shape: 1." in mesh.info["messages"]
    assert mesh.info["mesh"]["components"] == 1
    assert mesh.info["mesh"]["watertight"]


def test_a_joined_field_can_what_its_field_can():
    field = StoolField([0.2], 0.3)
    field.symmetric = True
    lift = np.zeros((4, 3, 5), np.float32)
    lift[1, 2, 4] = 0.25
    joined = JoinedField(field, lift, np.array([0.1, 0.0, -0.1]), 0.2)
    assert joined.symmetric
    assert joined.bounds == field.bounds
    places = torch.tensor([[0.0, 0.2, 0.3], [0.1, 0.2, 0.3], [0.4, -0.2, -0.5]])
    added = joined.occupancy(places) - field.occupancy(places)
    assert torch.allclose(added, torch.tensor([0.25, 0.125, 0.0]), atol=1e-5)


def test_progress_goes_to_the_end_once():
    told = []
    extract_shape(
        StoolField([0.2], 0.9 * LEVEL), RESOLUTION,
        progress=lambda phase, done: told.append((phase, done)),
    )  # fmt: skip
    assert {phase for phase, _ in told} == {"extract"}
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("share", [0.5, 0.85])
def test_it_can_be_cancelled_in_both_extractions(share):
    cancel = Cancel()

    def stop(phase, done):
        if done >= share:
            cancel.set()

    with pytest.raises(Cancelled):
        extract_shape(StoolField([0.2], 0.9 * LEVEL), RESOLUTION, progress=stop, cancel=cancel)
