"""People in many poses: anny's bodies (PyPI `anny`: code Apache-2.0, shapes of MakeHuman, CC0).

anny makes the bare bodies once, in an environment of its own, into `data`/generated/anny/
bodies.npz. Posing and dressing are ours; the results are `data`/generated/anny/BODY-POSE.npz in the
format of Infinigen's shapes, in object space, metres, feet on the ground.
"""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import numpy as np

from ....tools.environments import ANNY, ROOT, clean_environment, ensure
from ...generators.people.clothes import dress
from ...generators.people.outfits import REGIONS, Body, random_outfit
from ...generators.people.pose_rows import jittered_pose
from ...generators.people.skeleton import Skeleton, bone_turns, skin
from ..formats.mesh import Mesh, MeshError, clean, make_mesh
from .anny_poses import POSES
from .entry import Entry, Loaded, extents
from .infinigen import read_shape

PACKAGES = ()
PACKAGE = "anny"
AUTHOR = "anny (NAVER Labs Europe), MakeHuman community"
LICENCE = "CC0-1.0"

BODIES = 150
POSES_PER_BODY = 2
MAX_SECONDS = 3 * 3600  # the first start assembles anny's model, minutes on a busy machine


def folder(data: Path) -> Path:
    """Where the generated meshes are."""
    return data / "generated" / "anny"


def pose_numbers(body: int) -> list[int]:
    """Which rows of `POSES` a body takes: the poses in turn, so that all are taken alike often."""
    start = body * POSES_PER_BODY
    return [(start + i) * 7 % len(POSES) for i in range(POSES_PER_BODY)]


def prepare(data: Path) -> None:
    """Make the bodies, then every posed and dressed mesh that is missing.

    Raises RuntimeError when anny does not make the bodies.
    """
    target = folder(data)
    missing = [
        (body, i)
        for body in range(BODIES)
        for i in range(POSES_PER_BODY)
        if not _file(target, body, i).is_file()
    ]
    if not missing:
        return
    file = target / "bodies.npz"
    if not file.is_file():
        _run_anny(file)
    bodies = BodyFile(file)
    for body, i in missing:
        mesh = make_person(bodies, body, i)
        _save(_file(target, body, i), mesh)


def list_entries(data: Path) -> list[Entry]:
    """An entry for every posed body; poses of one body share its identity."""
    target = folder(data)
    return [
        Entry(
            source="anny",
            package=PACKAGE,
            name=f"body/{body:04d}/{i}",
            kind="person",
            label=f"person, {POSES[pose].name}",
            licence=LICENCE,
            author=AUTHOR,
            identity=f"body/{body:04d}",
            generated=True,
            payload=(body, i),
        )
        for body in range(BODIES)
        for i, pose in enumerate(pose_numbers(body))
        if _file(target, body, i).is_file()
    ]


def load(entry: Entry, data: Path) -> Loaded:
    """The person in object space, metres, with colours by garment. Raises MeshError."""
    body, i = entry.payload
    mesh = clean(read_shape(_file(folder(data), body, i)))
    if not len(mesh.faces):
        raise MeshError(f"{entry.name} has no faces")
    return Loaded(mesh, extents(mesh))


class BodyFile:
    """The bodies that `generators/people/anny_runner.py` wrote. Raises MeshError."""

    def __init__(self, file: Path) -> None:
        try:
            with np.load(file, allow_pickle=False) as arrays:
                self._arrays = {name: arrays[name] for name in arrays.files}
            self._bones = tuple(map(str, self._arrays["bones"]))
            gender = list(map(str, self._arrays["trait_names"])).index("gender")
            self._gender = self._arrays["traits"][:, gender]
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise MeshError(f"{file}: {error}") from error

    def body(self, number: int) -> Body:
        """A bare body in its rest pose."""
        arrays = self._arrays
        skeleton = Skeleton(
            self._bones, arrays["parents"], arrays["rest_heads"][number].astype(np.float64)
        )
        vertices = arrays["rest_vertices"][number].astype(np.float64)
        return Body(skeleton, vertices, arrays["faces"], arrays["weights"], arrays["weight_bones"])

    def feminine(self, number: int) -> float:
        """anny's gender: 0 male, 1 female."""
        return float(self._gender[number])


def make_person(bodies: BodyFile, number: int, i: int) -> Mesh:
    """Body `number` in its pose `i`, dressed; the same in every run."""
    rng = np.random.default_rng([0xA11, number, i])
    row = POSES[pose_numbers(number)[i]]
    body = bodies.body(number)
    outfit = random_outfit(rng, not row.open_legs, bodies.feminine(number))
    dressed = dress(body, outfit)
    worn = dressed.body
    turns = bone_turns(body.skeleton, jittered_pose(row, rng))
    vertices = skin(body.skeleton, turns, worn.vertices, worn.weights, worn.weight_bones)
    used = np.unique(worn.faces)
    vertices = vertices - [0.0, 0.0, vertices[used, 2].min()]
    mesh = make_mesh(vertices, worn.faces)
    colours = outfit.colours[dressed.regions].astype(np.float32)
    return Mesh(
        vertices=mesh.vertices,
        faces=mesh.faces,
        face_colours=colours,
        face_uvs=mesh.face_uvs,
        face_textures=mesh.face_textures,
        face_groups=dressed.regions.astype(np.int32),
        group_names=REGIONS,
    )


def _file(target: Path, body: int, i: int) -> Path:
    return target / f"{body:04d}-{i}.npz"


def _save(file: Path, mesh: Mesh) -> None:
    colours = np.zeros((len(mesh.group_names), 3), np.float32)
    colours[mesh.face_groups] = mesh.face_colours
    partial = file.with_suffix(".part")
    with partial.open("wb") as stream:
        np.savez_compressed(
            stream,
            vertices=mesh.vertices.astype(np.float32),
            faces=mesh.faces,
            face_groups=mesh.face_groups,
            group_names=np.array(mesh.group_names),
            group_colours=colours,
        )
    os.replace(partial, file)


def _run_anny(file: Path) -> None:
    module = "bozzetto.training.generators.people.anny_runner"
    command = [str(ensure(ANNY)), "-m", module, str(file.resolve()), str(BODIES)]
    environment = clean_environment(ANNY_CACHE_DIR=str(file.resolve().parent / "cache"))
    answer = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=MAX_SECONDS
    )
    if answer.returncode != 0 or not file.is_file():
        raise RuntimeError(f"anny made no bodies:\n{answer.stderr[-2000:]}")
