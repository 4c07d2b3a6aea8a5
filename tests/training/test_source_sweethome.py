"""Sweet Home 3D's furniture: its catalogue, its archives, the tables, the axes."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from bozzetto.training.data.classes import CLASSES
from bozzetto.training.data.formats.mesh import MeshError
from bozzetto.training.data.sources import sweethome, sweethome_tables
from bozzetto.training.data.sources.axes import Y_UP_FACING_PLUS_Z, object_rotation
from bozzetto.training.data.sources.entry import Entry, extents

# a box 2 wide (x), 1 high (y), 4 deep (z), with a nose at its +Z end
OBJ = """mtllib shop.mtl
v 0 0 0
v 2 0 0
v 0 1 0
v 1 0 4
usemtl wood
f 1 2 3
f 1 2 4
f 2 3 4
f 1 3 4
"""
NAME = "scopia/armchair"
CATALOGUE = (
    "license=ignored\nname#1=Caf\\u00e9 chair\nmodel#1=/scopia/armchair/chair.obj\nwidth#1=50\n"
    "depth#1=40\nheight#1=90.5\ncreator#1=Ann\n"
    "name#2=Unknown\nmodel#2=/scopia/no-such-model/b.obj\nwidth#2=x\nmodelRotation#2=1 2\n"
    "name#3=Chair\nmodel#3=/scopia/chair3/c.obj\nmodelRotation#3=0 0 1 0 1 0 -1 0 0\n"
    "name#4=Other format\nmodel#4=/scopia/chair4/c.dae\n"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked" / sweethome.PACKAGE / sweethome.FOLDER
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "Scopia.sh3f", "w") as archive:
        archive.writestr(sweethome.CATALOGUE, CATALOGUE)
        archive.writestr("scopia/armchair/chair.obj", OBJ)
        archive.writestr("scopia/armchair/shop.mtl", "newmtl wood\nKd 0.5 0.25 0\n")
    return tmp_path


def entry_of(data: Path, name: str) -> Entry:
    return next(entry for entry in sweethome.list_models(data) if entry.name == name)


def test_catalogue_gives_names_licences_and_classes(data: Path) -> None:
    assert [entry.name for entry in sweethome.list_models(data)] == [
        NAME,
        "scopia/no-such-model",
        "scopia/chair3",
    ]
    listed = sweethome.list_entries(data)
    assert [entry.name for entry in listed] == [NAME, "scopia/chair3"]
    chair = listed[0]
    assert chair.id == "sweethome3d-furniture/scopia/armchair"
    assert (chair.kind, chair.label, chair.author) == ("chair", "Café chair", "Ann")
    assert chair.licence == "CC-BY-3.0"


def test_mesh_comes_in_object_axes_with_the_catalogues_size(data: Path) -> None:
    loaded = sweethome.load(entry_of(data, NAME), data)
    assert extents(loaded.mesh) == pytest.approx((2, 4, 1))
    nose = loaded.mesh.vertices[3]
    assert nose[1] == pytest.approx(-4)  # +Z of the file is the front
    assert loaded.size_m == pytest.approx((0.5, 0.4, 0.905))
    np.testing.assert_allclose(loaded.mesh.face_colours[0], [0.5, 0.25, 0])


def test_a_quarter_turn_of_ours_swaps_width_and_depth(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sweethome_tables.YAW_FIXES, NAME, 90.0)
    loaded = sweethome.load(entry_of(data, NAME), data)
    assert extents(loaded.mesh) == pytest.approx((4, 2, 1))
    assert loaded.size_m == pytest.approx((0.4, 0.5, 0.905))


def test_numbers_that_cannot_be_read_cost_only_themselves(data: Path) -> None:
    entry = entry_of(data, "scopia/no-such-model")
    assert entry.payload[2:] == (None, None)
    assert entry_of(data, "scopia/chair3").payload[3] == (0, 0, 1, 0, 1, 0, -1, 0, 0)
    with pytest.raises(MeshError, match="no such file"):
        sweethome.load(entry, data)


def test_catalogue_without_a_known_licence_is_refused(data: Path) -> None:
    folder = data / "unpacked" / sweethome.PACKAGE / sweethome.FOLDER
    (folder / "Scopia.sh3f").rename(folder / "Nobody.sh3f")
    with pytest.raises(MeshError, match="licence"):
        sweethome.list_entries(data)


def test_properties_ignore_comments() -> None:
    text = "#name#1=no\nname#12=yes\nfree=text\n"
    assert sweethome.parse_properties(text) == {12: {"name": "yes"}}


def test_axes_bring_the_front_to_minus_y_and_the_catalogues_turn_comes_first() -> None:
    matrix = object_rotation(Y_UP_FACING_PLUS_Z)
    np.testing.assert_allclose(matrix @ [0, 0, 1], [0, -1, 0])
    np.testing.assert_allclose(matrix @ [0, 1, 0], [0, 0, 1])
    assert np.linalg.det(matrix) == pytest.approx(1)
    own = (0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0)  # -x to +z
    turned = object_rotation(Y_UP_FACING_PLUS_Z, own=own)
    np.testing.assert_allclose(turned @ [-1, 0, 0], [0, -1, 0], atol=1e-12)


def test_tables_know_their_classes_and_no_model_has_two() -> None:
    for classes in sweethome_tables.FURNITURE.values():
        assert set(classes) <= set(CLASSES)
        names = [name for models in classes.values() for name in models.split()]
        assert len(names) == len(set(names))
    kinds = sweethome_tables.kinds()
    corrected = {*sweethome_tables.YAW_FIXES, *sweethome_tables.IDENTITIES}
    assert corrected | sweethome_tables.EXCLUDED <= set(kinds)
