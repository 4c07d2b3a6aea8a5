"""The camera of a picture is found from the silhouette alone."""

import numpy as np
import pytest
from painted_solids import Solid, join

from bozzetto.inference.texture.camera import render_sight
from bozzetto.inference.texture.fit_view import fit_pinhole, sample_surface
from bozzetto.inference.texture.raster import split_polygons
from bozzetto.inference.types import Pinhole


def make_seat():
    """A seat with a back and one arm, on the floor, away from the origin."""
    boxes = [
        Solid(np.array([2.0, 1.0, 0.25]), np.array([0.5, 0.5, 0.25]), steps=6),
        Solid(np.array([2.0, 1.4, 0.9]), np.array([0.5, 0.1, 0.4]), steps=6),
        Solid(np.array([1.6, 1.0, 0.6]), np.array([0.08, 0.4, 0.1]), steps=6),
    ]
    return join(boxes)[0]


SEAT = make_seat()


def draw(azimuth, elevation, field, side=256, size=0.85, shift=(0.0, 0.0)):
    """bool [side, side]: the seat seen from there, its box `size` of the square, off its middle."""
    a, e = np.radians([azimuth, elevation])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    forward = np.array([-np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), -np.sin(e)])
    axes = np.stack((right, np.cross(right, forward), forward))
    middle = (SEAT.vertices.min(axis=0) + SEAT.vertices.max(axis=0)) / 2
    eye = middle - forward * 0.9 / np.tan(np.radians(field / 2))
    local = (SEAT.vertices - eye) @ axes.T
    plane = local[:, :2] / local[:, 2:]
    low, high = plane.min(axis=0), plane.max(axis=0)
    half = (high - low).max() / (2 * size)
    centre = (low + high) / 2 - half * 2 * np.array(shift)
    pinhole = Pinhole(
        tuple(eye), tuple(tuple(axis) for axis in axes), float(half), tuple(centre.tolist())
    )
    corners, _ = split_polygons(SEAT)
    return render_sight(pinhole, SEAT.vertices, SEAT.corners[corners], side).covered


def read_angles(pinhole):
    forward = np.array(pinhole.axes[2])
    return np.degrees([np.arctan2(-forward[0], forward[1]), np.arcsin(-forward[2])])


@pytest.mark.parametrize(
    ("azimuth", "elevation", "field"),
    [(0, 10, 30), (35, 20, 30), (-35, 20, 30), (62, 0, 30), (-50, 30, 45), (20, 5, 22)],
)
def test_the_view_is_found(azimuth, elevation, field):
    mask = draw(azimuth, elevation, field)
    pinhole, agreement = fit_pinhole(SEAT, mask.astype(np.float32))
    found = read_angles(pinhole)
    assert np.abs(found - [azimuth, elevation]).max() < 7, found
    assert agreement > 0.93
    # what it says about itself is so
    corners, _ = split_polygons(SEAT)
    drawn = render_sight(pinhole, SEAT.vertices, SEAT.corners[corners], 256).covered
    iou = (drawn & mask).sum() / (drawn | mask).sum()
    assert iou == pytest.approx(agreement, abs=0.02)
    axes = np.array(pinhole.axes)
    assert np.abs(axes @ axes.T - np.eye(3)).max() < 1e-6
    assert np.linalg.det(axes) == pytest.approx(-1) or np.linalg.det(axes) == pytest.approx(1)
    assert axes[0, 2] == pytest.approx(0), "upright"
    assert axes[1, 2] > 0


def test_alpha_may_be_bytes_and_anywhere_in_the_square():
    mask = draw(30, 15, 30, size=0.5, shift=(0.12, -0.2))
    one = fit_pinhole(SEAT, mask.astype(np.float32))
    other = fit_pinhole(SEAT, mask.astype(np.uint8) * 255)
    assert one == other
    assert one[1] > 0.92
    assert np.abs(read_angles(one[0]) - [30, 15]).max() < 7


def test_the_front_is_preferred():
    """From behind, all the same: no camera of the back is ever the answer."""
    pinhole, _ = fit_pinhole(SEAT, draw(165, 10, 30).astype(np.float32))
    assert abs(read_angles(pinhole)[0]) <= 90.001


def test_agreement_tells_what_is_not_this_object():
    ring = np.hypot(*(np.indices((128, 128)) - 63.5))
    _, agreement = fit_pinhole(SEAT, ((ring > 44) & (ring < 54)).astype(np.float32))
    assert agreement < 0.5


@pytest.mark.parametrize("shape", [(8, 9), (8, 8, 4)])
def test_refusals(shape):
    with pytest.raises(ValueError, match="square"):
        fit_pinhole(SEAT, np.ones(shape, np.float32))
    with pytest.raises(ValueError, match="silhouette"):
        fit_pinhole(SEAT, np.zeros((8, 8), np.float32))


def test_samples_lie_on_the_surface_evenly():
    corners, _ = split_polygons(SEAT)
    triangles = SEAT.corners[corners]
    points = sample_surface(SEAT.vertices, triangles, 4000)
    assert points.shape == (4000, 3)
    a, b, c = (SEAT.vertices[triangles[:, k]].astype(float) for k in range(3))
    cross = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    weighed = ((a + b + c) / 3 * cross[:, None]).sum(axis=0) / cross.sum()
    assert np.abs(points.mean(axis=0) - weighed).max() < 0.01
