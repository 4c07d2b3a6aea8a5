"""One object through the whole build: solid, views, variant; nothing done twice."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from bozzetto.training.data import jobs
from bozzetto.training.data.build import order_for_objects
from bozzetto.training.data.formats.mesh import Mesh, MeshError, make_mesh
from bozzetto.training.data.jobs import Job, is_done, result_path, run_job, variant_id
from bozzetto.training.data.occupancy import grid_points
from bozzetto.training.data.rows import decide_rows
from bozzetto.training.data.sources.entry import Entry, Loaded, list_all, open_source
from bozzetto.training.data.views import decode_views

pytestmark = pytest.mark.usefixtures("software_gl")


def entry(name: str, kind: str = "table", identity: str = "", generated: bool = False) -> Entry:
    return Entry("made", "p", name, kind, name, "CC0-1.0", "us", identity, generated)


def table() -> Mesh:
    top, leg = trimesh.creation.box((2, 1, 0.1)), trimesh.creation.box((0.3, 0.3, 1.0))
    top.apply_translation((0, 0, 0.55))
    both = trimesh.util.concatenate([top, leg])
    mesh = make_mesh(both.vertices, both.faces)
    groups = np.repeat([0, 1], [len(top.faces), len(leg.faces)]).astype(np.int32)
    return Mesh(
        mesh.vertices, mesh.faces, mesh.face_colours, mesh.face_uvs, mesh.face_textures, groups,
        (), ("top", "leg"),
    )  # fmt: skip


class Made:
    """A source whose object can be made to fail."""

    broken = False
    loads = 0

    def load(self, one: Entry, data: Path) -> Loaded:
        self.loads += 1
        if self.broken:
            raise MeshError("no mesh today")
        return Loaded(table(), (2.0, 1.0, 1.1))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    source = Made()
    monkeypatch.setattr(jobs, "open_source", lambda name: source)
    monkeypatch.setattr(jobs, "VIEWS_VARIANT", 2)
    return source


def test_an_object_gets_solid_points_parts_and_views(made: Made, tmp_path: Path) -> None:
    job = Job(entry("a"), tmp_path, tmp_path / "objects", views=3)
    assert not is_done(job)
    assert run_job(job) is None
    assert is_done(job)
    with np.load(result_path(job.folder, "p/a", "shape")) as shape:
        grid = np.unpackbits(shape["occupancy"]).astype(bool).reshape(64, 64, 64)
        points, inside = shape["points"].astype(float), np.unpackbits(shape["inside"]).astype(bool)
        parts = shape["parts"]
    diagonal = np.linalg.norm((2, 1, 1.1))
    volume = (2 * 1 * 0.1 + 0.3 * 0.3 * 1.0) / diagonal**3
    assert grid.mean() == pytest.approx(volume, rel=0.2)  # the top is 2.6 cells thick
    cells = ((points + 0.5) * 64).astype(int).clip(0, 63)
    assert (grid[tuple(cells.T)] == inside).mean() > 0.85  # points crowd at the surface
    high = points[:, 2] > 0.22
    assert (parts[high] == 0).all()
    assert (parts[points[:, 2] < 0.0] == 1).all()
    with np.load(result_path(job.folder, "p/a", "views")) as stored:
        views = decode_views(stored)
    assert views.pictures.shape == (3, 160, 160, 4)
    assert (views.pictures[..., 3] > 127).any(axis=(1, 2)).all()


def test_a_variant_is_the_same_solid_moved(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    run_job(Job(entry("a"), tmp_path, folder, views=1))
    job = Job(entry("a"), tmp_path, folder, variants=(0, 1))
    assert run_job(job) is None
    assert is_done(job)
    for number in (0, 1):
        with np.load(result_path(folder, variant_id("p/a", number), "shape")) as shape:
            grid = np.unpackbits(shape["occupancy"]).astype(bool).reshape(64, 64, 64)
            points = shape["points"].astype(float)
            inside = np.unpackbits(shape["inside"]).astype(bool)
        cells = ((points + 0.5) * 64).astype(int).clip(0, 63)
        assert (grid[tuple(cells.T)] == inside).mean() > 0.8
        used = grid_points()[grid.reshape(-1)]
        assert np.linalg.norm(np.ptp(used, axis=0)) == pytest.approx(1, abs=0.06)


def test_fine_views_come_apart(made: Made, tmp_path: Path) -> None:
    job = Job(entry("a"), tmp_path, tmp_path / "objects", fine=True)
    assert run_job(job) is None
    with np.load(result_path(job.folder, "p/a", "fine")) as stored:
        assert decode_views(stored).fine_pictures.shape[1:] == (384, 384, 4)
    assert is_done(job)


def test_what_fails_is_not_tried_again_until_its_source_says_otherwise(
    made: Made, tmp_path: Path
) -> None:
    made.broken = True
    job = Job(entry("a"), tmp_path, tmp_path / "objects", views=1)
    assert run_job(job) == "p/a: no mesh today"
    assert is_done(job)
    assert decide_rows([job.entry], job.folder) == []
    turned = Job(entry("a", kind="chair"), tmp_path, job.folder, views=1)
    assert not is_done(turned)
    made.broken = False
    assert run_job(turned) is None
    (row,) = decide_rows([turned.entry], job.folder)
    assert (row.kind, row.parts, row.size_m) == ("chair", ["top", "leg"], [2.0, 1.0, 1.1])


def test_order_gives_every_class_and_body_its_turn() -> None:
    entries = [entry(f"t{i}") for i in range(6)]
    entries += [entry(f"horse@{i}", "quadruped", identity="horse") for i in range(3)]
    entries += [entry("made car", "car", generated=True)]
    order = [one.kind + str(one.identity) for one in order_for_objects(entries)]
    assert set(order[:3]) == {"table", "quadrupedhorse", "car"}
    assert order[-2:] == ["quadrupedhorse"] * 2


def test_ids_are_unique_over_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Twice:
        def list_entries(self, data: Path) -> list[Entry]:
            return [entry("a"), entry("a")]

    monkeypatch.setattr("bozzetto.training.data.sources.entry.open_source", lambda name: Twice())
    with pytest.raises(ValueError, match="p/a is listed twice"):
        list_all(tmp_path, ["made"])
    with pytest.raises(KeyError):
        open_source("no such source")
