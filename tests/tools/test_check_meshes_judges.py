"""Judges of `./bozzetto check-meshes`: measures without Blender, validators that are not blind."""

import stat
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bozzetto.tools.check_meshes import judging
from bozzetto.tools.check_meshes.glb import read_glb
from bozzetto.tools.check_meshes.measure.arrays import MeshArrays, label_components
from bozzetto.tools.check_meshes.measure.coverage import count_cover
from bozzetto.tools.check_meshes.measure.polygons import measure_polygons
from bozzetto.tools.check_meshes.plan import Key
from bozzetto.tools.check_meshes.results import Folder, hash_file, join_verdicts
from bozzetto.tools.check_meshes.rules import FAILED, UNJUDGED, judge_result
from bozzetto.tools.check_meshes.validators.controls import find_blindness, write_controls
from bozzetto.tools.check_meshes.validators.faults import FINDERS
from bozzetto.tools.check_meshes.validators.libraries import judge_trimesh
from bozzetto.tools.check_meshes.validators.slicer import Slicer, find_messages, read_info
from bozzetto.tools.check_meshes.validators.tool import MissingToolError

KEY = Key("chair", "pixel", "quads", 5000)

# As PrusaSlicer 2.5.0 prints it of a mesh with four faces missing and ten turned round.
INFO = """[2026-11-27 02:05:41.144710] [0x00007fa70c7b7d80] [trace]   Initializing
[hole.stl]
size_x = 538.219116
number_of_facets = 49084
manifold = {manifold}
{faults}number_of_parts =  2
volume = 35172928.000000
"""


# measures that need no Blender


def covers(triangle, point):
    """Whether a point is in the interior, by the signs of three areas."""
    a, b, c = triangle
    signs = [
        np.sign((q[0] - p[0]) * (point[1] - p[1]) - (q[1] - p[1]) * (point[0] - p[0]))
        for p, q in ((a, b), (b, c), (c, a))
    ]
    return abs(sum(signs)) == 3


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_cover_counts_the_centres_inside_each_triangle(seed):
    rng = np.random.default_rng(seed)
    triangles = rng.uniform(-3, 15, (4, 3, 2))
    expected = np.array(
        [
            [sum(covers(one, (x + 0.5, y + 0.5)) for one in triangles) for x in range(12)]
            for y in range(12)
        ]
    )
    np.testing.assert_array_equal(count_cover(triangles, 12), expected)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), side=st.sampled_from([16, 64, 256]))
def test_neighbours_never_overlap_and_leave_almost_no_gap(seed, side):
    """A grid of float32 triangles over the whole square, as an atlas without islands."""
    rng = np.random.default_rng(seed)
    ticks = np.linspace(0, 1, 9)
    points = np.stack(np.meshgrid(ticks, ticks), -1)
    points[1:-1, 1:-1] += rng.uniform(-0.02, 0.02, (7, 7, 2))
    points = points.astype(np.float32).astype(np.float64)
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]
    triangles = np.concatenate(
        [np.stack(three, -2).reshape(-1, 3, 2) for three in ((a, b, c), (a, c, d))]
    )
    cover = count_cover(triangles * side, side)
    assert cover.max() == 1
    assert (cover == 0).sum() <= 2 * side  # centres that lie on an edge
    twice = count_cover(np.concatenate([triangles, triangles[:1]]) * side, side)
    assert (twice > 1).any()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 60), edges=st.integers(0, 80))
def test_components_are_those_that_scipy_finds(seed, count, edges):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, count, (2, edges))
    graph = coo_array((np.ones(edges), (first, second)), shape=(count, count))
    _, expected = connected_components(graph, directed=False)
    found = label_components(count, first, second)
    pairs = set(zip(found.tolist(), expected.tolist(), strict=True))
    assert len(pairs) == found.max() + 1 == expected.max() + 1


def test_shares_and_valences_of_a_cube_of_quads():
    ticks = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], float)
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    corners = np.array(quads).ravel()
    triangles = np.concatenate([[(4 * i, 4 * i + 1, 4 * i + 2), (4 * i, 4 * i + 2, 4 * i + 3)]
                                for i in range(6)])  # fmt: skip
    facts = measure_polygons(MeshArrays(ticks, corners, np.full(6, 4), triangles))
    assert facts["quad_share"] == 1
    assert facts["valence_4"] == 0  # three edges meet at every corner
    assert facts["corner_angles"] == [90, 90, 90]
    assert facts["warp"] == pytest.approx(0)
    ticks[0, 2] = 0.5
    assert measure_polygons(MeshArrays(ticks, corners, np.full(6, 4), triangles))["warp"] > 0.01


# validators


def test_trimesh_tells_every_faulty_control_from_the_sound_one(tmp_path):
    files = write_controls(tmp_path)
    judged = {
        name: FINDERS["trimesh"](judge_trimesh(path))
        for name, path in files.items()
        if name != "wrong-index.glb"
    }
    assert not judged["sound.stl"]
    assert not judged["sound.glb"]
    assert "watertight" in judged["hole.stl"]
    assert "watertight" in judged["hole.glb"]
    assert "winding" in judged["turned.stl"]
    assert "is_volume" in judged["inside-out.stl"]


def write_slicer(folder, name, faults, *, manifold="yes"):
    """A program that answers as PrusaSlicer does, the same of every file."""
    path = folder / name
    text = "PrusaSlicer-9.9 based on Slic3r\n" + INFO.format(manifold=manifold, faults=faults)
    path.write_text(f"#!{sys.executable}\nprint({text!r})\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Slicer(str(path))


def test_repairs_of_the_slicer_are_faults():
    facts = read_info(INFO.format(manifold="no", faults="open_edges = 8\nfacets_reversed = 10\n"))
    assert facts["parts"] == 2
    assert facts["facets"] == 49084
    assert FINDERS["prusa-slicer"](facts) == "open_edges 8, facets_reversed 10"
    assert not FINDERS["prusa-slicer"](read_info(INFO.format(manifold="yes", faults="")))
    assert FINDERS["prusa-slicer"](read_info(INFO.format(manifold="no", faults="")))
    assert "failed" in read_info("error: Loading of a model file failed.")["error"]


def test_progress_in_the_slicers_log_is_no_warning():
    quiet = "[2026-11-27 02:05:41.144710] [0x00007fa7] [info]    Detecting solid surfaces, no error"
    assert find_messages(f"{quiet}\n10 => Processing triangulated mesh\nSlicing result") == []
    loud = "print warning: There is an object with no extrusions in the first layer."
    assert find_messages(f"{quiet}\n{loud}") == [loud]


def test_a_validator_that_passes_a_hole_is_found_out(tmp_path):
    good_for_all = write_slicer(tmp_path, "blind", "")
    good_for_all.prepare()
    blind = find_blindness(good_for_all, tmp_path / "controls")
    assert [text.split(" ")[-1] for text in blind] == ["hole.stl", "turned.stl", "inside-out.stl"]
    bad_for_all = write_slicer(tmp_path, "harsh", "open_edges = 3\n", manifold="no")
    (text,) = find_blindness(bad_for_all, tmp_path / "controls")
    assert "faults a sound cube" in text


def make_folder(path, count=2):
    folder = Folder(path)
    lines = []
    for number in range(count):
        key = Key("chair", "pixel", "triangles", number)
        file = folder.file(key, "stl")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes([number]))
        lines.append({"key": key.to_dict(), "files": {"stl": hash_file(file)}})
    return folder, lines


class CountingValidator:
    names, kind = ("prusa-slicer",), "stl"

    def __init__(self, version="1"):
        self.version, self.seen = version, []

    def prepare(self):
        if not self.version:
            raise MissingToolError("sudo apt install it")
        return {"prusa-slicer": self.version}

    def judge(self, paths):
        for path in paths:
            if path.parent.name == "files":
                self.seen.append(path.name)
            yield path, "prusa-slicer", {"manifold": True, "repairs": {}}


def test_a_file_is_judged_once_by_each_version(tmp_path):
    folder, lines = make_folder(tmp_path)
    first = CountingValidator()
    judging.judge_files([first], folder, lines[:1])
    assert first.seen == ["chair-pixel-triangles-usual.stl"]
    again = CountingValidator()
    bench = judging.judge_files([again], folder, lines)
    assert again.seen == ["chair-pixel-triangles-1.stl"]
    assert len(bench.blind) == 3, "it passes every faulty control"
    newer = CountingValidator("2")
    judging.judge_files([newer], folder, lines)
    assert len(newer.seen) == 2
    joined = join_verdicts(lines, folder.read_verdicts())
    assert all(line["validators"]["prusa-slicer"]["manifold"] for line in joined)


def test_a_missing_validator_is_said_and_its_rule_is_not_passed(tmp_path, capsys):
    folder, lines = make_folder(tmp_path)
    bench = judging.judge_files([CountingValidator("")], folder, lines)
    assert bench.missing == {"prusa-slicer": "sudo apt install it"}
    assert "prusa-slicer left out: sudo apt install it" in capsys.readouterr().err
    outcomes = judge_result(join_verdicts(lines, folder.read_verdicts())[0] | {"facts": {}})
    assert outcomes["prusa-slicer"].state == UNJUDGED
    with pytest.raises(MissingToolError, match="apt install"):
        Slicer(str(tmp_path / "nowhere")).prepare()


def test_facts_that_are_missing_fail():
    outcomes = judge_result({"key": KEY.to_dict(), "facts": {}, "validators": {}, "messages": []})
    assert outcomes["boundary edges"].state == FAILED
    assert outcomes["UV layer"].state == FAILED


def test_colours_of_a_glb_are_found(tmp_path):
    plain = read_glb(write_controls(tmp_path)["sound.glb"])
    assert not plain["textured"]
    assert not plain["coloured"]
    assert plain["attributes"] == ["POSITION"]
    with pytest.raises(ValueError, match=r"no \.glb"):
        read_glb(write_controls(tmp_path)["sound.stl"])
