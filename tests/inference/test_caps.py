"""Triangles without height are removed, and the surface stays the closed manifold that it was."""

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.inference.surface.caps import LOWEST_FACE, SAFE_HEIGHT, measure_heights, remove_caps


def heights_by_trimesh(vertices, faces):
    """Over the longest edge, in shares of the diagonal, by another library."""
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    longest = np.linalg.norm(np.diff(vertices[mesh.edges], axis=1)[:, 0], axis=1)
    longest = longest.reshape(-1, 3).max(axis=1)
    return 2 * mesh.area_faces / longest / np.linalg.norm(np.ptp(vertices, axis=0))


def make_ball(detail):
    ball = trimesh.creation.icosphere(detail)
    return np.array(ball.vertices), np.array(ball.faces, np.int64)


def press(vertices, faces, picked, share):
    """Move one corner of each picked face to its longest edge, if none of its faces was picked."""
    vertices, used = vertices.copy(), np.zeros(len(vertices), bool)
    count = 0
    for face in faces[picked]:
        if used[face].any():
            continue
        around = (faces == face[2]).any(axis=1)
        used[faces[around]] = True
        vertices[face[2]] = (1 - share) * vertices[face[0]] + share * vertices[face[1]]
        count += 1
    return vertices, count


@settings(max_examples=60, deadline=None)
@given(
    picked=st.lists(st.integers(0, 319), min_size=1, max_size=30),
    share=st.floats(0.2, 0.8),
    off=st.sampled_from([0.0, 1e-12, 3e-7]),
    half=st.booleans(),
)
def test_no_triangle_is_low_and_the_surface_stays_closed(picked, share, off, half):
    vertices, faces = make_ball(2)
    pressed, count = press(vertices, faces, picked, share)
    pressed += off * np.sin(np.arange(3 * len(vertices)).reshape(-1, 3))
    if half:  # open edges, which cannot be flipped
        faces = faces[pressed[faces][:, :, 0].mean(axis=1) > 0]
        used, corners = np.unique(faces, return_inverse=True)
        pressed, faces = pressed[used], corners.reshape(-1, 3)
    before = trimesh.Trimesh(pressed, faces, process=False)
    diagonal = np.linalg.norm(np.ptp(pressed, axis=0))
    low = (heights_by_trimesh(pressed, faces) < LOWEST_FACE).any()
    assert half or (count and low)

    places, mended, moved = remove_caps(pressed, faces, SAFE_HEIGHT * diagonal)
    after = trimesh.Trimesh(places, mended, process=False)
    single = places.astype(np.float32)
    assert heights_by_trimesh(single.astype(np.float64), mended).min() > LOWEST_FACE
    assert len(mended) == len(faces)
    _, uses = np.unique(np.sort(after.edges, axis=1), axis=0, return_counts=True)
    _, uses_before = np.unique(np.sort(before.edges, axis=1), axis=0, return_counts=True)
    assert uses.max() <= 2
    assert (uses == 1).sum() == (uses_before == 1).sum()
    assert after.is_winding_consistent
    assert after.euler_number == before.euler_number
    assert moved < 20 * SAFE_HEIGHT * diagonal
    assert np.linalg.norm(places - pressed, axis=1).max() <= moved + 1e-12
    if not half:
        assert after.volume == pytest.approx(before.volume, rel=1e-3)


def test_what_has_height_stays_bit_for_bit():
    vertices, faces = make_ball(2)
    places, mended, moved = remove_caps(vertices, faces, 1e-5)
    assert places is vertices
    assert mended is faces
    assert moved == 0.0


def test_a_cap_is_flipped_rather_than_moved():
    vertices = np.array([[0, 0, 0], [2, 0, 0], [1, 1e-9, 0], [1, -1, 0], [1, 0.5, -1.0]])
    faces = np.array([[0, 1, 2], [1, 0, 3], [1, 4, 2], [2, 4, 0], [0, 4, 3], [3, 4, 1]])
    assert trimesh.Trimesh(vertices, faces, process=False).is_watertight
    places, mended, moved = remove_caps(vertices, faces, 1e-5)
    np.testing.assert_array_equal(places, vertices)
    assert moved == pytest.approx(1e-9)
    assert trimesh.Trimesh(places, mended, process=False).is_watertight
    assert {2, 3} in [set(edge) for edge in trimesh.Trimesh(places, mended).edges_unique.tolist()]
    assert measure_heights(places, mended).min() > 0.1


def test_a_corner_on_the_mirror_stays_there():
    """The open edge of a half: a cap whose longest edge and corner lie in the plane."""
    vertices = np.array([[0, 0, 0], [0, 2, 0], [0, 1, 1e-9], [1, 1, 0], [1, 1, 1.0]])
    faces = np.array([[0, 2, 1], [1, 2, 4], [2, 0, 4], [0, 1, 3]])
    places, mended, _ = remove_caps(vertices, faces, 1e-5)
    assert measure_heights(places, mended).min() >= 1e-5
    assert (places[:3, 0] == 0).all()
