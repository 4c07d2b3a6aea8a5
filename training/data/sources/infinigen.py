"""Furniture and household shapes that Infinigen generates (PyPI `infinigen`, BSD-3-Clause).

They are made once, in an environment of Infinigen's own, into
`data`/generated/infinigen/FACTORY/SEED.npz (FACTORY-REVISION for shapes that were made anew); for
the format see `tools/infinigen/runner.py`.
"""

from __future__ import annotations

import os
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ....tools.environments import INFINIGEN, ROOT, ensure
from ...generators.supervise import run_supervised
from ..formats.mesh import Mesh, MeshError, clean
from .axes import rotation_z
from .entry import Entry, Loaded, extents
from .infinigen_tables import FACTORIES, Factory

PACKAGES = ()
PACKAGE = "infinigen"
AUTHOR = "Infinigen (Princeton Vision & Learning Lab)"
LICENCE = "BSD-3-Clause"

# Ten times what a shape takes on a free core: the machine may be doing other things.
SECONDS_PER_SHAPE = 150.0
SECONDS_TO_START = 300.0
# A factory that fails this much more often than it works is not tried for ever.
SEEDS_PER_SHAPE = 2
FIRST_ROUND = 6
MOST_AT_ONCE = 4  # factories; each takes about 1 GB
MAX_FILE_BYTES = 32 << 20
MAX_ROWS = 200_000


def folder(data: Path) -> Path:
    """Where the generated meshes are."""
    return data / "generated" / "infinigen"


def shapes(factory: Factory, data: Path) -> Path:
    """Where the meshes of one factory are."""
    suffix = "" if factory.revision == 1 else f"-{factory.revision}"
    return folder(data) / f"{factory.name}{suffix}"


def prepare(data: Path) -> None:
    """Generate what is missing, a few shapes of every factory first, then all, some factories at
    once.

    Seeds that failed or took longer than `SECONDS_PER_SHAPE` are in FACTORY/failed.tsv and are not
    tried again; further seeds take their place. Every shape's time is in `log`.
    """
    for round_size in (FIRST_ROUND, sys.maxsize):
        with ThreadPoolExecutor(min(MOST_AT_ONCE, os.cpu_count() or 1)) as pool:
            rounds = [
                pool.submit(_generate, one, data, min(one.count, round_size)) for one in FACTORIES
            ]
            for done in rounds:
                done.result()


def good_seeds(factory: Factory, data: Path) -> list[int]:
    """Seeds of the shapes that are there, the first `count`, ascending."""
    files = shapes(factory, data).glob("[0-9]*.npz")
    return sorted(int(file.stem) for file in files if file.stem.isdecimal())[: factory.count]


def failed_seeds(factory: Factory, data: Path) -> dict[int, str]:
    """Seeds that gave no shape, and why."""
    file = shapes(factory, data) / "failed.tsv"
    if not file.is_file():
        return {}
    rows = (line.split("\t", 1) for line in file.read_text(encoding="utf-8").splitlines())
    return {int(row[0]): row[-1] for row in rows if row[0].isdecimal()}


def _generate(factory: Factory, data: Path, count: int) -> None:
    """Make shapes until `count` are there or twice as many seeds were tried."""
    own = shapes(factory, data)
    while True:
        good, failed = good_seeds(factory, data), failed_seeds(factory, data)
        tried = {*good, *failed}
        missing = count - len(good)
        untried = [seed for seed in range(SEEDS_PER_SHAPE * factory.count) if seed not in tried]
        if missing <= 0 or not untried:
            return
        if len(failed) >= 2 * FIRST_ROUND and not good:
            return
        own.mkdir(parents=True, exist_ok=True)
        python = str(ensure(INFINIGEN))
        module = "bozzetto.tools.infinigen.runner"
        command = [python, "-W", "ignore", "-m", module, factory.path, str(own.resolve())]
        for outcome in run_supervised(
            command, untried[:missing], SECONDS_PER_SHAPE, SECONDS_TO_START, ROOT
        ):
            if not outcome.good:
                with (own / "failed.tsv").open("a", encoding="utf-8") as file:
                    file.write(f"{outcome.seed}\t{outcome.detail}\n")
            line = (
                f"{time.strftime('%H:%M:%S')} {factory.name} {outcome.seed:04d} "
                f"{'good' if outcome.good else 'bad'} {outcome.seconds:.1f} s {outcome.detail}"
            )
            with (folder(data) / "log").open("a", encoding="utf-8") as file:
                file.write(line + "\n")


def list_entries(data: Path) -> list[Entry]:
    """An entry for every generated shape."""
    return [
        Entry(
            source="infinigen",
            package=PACKAGE,
            name=f"{factory.name}/{seed:04d}",
            kind=factory.kind,
            label=factory.label,
            licence=LICENCE,
            author=AUTHOR,
            generated=True,
            payload=_payload(factory, seed),
        )
        for factory in FACTORIES
        for seed in good_seeds(factory, data)
    ]


def _payload(factory: Factory, seed: int) -> tuple[str | int | float, ...]:
    """What tells one shape from another, and a remade one from the one before."""
    remade = () if factory.revision == 1 else (factory.revision,)
    return (factory.name, seed, factory.yaw, factory.metres, *remade)


def load(entry: Entry, data: Path) -> Loaded:
    """The shape in object space, metres, with its colours and part names. Raises MeshError."""
    name, seed, yaw, metres = entry.payload[:4]
    factory = next(one for one in FACTORIES if one.name == name)
    mesh = clean(read_shape(shapes(factory, data) / f"{seed:04d}.npz"))
    if not len(mesh.faces):
        raise MeshError(f"{entry.name} has no faces")
    mesh = mesh.with_vertices(metres * mesh.vertices @ rotation_z(yaw).T)
    return Loaded(mesh, extents(mesh))


def read_shape(file: Path) -> Mesh:
    """The mesh of a runner's `.npz`, in the generator's frame. Raises MeshError."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise MeshError(f"{file} is larger than {MAX_FILE_BYTES >> 20} MB")
        with np.load(file, allow_pickle=False) as arrays:
            vertices = np.asarray(arrays["vertices"], np.float64)
            faces = np.asarray(arrays["faces"], np.int32)
            groups = np.asarray(arrays["face_groups"], np.int32)
            names = tuple(map(str, arrays["group_names"]))
            colours = np.asarray(arrays["group_colours"], np.float32)
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise MeshError(f"{file}: {error}") from error
    if vertices.ndim != 2 or vertices.shape[1:] != (3,) or faces.shape[1:] != (3,):
        raise MeshError(f"{file}: vertices or faces are not rows of three")
    if max(len(vertices), len(faces)) > MAX_ROWS or colours.shape != (len(names), 3):
        raise MeshError(f"{file}: too many rows, or colours that do not go with the groups")
    if groups.shape != (len(faces),) or (
        len(groups) and not 0 <= groups.min() <= groups.max() < len(names)
    ):
        raise MeshError(f"{file}: groups that have no name")
    return Mesh(
        vertices=vertices,
        faces=faces,
        face_colours=colours[groups],
        face_uvs=np.zeros((len(faces), 3, 2), np.float32),
        face_textures=np.full(len(faces), -1, np.int32),
        face_groups=groups,
        group_names=names,
    )
