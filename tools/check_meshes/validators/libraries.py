"""trimesh, MeshLab and Manifold judge files: Python libraries in an environment of their own.

As a module (`python -m bozzetto.tools.check_meshes.validators.libraries`) it reads paths from its
input and prints a JSON line for each file and library.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ...environments import CHECK, ROOT, SetupError, clean_environment, ensure
from ...interpreters import MissingInterpreterError
from .tool import MissingToolError

_MODULE = "bozzetto.tools.check_meshes.validators.libraries"  # the launcher knows it as tools...
_READERS = {"stl": ("trimesh", "pymeshlab", "manifold3d"), "glb": ("trimesh-glb",)}


class Libraries:
    """The libraries that read one kind of file."""

    def __init__(self, kind: str) -> None:
        self.kind, self.names = kind, _READERS[kind]
        self._python = Path()

    def prepare(self) -> dict[str, str]:
        """Make the environment; the pinned versions by name. Raises MissingToolError."""
        try:
            self._python = ensure(CHECK)
        except (SetupError, MissingInterpreterError) as error:
            raise MissingToolError(str(error)) from error
        pins = (ROOT / "tools" / "requirements" / CHECK.pins).read_text()
        versions = dict(re.findall(r"^([\w-]+)==(\S+)", pins, re.MULTILINE))
        return {name: versions[name.split("-")[0]] for name in self.names}

    def judge(self, paths: Sequence[Path]) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        """One process reads all files. A file that ends it has an error, and the rest goes on."""
        waiting = list(paths)
        while waiting:
            answered = 0
            for path, name, facts in self._run(waiting):
                answered = waiting.index(path) + (name == self.names[-1])
                yield path, name, facts
            if answered >= len(waiting):
                return
            for name in self.names:
                yield waiting[answered], name, {"error": "the library ended the process"}
            waiting = waiting[answered + 1 :]

    def _run(self, paths: Sequence[Path]) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        command = [str(self._python), "-m", _MODULE]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=clean_environment(),
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            # all at once: a list of paths is shorter than what a pipe holds, and is read at once
            process.stdin.write("\n".join(str(path) for path in paths) + "\n")
            process.stdin.close()
            for line in process.stdout:
                answer = json.loads(line)
                yield Path(answer["path"]), answer["name"], answer["facts"]


def judge_trimesh(path: Path) -> dict[str, Any]:
    """trimesh's own words; vertices that the file format had to double are merged first."""
    import trimesh

    mesh = trimesh.load(str(path), force="mesh")
    if path.suffix == ".glb":
        mesh.merge_vertices(merge_tex=True, merge_norm=True)
    return {
        "is_watertight": bool(mesh.is_watertight),
        "is_winding_consistent": bool(mesh.is_winding_consistent),
        "is_volume": bool(mesh.is_volume),
        "volume": float(mesh.volume),
        "faces": len(mesh.faces),
        "bodies": int(mesh.body_count),
    }


def judge_pymeshlab(path: Path) -> dict[str, Any]:
    """MeshLab's topological measures; also how many faces cut others, which is no fault."""
    import pymeshlab

    meshes = pymeshlab.MeshSet(verbose=False)
    meshes.load_new_mesh(str(path))
    measures = meshes.get_topological_measures()
    facts = {
        name: measures[name]
        for name in (
            "boundary_edges",
            "non_two_manifold_edges",
            "non_two_manifold_vertices",
            "number_holes",
            "connected_components_number",
            "genus",
        )
    }
    facts["volume"] = float(meshes.get_geometric_measures().get("mesh_volume", 0.0))
    meshes.compute_selection_by_self_intersections_per_face()
    facts["self_intersecting_faces"] = int(meshes.current_mesh().selected_face_number())
    return facts


def judge_manifold(path: Path) -> dict[str, Any]:
    """Whether the Manifold library takes it for the surface of a solid."""
    import manifold3d
    import numpy as np
    import trimesh

    mesh = trimesh.load(str(path), force="mesh")
    solid = manifold3d.Manifold(
        manifold3d.Mesh(np.asarray(mesh.vertices, np.float32), np.asarray(mesh.faces, np.uint32))
    )
    return {"status": str(solid.status()).split(".")[-1], "volume": float(solid.volume())}


JUDGES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "trimesh": judge_trimesh,
    "trimesh-glb": judge_trimesh,
    "pymeshlab": judge_pymeshlab,
    "manifold3d": judge_manifold,
}


def main() -> int:
    """Judge the files whose paths are on the input."""
    for line in sys.stdin.read().splitlines():
        path = Path(line)
        for name in _READERS[path.suffix.removeprefix(".")]:
            try:
                facts = JUDGES[name](path)
            except Exception as error:  # the library's own, of any kind: a verdict, too
                facts = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps({"path": line, "name": name, "facts": facts}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
