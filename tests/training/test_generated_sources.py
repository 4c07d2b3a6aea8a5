"""Generated shapes: what is read back, who faces where, and how bodies bend."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bozzetto.training.data.classes import CLASSES
from bozzetto.training.data.formats.mesh import MeshError
from bozzetto.training.data.sources import anny, infinigen
from bozzetto.training.data.sources.anny_poses import POSES
from bozzetto.training.data.sources.infinigen_tables import FACTORIES
from bozzetto.training.generators.people.accessories import revolve
from bozzetto.training.generators.people.pose_rows import jittered_pose
from bozzetto.training.generators.people.skeleton import Limb, Pose, Skeleton, bone_turns, skin
from bozzetto.training.generators.supervise import run_supervised

SHAPE = {
    "vertices": np.array([[0, 0, 0], [2, 0, 0], [0, 1, 0], [0, 0, 3]], np.float32),
    "faces": np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32),
    "face_groups": np.array([0, 0, 1, 1], np.int32),
    "group_names": np.array(["seat/wood", "leg/metal"]),
    "group_colours": np.array([[0.5, 0.2, 0.1], [0.6, 0.6, 0.6]], np.float32),
}


def write_shape(data, factory, seed, **changes):
    row = next(row for row in FACTORIES if row.name == factory)
    file = infinigen.shapes(row, data) / f"{seed:04d}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **{**SHAPE, **changes})
    return file


def test_entries_come_from_what_was_generated(tmp_path):
    assert infinigen.list_entries(tmp_path) == []
    write_shape(tmp_path, "OfficeChairFactory", 12)
    write_shape(tmp_path, "OfficeChairFactory", 3)
    entries = infinigen.list_entries(tmp_path)
    assert [entry.name for entry in entries] == [
        "OfficeChairFactory/0003",
        "OfficeChairFactory/0012",
    ]
    assert all(entry.generated and entry.kind == "chair" for entry in entries)


def test_a_class_never_lists_more_than_its_count(tmp_path):
    factory = next(row for row in FACTORIES if row.count < 15)
    for seed in range(factory.count + 3):
        write_shape(tmp_path, factory.name, seed)
    assert len(infinigen.list_entries(tmp_path)) == factory.count


def test_shapes_of_a_factory_that_was_mended_are_made_anew(tmp_path):
    sofas = next(row for row in FACTORIES if row.revision > 1)
    former = replace(sofas, revision=1)
    file = infinigen.shapes(former, tmp_path) / "0000.npz"
    file.parent.mkdir(parents=True)
    np.savez(file, **SHAPE)
    assert infinigen.good_seeds(former, tmp_path) == [0]
    assert infinigen.good_seeds(sofas, tmp_path) == []
    assert infinigen.list_entries(tmp_path) == []
    write_shape(tmp_path, sofas.name, 0)
    (entry,) = infinigen.list_entries(tmp_path)
    assert entry.payload != (sofas.name, 0, sofas.yaw, sofas.metres)  # or it would count as built
    assert infinigen.load(entry, tmp_path).mesh.vertices.shape == (4, 3)


def test_a_chair_that_infinigen_faces_to_plus_x_faces_minus_y(tmp_path):
    write_shape(tmp_path, "OfficeChairFactory", 0)
    loaded = infinigen.load(infinigen.list_entries(tmp_path)[0], tmp_path)
    np.testing.assert_allclose(loaded.mesh.vertices[1], [0, -2, 0], atol=1e-9)
    assert loaded.size_m == pytest.approx((1, 2, 3))
    assert loaded.mesh.group_names == ("seat/wood", "leg/metal")
    np.testing.assert_allclose(loaded.mesh.face_colours[3], 0.6)


@pytest.mark.parametrize(
    "changes",
    [
        {"faces": np.array([[0, 1, 9]]), "face_groups": np.array([0])},
        {"face_groups": np.array([0, 0, 1, 5])},
        {"face_groups": np.array([0])},
        {"vertices": np.zeros((4, 2))},
        {"group_colours": np.zeros((1, 3))},
        {"vertices": np.array([[{}]], object)},
    ],
)
def test_broken_shapes_are_refused(tmp_path, changes):
    file = write_shape(tmp_path, "OfficeChairFactory", 0, **changes)
    with pytest.raises(MeshError):
        infinigen.read_shape(file)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    file = write_shape(tmp_path, "OfficeChairFactory", 0)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(MeshError):
        infinigen.read_shape(file)


def test_the_table_of_factories_uses_known_classes():
    assert {factory.kind for factory in FACTORIES} <= set(CLASSES)
    assert len({factory.name for factory in FACTORIES}) == len(FACTORIES)


RUNNER = """
import sys, time
for seed in sys.argv[1:]:
    print("noise shape: start", seed, flush=True)
    if seed == "2":
        time.sleep(60)
    if seed == "3":
        sys.exit(1)
    print("shape:", "bad" if seed == "1" else "good", seed, "because", flush=True)
"""


def test_a_slow_or_dying_generator_loses_only_its_shape(tmp_path):
    script = tmp_path / "runner.py"
    script.write_text(RUNNER)
    outcomes = list(
        run_supervised([sys.executable, str(script)], [0, 1, 2, 3, 4], 1.5, 30, tmp_path)
    )
    assert [(o.seed, o.good) for o in outcomes] == [
        (0, True),
        (1, False),
        (2, False),
        (3, False),
        (4, True),
    ]
    assert "1.5 s" in outcomes[2].detail
    assert outcomes[1].detail == "because"


def test_a_generator_that_never_starts_is_an_error(tmp_path):
    with pytest.raises(RuntimeError, match="before its first shape"):
        list(run_supervised([sys.executable, "-c", "pass"], [0, 1], 1, 30, tmp_path))


JOINTS = {
    "root": (None, (0, 0, 1.0)),
    "pelvis": ("root", (0, 0, 1.0)),
    "upperleg01": ("pelvis", (0.1, 0, 0.95)),
    "lowerleg01": ("upperleg01", (0.1, -0.02, 0.5)),
    "foot": ("lowerleg01", (0.1, 0, 0.08)),
    "spine01": ("root", (0, 0, 1.3)),
    "clavicle": ("spine01", (0.03, 0, 1.45)),
    "upperarm01": ("clavicle", (0.18, 0, 1.45)),
    "lowerarm01": ("upperarm01", (0.4, 0, 1.25)),
    "wrist": ("lowerarm01", (0.55, -0.15, 1.1)),
    **{
        f"finger{finger}-{joint}": (
            "wrist" if joint == 1 else f"finger{finger}-{joint - 1}",
            (0.6 + 0.03 * joint, -0.2 - 0.02 * finger, 1.05 - 0.02 * joint - 0.004 * joint**2),
        )
        for finger in range(2, 6)
        for joint in (1, 2, 3)
    },
    "head": ("spine01", (0, 0, 1.6)),
}


def small_skeleton():
    middle = {"root", "spine01", "head"}
    bones, parents, heads = [], [], []
    for name, (parent, place) in JOINTS.items():
        for side in [""] if name in middle else [".L", ".R"]:
            bones.append(name + side)
            known = parent if parent in middle or parent is None else f"{parent}{side}"
            parents.append(-1 if known is None else bones.index(known))
            heads.append([place[0] * (-1 if side == ".R" else 1), *place[1:]])
    return Skeleton(tuple(bones), np.array(parents), np.array(heads, float))


def posed_heads(pose):
    skeleton = small_skeleton()
    count = len(skeleton.bones)
    weights, bones = np.ones((count, 1)), np.arange(count)[:, None]
    moved = skin(skeleton, bone_turns(skeleton, pose), skeleton.heads, weights, bones)
    return {bone: moved[i] for i, bone in enumerate(skeleton.bones)}


direction = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


@settings(max_examples=40, deadline=None)
@given(direction, direction, direction, direction)
@example((0, 0, 1), (0, 0, 1), (1, 1, 0), (0, 1, 0))  # a knee whose hinge stands upright
def test_limbs_point_where_the_pose_says_and_keep_their_length(upper, lower, thigh, shin):
    arm, leg = Limb(np.array(upper), np.array(lower)), Limb(np.array(thigh), np.array(shin))
    heads, rest = posed_heads(Pose(arm, arm, leg, leg)), small_skeleton()
    for start, end, wanted in (
        ("upperarm01.L", "lowerarm01.L", upper),
        ("lowerarm01.R", "wrist.R", lower),
        ("upperleg01.R", "lowerleg01.R", thigh),
        ("lowerleg01.L", "foot.L", shin),
    ):
        bone = heads[end] - heads[start]
        length = np.linalg.norm(rest.head(end) - rest.head(start))
        np.testing.assert_allclose(
            bone, np.array(wanted) / np.linalg.norm(wanted) * length, atol=1e-6
        )


@pytest.mark.parametrize("row", POSES, ids=lambda row: row.name)
def test_poses_of_the_table_stand_on_a_limb_and_bend_knees_backward(row):
    pose = jittered_pose(row, np.random.default_rng(0), 0.0)
    heads = posed_heads(pose)
    assert all(np.isfinite(place).all() for place in heads.values())
    lowest = min(heads[f"{joint}.{side}"][2] for joint in ("foot", "lowerleg01") for side in "LR")
    assert lowest <= heads["wrist.L"][2] + 0.25
    for leg in (pose.left_leg, pose.right_leg):
        thigh, shin = (v / np.linalg.norm(v) for v in (leg.upper, leg.lower))
        # Seen from the body's left, a shin never lies in front of its thigh.
        assert np.cross(thigh, shin)[0] > -0.12 or abs(thigh[0]) > 0.5


def test_a_pose_is_the_same_for_the_same_seed_and_varies_with_it():
    first, again, other = (jittered_pose(POSES[0], np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.left_arm.upper, again.left_arm.upper)
    assert not np.allclose(first.left_arm.upper, other.left_arm.upper)


def test_bodies_take_all_poses_about_alike_often():
    taken = [pose for body in range(anny.BODIES) for pose in anny.pose_numbers(body)]
    counts = np.bincount(taken, minlength=len(POSES))
    assert counts.min() >= 1
    assert counts.max() <= 2 * counts.min() + 2


def test_closed_tubes_enclose_their_volume():
    heights = np.array([[0, 0, 0], [0, 0, 2.0]])
    vertices, faces = revolve(heights, np.full((2, 200), 1.0), 200)
    corners = vertices[faces]
    volume = np.einsum("fi,fi->f", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert volume == pytest.approx(2 * np.pi, rel=0.01)
