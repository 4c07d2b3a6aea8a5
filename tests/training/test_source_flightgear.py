"""FlightGear's models: what is a body, what is which class, ground sheets, the axes."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from bozzetto.training.data.classes import CLASSES
from bozzetto.training.data.formats.mesh import Mesh, make_mesh
from bozzetto.training.data.sources import flightgear, flightgear_tables
from bozzetto.training.data.sources.axes import Y_UP_FACING_MINUS_X, object_rotation
from bozzetto.training.data.sources.entry import extents
from bozzetto.training.data.sources.flightgear_scenery import SCENERY
from bozzetto.training.data.sources.ground import drop_ground

# a tetrahedron 10 long with its nose at -X, 3 high (Y), 4 wide (Z), and a propeller disc before it
AC = """AC3Db
MATERIAL "paint" rgb 0.2 0.4 0.6  amb 0 0 0  emis 0 0 0  spec 0 0 0  shi 10  trans 0
OBJECT world
kids 2
OBJECT poly
name "hull"
numvert 4
-5 0 0
5 0 -2
5 0 2
5 3 0
numsurf 4
SURF 0x0
mat 0
refs 3
0 0 0
1 0 0
2 0 0
SURF 0x0
mat 0
refs 3
0 0 0
1 0 0
3 0 0
SURF 0x0
mat 0
refs 3
0 0 0
2 0 0
3 0 0
SURF 0x0
mat 0
refs 3
1 0 0
2 0 0
3 0 0
kids 0
OBJECT poly
name "propdisc"
numvert 3
-9 0 0
-9 5 0
-9 0 5
numsurf 1
SURF 0x0
mat 0
refs 3
0 0 0
1 0 0
2 0 0
kids 0
"""


def box(size: tuple[float, float, float], centre: tuple[float, float, float]) -> Mesh:
    solid = trimesh.creation.box(size)
    return make_mesh(solid.vertices + np.array(centre), solid.faces)


def join(first: Mesh, second: Mesh) -> Mesh:
    faces = np.concatenate([first.faces, second.faces + len(first.vertices)])
    return make_mesh(np.concatenate([first.vertices, second.vertices]), faces)


def test_model_is_found_by_its_path_and_loses_its_propeller_disc(tmp_path: Path) -> None:
    root = tmp_path / "unpacked/flightgear-data-ai" / flightgear.ROOT
    for name in ("AI/Aircraft/A320/Models/A320", "AI/Aircraft/DR400/Models/light/RedLight"):
        path = root / f"{name}.ac"
        path.parent.mkdir(parents=True)
        path.write_text(AC)
    (entry,) = flightgear.list_entries(tmp_path)
    assert entry.id == "flightgear-data-ai/AI/Aircraft/A320/Models/A320"
    assert entry.kind == "airplane"
    loaded = flightgear.load(entry, tmp_path)
    assert extents(loaded.mesh) == pytest.approx((4, 10, 3))
    assert loaded.size_m == pytest.approx((4, 10, 3))
    nose = loaded.mesh.vertices[0]
    np.testing.assert_allclose(nose, [0, -5, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("propdisc.left", True),
        ("Prplr-disk-L", True),
        ("RHFastprop", True),
        ("Propeller_Left_Fast", True),
        ("Shadow", True),
        ("Silver_Shadow", False),
        ("Wake", True),
        ("Flash12", True),
        ("red-light-plate", True),
        ("flashlight holder", False),
        ("noshadow.Exhaust", False),
        ("Propeller_Left", False),
        ("fan_disk", False),
        ("Fuselage", False),
    ],
)
def test_propeller_discs_and_shadows_are_no_body(name: str, dropped: bool) -> None:
    assert bool(flightgear.NOT_BODY.search(name)) is dropped


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("AI/Aircraft/A320/Models/A320", "airplane"),
        ("AI/Aircraft/DR400/Models/light/RedLight", None),
        ("Scenery/Models/Aircraft/B747_services-ba", None),
        ("Scenery/Models/Aircraft/D112-ba", None),
        ("Scenery/Models/Transport/hondacrvred", "car"),
        ("Scenery/Models/Transport/tourbus1", "truck"),
        ("Scenery/Models/Airport/Vehicle/tractor4-blue", "truck"),
        ("Scenery/Models/Aircraft/r44-black", "helicopter"),
        ("Scenery/Models/Aircraft/KOFF_EC-135A", "airplane"),
        ("Scenery/Models/Misc/gothical_church", "building"),
        ("Models/Geometry/Nimitz/nimitz", "ship"),
        ("Models/Geometry/Clemenceau/hull", None),
    ],
)
def test_classes(name: str, kind: str | None) -> None:
    assert flightgear_tables.classify(name) == kind


def test_tables_know_their_classes_and_no_model_has_two() -> None:
    seen: set[str] = set()
    for table in (flightgear_tables.MODELS, SCENERY):
        for folder, classes in table.items():
            assert set(classes) <= set(CLASSES)
            names = [f"{folder}/{name}" for stems in classes.values() for name in stems.split()]
            assert len(names) == len(set(names))
            assert not seen & set(names)
            seen |= set(names)


def test_liveries_and_levels_of_detail_are_one_body() -> None:
    folder = "Scenery/Models/Aircraft"
    red, fr_reg = (flightgear_tables.identity(f"{folder}/DR400{x}") for x in ("-red", "_fr_reg"))
    assert red == fr_reg == f"{folder}/DR400"
    assert flightgear_tables.identity(f"{folder}/lynx-roue") == f"{folder}/lynx-patin"
    assert flightgear_tables.identity("AI/Aircraft/A320/Models/A320").endswith("/A320")


def test_axes_bring_the_nose_to_minus_y() -> None:
    matrix = object_rotation(Y_UP_FACING_MINUS_X)
    np.testing.assert_allclose(matrix @ [-1, 0, 0], [0, -1, 0])
    np.testing.assert_allclose(matrix @ [0, 1, 0], [0, 0, 1])
    turned = object_rotation(Y_UP_FACING_MINUS_X, 90)
    np.testing.assert_allclose(turned @ [0, 0, -1], [0, -1, 0], atol=1e-12)  # faced -X before
    assert np.linalg.det(turned) == pytest.approx(1)


def test_ground_sheet_goes_but_a_flat_body_stays() -> None:
    car = box((2, 4, 1.2), (0, 0, 0.7))
    ground = make_mesh(
        np.array([[-3, -5, 0], [3, -5, 0], [3, 5, 0], [-3, 5, 0.0]]), [[0, 1, 2], [0, 2, 3]]
    )
    assert len(drop_ground(join(car, ground), up=2).faces) == len(car.faces)
    assert len(drop_ground(car, up=2).faces) == len(car.faces)
