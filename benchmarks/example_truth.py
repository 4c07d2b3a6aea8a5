"""The true shapes of our own example pictures, for what their surfaces are compared with.

    python -m bozzetto.benchmarks.example_truth FOLDER

The models are built by Blender's module, which never shares a process with torch: `load_truths`
starts this module as a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np


def load_truths(folder: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Vertices float64 [V, 3], box centred and its diagonal 1, and faces int32 [F, 3], by name.

    The solids of a model may reach into each other. folder: they are kept there, as .npz.
    """
    if not list(folder.glob("*.npz")):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", __spec__.name, str(folder)], check=True)
    truths = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as stored:
            vertices, faces = stored["vertices"].astype(np.float64), stored["faces"]
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        truths[path.stem] = (vertices - (low + high) / 2) / np.linalg.norm(high - low), faces
    return truths


def write_truths(folder: Path) -> None:
    """Build all examples in Blender's module and write what it evaluates them to."""
    import bpy

    from ..tools.make_examples import EXAMPLES

    for name, (build, *_) in EXAMPLES.items():
        bpy.ops.wm.read_factory_settings(use_empty=True)
        build()
        graph = bpy.context.evaluated_depsgraph_get()
        vertices, faces, count = [], [], 0
        for item in bpy.context.scene.objects:
            if item.type != "MESH":
                continue
            evaluated = item.evaluated_get(graph)
            mesh = evaluated.to_mesh()
            mesh.calc_loop_triangles()
            place = np.empty(3 * len(mesh.vertices), np.float32)
            mesh.vertices.foreach_get("co", place)
            world = np.array(evaluated.matrix_world)
            vertices.append(place.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3])
            corner = np.empty(3 * len(mesh.loop_triangles), np.int32)
            mesh.loop_triangles.foreach_get("vertices", corner)
            faces.append(corner.reshape(-1, 3) + count)
            count += len(mesh.vertices)
            evaluated.to_mesh_clear()
        np.savez(
            folder / f"{name}.npz", vertices=np.concatenate(vertices), faces=np.concatenate(faces)
        )


if __name__ == "__main__":
    write_truths(Path(sys.argv[1]))
