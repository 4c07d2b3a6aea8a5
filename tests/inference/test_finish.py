"""The delivered base mesh: closed, manifold, in metres, on the floor, true to the field."""

import json

import numpy as np
import pytest
import torch
import trimesh
from analytic_fields import DistanceField, box, sphere, torus, union, without
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from bozzetto.inference.errors import Cancelled, EmptyFieldError
from bozzetto.inference.surface.extract import extract_surface
from bozzetto.inference.surface.finish import finish_surface
from bozzetto.inference.types import Cancel, Surface


def finish(field, resolution=64, **options):
    options = {"diagonal": 1.3, "name": "shape"} | options
    return finish_surface(extract_surface(field, resolution), field, **options)


def as_mesh(base):
    return trimesh.Trimesh(base.vertices, base.faces, process=False)


def assert_deliverable(base, diagonal=None):
    """What is promised of every mesh, counted by trimesh and numpy instead of our own code."""
    mesh = as_mesh(base)
    assert base.vertices.dtype == np.float32
    assert base.faces.dtype == np.int32
    assert np.isfinite(base.vertices).all()
    edges = np.sort(mesh.edges, axis=1)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    assert (uses == 2).all()
    assert mesh.is_winding_consistent
    assert trimesh.Trimesh(base.vertices, base.faces).is_watertight  # also after merging by place
    assert len(np.unique(base.faces)) == len(base.vertices)
    assert all(part.volume > 0 for part in mesh.split(only_watertight=False))
    assert is_vertex_manifold(base.faces, len(base.vertices))
    extent = np.ptp(base.vertices.astype(np.float64), axis=0)
    length = np.linalg.norm(np.diff(base.vertices[mesh.edges_unique], axis=1)[:, 0], axis=1)
    assert length.min() >= 1e-4 * np.linalg.norm(extent)
    assert mesh.nondegenerate_faces().all()
    assert base.vertices[:, 2].min() == 0
    middle = base.vertices.min(axis=0) + base.vertices.max(axis=0)
    assert np.abs(middle[:2]).max() < 1e-5 * extent.max()
    if diagonal:
        assert np.linalg.norm(extent) == pytest.approx(diagonal, rel=1e-5)
    info = base.info["mesh"]
    assert info["watertight"]
    assert info["boundary_edges"] == info["non_manifold_edges"] == 0
    assert info["non_manifold_vertices"] == 0
    assert (info["vertices"], info["faces"]) == (len(base.vertices), len(base.faces))
    assert info["euler_characteristic"] == mesh.euler_number
    assert info["components"] == mesh.body_count
    assert info["hausdorff_voxels"] <= 1
    assert abs(info["volume_change"]) <= 0.02
    if info["faired"]:
        assert 0 <= info["faired"]["mean_voxels"] <= info["faired"]["max_voxels"] <= 0.5 + 1e-9
    assert json.loads(json.dumps(base.info)) == base.info


def is_vertex_manifold(faces, count):
    """Around each vertex as many different neighbours as faces, in one ring."""
    ring = {}
    for a, b, c in faces.tolist():
        for v, start, end in ((a, b, c), (b, c, a), (c, a, b)):
            if start in ring.setdefault(v, {}):
                return False
            ring[v][start] = end
    for following in ring.values():
        start = place = next(iter(following))
        for _ in following:
            place = following[place]
            if place == start:
                break
        walked, place = 1, following[start]
        while place != start:
            walked, place = walked + 1, following[place]
        if walked != len(following):
            return False
    return len(ring) == count


def test_a_torus_keeps_its_hole_and_gets_its_size():
    base = finish(DistanceField(torus()), 96, diagonal=1.5, name="ring", category="lamp")
    assert_deliverable(base, 1.5)
    assert (base.name, base.category) == ("ring", "lamp")
    assert as_mesh(base).euler_number == 0
    scale = base.info["mesh"]["dimensions_m"][0] / 0.8
    assert as_mesh(base).volume == pytest.approx(2 * np.pi**2 * 0.3 * 0.01 * scale**3, rel=5e-3)


def test_size_is_the_longest_side_and_takes_precedence():
    base = finish(DistanceField(box(size=(0.3, 0.6, 0.2))), size=2.5)
    assert_deliverable(base)
    assert np.ptp(base.vertices, axis=0).max() == pytest.approx(2.5, rel=1e-6)
    assert np.ptp(base.vertices, axis=0).argmax() == 1  # nothing was turned


def test_unknown_size_gives_a_diagonal_of_one_metre():
    assert_deliverable(finish(DistanceField(sphere()), diagonal=0.0), 1.0)


def test_the_front_stays_at_minus_y():
    nose = union(sphere((0, 0, 0), 0.25), sphere((0.0, -0.3, 0.1), 0.08))
    base = finish(DistanceField(nose))
    tip = base.vertices[base.vertices[:, 1].argmin()]
    low, high = as_mesh(base).bounds
    assert tip[2] > (low[2] + high[2]) / 2
    assert abs(tip[0]) < 0.05


def test_projection_brings_vertices_onto_the_level():
    """A field bent so that linear interpolation between samples is wrong."""

    class Bent(DistanceField):
        def occupancy(self, points):
            distance = self.distance(points.double())
            return (0.5 - torch.where(distance > 0, 14 * distance, 4 * distance)).float()

    field = Bent(sphere((0.01, 0.02, 0.0), 0.3))
    surface = extract_surface(field, 96)
    before = np.abs(np.linalg.norm(surface.vertices - [0.01, 0.02, 0], axis=1) - 0.3) * 96
    base = finish_surface(surface, field, diagonal=0.0, size=0.6, name="ball")
    centred = base.vertices - [0, 0, base.vertices[:, 2].max() / 2]
    after = np.abs(np.linalg.norm(centred, axis=1) - 0.3) * 96
    assert base.info["mesh"]["projected"]
    assert before.max() > 0.15
    assert np.quantile(after, 0.9) < 0.06
    assert after.mean() < before.mean() / 4


class BumpyField(DistanceField):
    """A shape with waves on it, mirrored in x: half a voxel high at 64 samples."""

    def occupancy(self, points):
        p = points.double()
        waves = torch.cos(120 * p[:, 0]) * torch.sin(110 * p[:, 1]) * torch.sin(130 * p[:, 2])
        return (0.5 - 24 * (self.distance(p) + waves / 128)).clamp(0, 1).float()


def test_bumps_are_smoothed_and_the_distance_is_told():
    field = BumpyField(sphere())
    surface = extract_surface(field, 64)
    base = finish_surface(surface, field, diagonal=0.0, size=0.6, name="ball")
    assert_deliverable(base)
    faired = base.info["mesh"]["faired"]
    assert faired["mean_voxels"] > 0.05
    before = trimesh.Trimesh(surface.vertices, surface.faces, process=False).face_adjacency_angles
    assert as_mesh(base).face_adjacency_angles.mean() < before.mean() / 2
    # the bound holds: every vertex is within it of the raw surface
    scale, ground = (base.info["placement"][key] for key in ("scale", "ground"))
    points = base.vertices[::40] / scale + ground
    raw = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    _, away, _ = trimesh.proximity.closest_point_naive(raw, points)
    assert away.max() * 64 <= base.info["mesh"]["hausdorff_voxels"] + 1e-3


def test_a_symmetric_shape_is_delivered_symmetric():
    base = finish(BumpyField(torus()), 64)
    assert_deliverable(base)
    span = np.ptp(base.vertices[:, 0])
    tree = cKDTree(base.vertices)
    apart, _ = tree.query(base.vertices * [-1, 1, 1])
    assert (apart < 1e-6 * span).mean() > 0.95


def test_smoothing_that_would_change_the_shape_is_left_out_and_said(monkeypatch):
    def shrink(vertices, faces, **options):
        return vertices * 0.9

    monkeypatch.setattr("bozzetto.inference.surface.finish.fair_surface", shrink)
    base = finish(DistanceField(sphere()))
    assert_deliverable(base)
    assert base.info["mesh"]["projected"]
    assert base.info["mesh"]["faired"] is None
    assert any("Smoothing" in message for message in base.info["messages"])


def test_cavities_are_removed_and_separate_solids_kept_and_counted():
    hollow = union(
        without(sphere((-0.2, 0, 0), 0.25), sphere((-0.2, 0, 0), 0.15)),
        sphere((-0.2, 0, 0), 0.06),  # a solid within the cavity
        sphere((0.3, 0, 0), 0.1),
    )
    base = finish(DistanceField(hollow), 96)
    assert_deliverable(base)
    info = base.info["mesh"]
    assert info["components"] == 2
    assert info["removed_cavities"] == 2
    scale = info["dimensions_m"][1] / 0.5
    solid = 4 / 3 * np.pi * (0.25**3 + 0.1**3) * scale**3
    assert info["volume_m3"] == pytest.approx(solid, rel=0.01)
    assert any("2 separate parts" in message for message in base.info["messages"])


def test_specks_are_dropped_and_said():
    dusty = union(sphere((0, 0, 0), 0.25), sphere((0.4, 0.3, 0.2), 0.008))
    base = finish(DistanceField(dusty), 128)
    assert_deliverable(base)
    assert base.info["mesh"]["dropped_specks"] == 1
    assert base.info["mesh"]["components"] == 1
    assert "Specks left out: 1." in base.info["messages"]
    extent = np.ptp(base.vertices, axis=0)
    assert extent == pytest.approx(np.full(3, extent[0]), rel=0.01)  # the speck did not scale it


def test_a_shape_cut_by_the_box_keeps_its_flat_caps():
    base = finish(DistanceField(box(size=(2.0, 0.4, 0.3)), clipped=False), size=1.0)
    assert_deliverable(base)
    end = base.vertices[base.vertices[:, 0] > base.vertices[:, 0].max() - 1e-4]
    assert len(end) > 50
    assert base.info["mesh"]["dimensions_m"] == pytest.approx([1.0, 0.4, 0.3], abs=2e-3)


def cube(low, size):
    corners = np.indices((2, 2, 2)).reshape(3, -1).T * size + np.asarray(low, float)
    mesh = trimesh.convex.convex_hull(corners)
    return mesh.vertices, mesh.faces


@pytest.mark.parametrize("second", [(0.2, 0.2, 0.0), (0.2, 0.2, 0.2)], ids=["edge", "corner"])
def test_solids_that_touch_are_split_into_manifolds(second):
    one, two = trimesh.Trimesh(*cube((0, 0, 0), 0.2)), trimesh.Trimesh(*cube(second, 0.2))
    joined = trimesh.util.concatenate([one, two])
    joined.merge_vertices()
    assert not is_vertex_manifold(joined.faces, len(joined.vertices))
    surface = Surface(
        joined.vertices.astype(np.float32), joined.faces.astype(np.int32), {"cell": 0.02}
    )
    field = DistanceField(
        union(box((0.1,) * 3, (0.2,) * 3), box(np.array(second) + 0.1, (0.2,) * 3))
    )
    base = finish_surface(surface, field, diagonal=1.0, name="cubes")
    assert_deliverable(base)
    assert base.info["mesh"]["components"] == 2


def test_slivers_and_degenerate_faces_go_without_opening_the_mesh():
    """An icosphere with some edges split next to a vertex, and needles of every size."""
    mesh = trimesh.creation.icosphere(3, 0.3)
    vertices, faces = mesh.vertices.copy(), mesh.faces.copy()
    generator = np.random.default_rng(3)
    for face in generator.choice(len(faces), 60, replace=False):
        a, b, c = faces[face]
        share = 10.0 ** generator.uniform(-9, -2)
        inner = vertices[a] * (1 - 2 * share) + (vertices[b] + vertices[c]) * share
        vertices = np.concatenate([vertices, inner[None]])
        new = len(vertices) - 1
        faces[face] = (a, b, new)
        faces = np.concatenate([faces, [(b, c, new), (c, a, new)]])
    surface = Surface(vertices.astype(np.float32), faces.astype(np.int32), {"cell": 0.05})
    base = finish_surface(surface, DistanceField(sphere(radius=0.3)), diagonal=1.0, name="ball")
    assert_deliverable(base, 1.0)
    assert len(base.vertices) <= len(mesh.vertices)


def test_an_inside_out_surface_is_turned():
    surface = extract_surface(DistanceField(torus()), 64)
    inverted = Surface(surface.vertices, surface.faces[:, ::-1], surface.report)
    assert_deliverable(finish_surface(inverted, DistanceField(torus()), diagonal=1.0, name="x"))


def test_repair_that_would_change_the_shape_is_refused_and_said():
    """The field's level lies elsewhere than the surface says: moving there is no repair."""
    surface = extract_surface(DistanceField(sphere(radius=0.1)), 64)
    other = DistanceField(sphere(radius=0.107), clipped=False)
    base = finish_surface(surface, other, diagonal=1.0, name="x")
    assert_deliverable(base, 1.0)
    assert not base.info["mesh"]["projected"]
    assert any("left out" in message for message in base.info["messages"])


def test_a_surface_without_volume_is_an_error():
    flat = Surface(
        np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32),
        np.array([[0, 1, 2], [0, 2, 1]], np.int32),
        {"cell": 0.1},
    )
    with pytest.raises(EmptyFieldError):
        finish_surface(flat, DistanceField(sphere()), diagonal=1.0, name="x")


def test_cancel_and_progress():
    told = []
    field = DistanceField(torus())
    surface = extract_surface(field, 64)
    finish_surface(surface, field, diagonal=1.0, name="x", progress=lambda *args: told.append(args))
    assert told[0] == ("finish", 0)
    assert told[-1] == ("finish", 1)
    assert [fraction for _, fraction in told] == sorted(fraction for _, fraction in told)
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        finish_surface(surface, field, diagonal=1.0, name="x", cancel=cancel)


waves = st.tuples(st.tuples(*[st.floats(-25, 25)] * 3), st.floats(0, 6.3), st.floats(0.1, 1.0))


class WaveField:
    """A sum of plane waves: sponges with handles, tunnels, cavities, specks and caps."""

    bounds, level, device = ((-0.5, -0.4, -0.5), (0.5, 0.4, 0.5)), 0.1, torch.device("cpu")

    def __init__(self, parts, grain):
        self.parts, self.grain = parts, grain

    def occupancy(self, points):
        value = torch.zeros(len(points), dtype=torch.float64)
        for along, phase, strength in self.parts:
            value += strength * torch.sin(points.double() @ torch.tensor(along).double() + phase)
        noise = torch.sin(points.double() @ torch.tensor([1271.0, 3117.0, 747.0]).double() * 37)
        return (value + self.grain * noise).float()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(waves, min_size=2, max_size=5),
    st.sampled_from([0.0, 0.05, 1.0]),
    st.integers(16, 32),
)
def test_any_field_finishes_to_a_closed_manifold_on_the_floor(parts, grain, resolution):
    field = WaveField(parts, grain)
    try:
        surface = extract_surface(field, resolution)
    except EmptyFieldError:
        assume(False)
    assert_deliverable(finish_surface(surface, field, diagonal=1.7, name="x"), 1.7)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.builds(sphere, st.tuples(*[st.floats(-0.35, 0.35)] * 3), st.floats(0.08, 0.2)),
        min_size=1,
        max_size=4,
    ),
    st.floats(0.05, 40.0),
)
def test_balls_finish_to_their_size(balls, size):
    base = finish(DistanceField(union(*balls)), 48, size=size)
    assert_deliverable(base)
    assert np.ptp(base.vertices, axis=0).max() == pytest.approx(size, rel=1e-5)
