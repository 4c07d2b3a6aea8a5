"""The generated aircraft: same bits every time, whole, symmetric, varied, nose to -Y."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from bozzetto.training.data.classes import CLASSES
from bozzetto.training.data.formats.mesh import Mesh, MeshError, component_labels
from bozzetto.training.data.occupancy import Solid, occupancy_grid
from bozzetto.training.data.sources import parametric_aircraft
from bozzetto.training.data.sources.entry import extents
from bozzetto.training.generators.aircraft import catalogue
from bozzetto.training.generators.aircraft.lifting import Planform, Wing, naca_loop

NOWHERE = Path("/nonexistent")
KINDS = tuple(catalogue.KINDS)
# what turns has no mirror image: blades, and the rotor beside the fin
TURNING = ("propeller", "main_rotor", "tail_rotor")


@pytest.fixture(scope="module")
def meshes() -> dict[str, Mesh]:
    return {kind: catalogue.build(f"{kind}/0001") for kind in KINDS}


def part(mesh: Mesh, prefix: str) -> np.ndarray:
    """Triangles float64 [F, 3, 3] of the parts whose names begin so."""
    groups = [i for i, name in enumerate(mesh.group_names) if name.startswith(prefix)]
    return mesh.triangles[np.isin(mesh.face_groups, groups)]


def test_entries_name_three_hundred_airplanes_and_thirty_helicopters() -> None:
    entries = parametric_aircraft.list_entries(NOWHERE)
    assert Counter(entry.kind for entry in entries) == {"airplane": 300, "helicopter": 30}
    assert len({entry.id for entry in entries}) == 330
    assert all(entry.generated and entry.licence == "CC0-1.0" for entry in entries)
    assert {entry.kind for entry in entries} <= set(CLASSES)


def test_loading_gives_the_size_of_the_mesh_in_metres() -> None:
    entry = parametric_aircraft.list_entries(NOWHERE)[0]
    loaded = parametric_aircraft.load(entry, NOWHERE)
    assert loaded.size_m == extents(loaded.mesh)
    assert 15 < loaded.size_m[1] < 90  # an airliner


def test_an_unknown_kind_is_a_mesh_error() -> None:
    entry = parametric_aircraft.list_entries(NOWHERE)[0]
    with pytest.raises(MeshError):
        parametric_aircraft.load(type(entry)(**{**entry.__dict__, "name": "zeppelin/0"}), NOWHERE)


@pytest.mark.parametrize("kind", KINDS)
def test_one_name_gives_the_same_bits(kind: str, meshes: dict[str, Mesh]) -> None:
    again = catalogue.build(f"{kind}/0001")
    assert again.vertices.tobytes() == meshes[kind].vertices.tobytes()
    assert again.face_colours.tobytes() == meshes[kind].face_colours.tobytes()
    assert np.array_equal(again.faces, meshes[kind].faces)
    assert again.group_names == meshes[kind].group_names


@pytest.mark.parametrize("kind", KINDS)
def test_parts_are_there(kind: str, meshes: dict[str, Mesh]) -> None:
    names = set(meshes[kind].group_names)
    wanted = {
        "biplane": {"fuselage", "wing_upper_left", "wing_lower_right", "propeller", "cockpit"},
        "flying_boat": {"hull", "wing_left", "wing_right", "float_left", "float_right"},
        "helicopter": {"fuselage"},
        "bomber": {"fuselage", "wing_left", "wing_right"},
    }.get(kind, {"fuselage", "wing_left", "wing_right"})
    assert wanted <= names
    if kind == "helicopter":
        assert any(name.startswith("main_rotor") for name in names)
    used = np.unique(meshes[kind].face_groups)
    assert len(used) == len(meshes[kind].group_names)


@pytest.mark.parametrize("kind", KINDS)
def test_every_piece_is_closed_and_faces_outward(kind: str, meshes: dict[str, Mesh]) -> None:
    mesh = meshes[kind]
    joined = np.unique(np.round(mesh.vertices, 6), axis=0, return_inverse=True)[1].reshape(-1)
    edges = joined[mesh.faces][:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    labels = component_labels(mesh)
    forth = Counter(map(tuple, edges.tolist()))
    # every directed edge is met by as many that run the other way
    assert all(forth[(b, a)] == count for (a, b), count in forth.items() if a != b)
    a, b, c = np.moveaxis(mesh.triangles, 1, 0)
    volume = np.bincount(labels, np.einsum("ij,ij->i", a, np.cross(b, c)))
    assert volume.min() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_left_mirrors_right(kind: str, meshes: dict[str, Mesh]) -> None:
    mesh = meshes[kind]
    still = [not name.startswith(TURNING) for name in mesh.group_names]
    vertices = mesh.vertices[np.unique(mesh.faces[np.array(still)[mesh.face_groups]])]
    distances = cKDTree(vertices).query(vertices * [-1, 1, 1])[0]
    assert distances.max() < 1e-6 * np.ptp(vertices) + 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_left_is_on_plus_x_and_the_nose_at_minus_y(kind: str, meshes: dict[str, Mesh]) -> None:
    mesh = meshes[kind]
    low, high = mesh.bounds
    glass = np.concatenate([part(mesh, "cockpit"), part(mesh, "canopy")])
    tail = np.concatenate([part(mesh, "fin"), part(mesh, "tailplane")])
    assert glass[..., 1].mean() < low[1] + 0.55 * (high[1] - low[1])  # biplanes sit in the middle
    if len(tail):
        assert tail[..., 1].mean() > glass[..., 1].mean()
        assert tail[..., 1].mean() > (low[1] + high[1]) / 2
    for name in mesh.group_names:
        if name.endswith("_left"):
            assert part(mesh, name)[..., 0].mean() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_budgets_of_triangles_and_sizes(kind: str) -> None:
    for i in range(4):
        mesh = catalogue.build(f"{kind}/{i:04d}")
        assert 2_000 < len(mesh.faces) < 20_000
        assert np.isfinite(mesh.vertices).all()
        diagonal = float(np.linalg.norm(extents(mesh)))
        assert 5 < diagonal < 130


@pytest.mark.parametrize("kind", ["airliner", "light", "fighter"])
def test_names_differ_in_more_than_scale(kind: str) -> None:
    grids = []
    for i in range(4):
        mesh = catalogue.build(f"{kind}/{i:04d}")
        low, high = mesh.bounds
        boxed = mesh.with_vertices((mesh.vertices - (low + high) / 2) / (high - low) * 0.98)
        grids.append(occupancy_grid(Solid(boxed, np.random.default_rng(0)), 32))
    for i, first in enumerate(grids):
        for second in grids[:i]:
            assert (first & second).sum() / (first | second).sum() < 0.85


@given(st.floats(0.06, 0.2), st.floats(0.0, 0.05))
@settings(max_examples=25, deadline=None)
def test_a_section_is_as_thick_as_asked(thickness: float, camber: float) -> None:
    loop = naca_loop(thickness, camber, points=61)
    top, below = loop[:61][::-1], loop[60:]
    gap = top[:, 1] - below[:, 1]
    assert gap.max() == pytest.approx(thickness, rel=0.01)
    assert 0.25 < top[gap.argmax(), 0] < 0.35  # four-digit sections are thickest at 0.3


@given(st.floats(4, 30), st.floats(0.1, 1.0), st.floats(-5, 50), st.floats(-5, 10))
@settings(max_examples=25, deadline=None)
def test_a_wing_has_its_span_taper_and_sweep(
    half: float, taper: float, sweep: float, dihedral: float
) -> None:
    plan = Planform(half, half / 4, taper, sweep, 0.0, angle=dihedral, rounding=0.0)
    wing = Wing(plan, (0.0, 0.0, 0.0))
    tip = wing.leading_edge(1.0)
    assert tip[0] == pytest.approx(half * np.cos(np.radians(dihedral)))
    assert tip[1] == pytest.approx(half * np.tan(np.radians(sweep)), abs=1e-9)
    assert wing.chord(1.0) == pytest.approx(half / 4 * taper)
    assert wing.sections()[..., 0].min() > -0.2 * half
