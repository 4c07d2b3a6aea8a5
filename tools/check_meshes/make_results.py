"""Makes the results in Blender, as an artist's script would, and measures them.

    python -m bozzetto.tools.check_meshes.make_results PLAN.json

A process of its own in the main environment: it installs the extension's zip, generates each
picture once by each engine, reshapes it by `api.reshape`, exports it by `api.export`, and writes
one line for each result. What is there already is not made again.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

import bpy

from ..scratch import quiet
from .baseline import measure_quadriflow
from .glb import read_glb
from .measure.arrays import MeshArrays
from .measure.item import measure_object
from .plan import USUAL, Key
from .results import KINDS, Folder, hash_file
from .round_trip import TRIPS, make_round_trip

ROUND_TRIP_FACES = 30_000
"""Results with more faces do not make the trip through OBJ and FBX: it takes ten seconds."""
BASELINE_BUDGET = 5_000
"""The budget at which quads are compared with QuadriFlow on the mesh as extracted."""


def install(extension: Path) -> Any:
    """Install and enable the zip; its `api` module. Raises RuntimeError."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.extensions.package_install_files(
        filepath=str(extension), repo="user_default", enable_on_install=True
    )
    if not hasattr(bpy.types.Scene, "bozzetto"):
        raise RuntimeError("The extension did not install: see Blender's messages above.")
    from bl_ext.user_default.bozzetto import api

    return api


def make_all(api: Any, plan: dict[str, Any], folder: Folder) -> None:
    """Every result of the plan that is missing, a line each."""
    made = folder.read_made(plan["fingerprint"])
    groups: dict[tuple[str, str], list[Key]] = {}
    for values in plan["keys"]:
        key = Key.from_dict(values)
        groups.setdefault((key.picture, key.engine), []).append(key)
    warm = False
    for keys in groups.values():
        missing = [key for key in keys if key not in made]
        if missing:
            make_group(api, plan, folder, missing, warm=warm)
            warm = True


def clear_file() -> None:
    """Remove what earlier results left. Opening an empty file would end the worker."""
    for kind in ("objects", "meshes", "materials", "images", "cameras"):
        blocks = getattr(bpy.data, kind)
        for block in list(blocks):
            blocks.remove(block)
    bpy.context.view_layer.update()


def make_group(
    api: Any, plan: dict[str, Any], folder: Folder, keys: list[Key], *, warm: bool
) -> None:
    """The results of one picture by one engine: generated once, reshaped for each.

    warm: whether the worker has generated before; the times of a cold one are not compared.
    """
    first = keys[0]
    clear_file()
    picture = plan["pictures"][first.picture]
    folder.write_current(first)
    started = time.perf_counter()
    try:
        item = api.generate(picture, engine=first.engine)
    except api.BozzettoError as error:
        for key in keys:
            folder.results.append(_begin(key, plan) | {"error": f"generate: {error}"})
        folder.write_current(None)
        return
    seconds = time.perf_counter() - started
    messages = read_messages(api, item)
    original = read_original(api, item)
    for key in keys:
        folder.write_current(key)
        line = _begin(key, plan)
        try:
            if key.budget != USUAL:
                started = time.perf_counter()
                messages = reshape(api, item, key)
                line["seconds"] = time.perf_counter() - started
            else:
                line["seconds"], line["warm"] = seconds, warm
            line |= describe(api, item, key, original, messages)
            line["files"] = export(api, item, folder, key)
            line["facts"]["glb"] = read_glb(folder.file(key, "glb"))
            if len(item.data.polygons) <= ROUND_TRIP_FACES:
                line["facts"]["round_trips"] = {
                    kind: make_round_trip(api, item, kind) for kind in TRIPS
                }
            if key.budget == USUAL:
                save_blend(item, folder, key)
            if key.topology == "quads" and key.budget == BASELINE_BUDGET:
                line["baseline"] = measure_quadriflow(original, key.budget)
        except (
            Exception
        ) as error:  # whatever it is, it is this result's fault, and the rest goes on
            line["error"] = f"{type(error).__name__}: {error}"
        folder.results.append(line)
        print(f"{key.stem}: {line.get('error') or _summarise(line)}", flush=True)
    folder.write_current(None)


def read_original(api: Any, item: bpy.types.Object) -> MeshArrays:
    """The mesh as it was extracted and finished; the object has a part of its triangles."""
    from bl_ext.user_default.bozzetto.scene.preparation import find_result
    from bl_ext.user_default.bozzetto.scene.runtime import results

    mesh = find_result(results.find_number(item.session_uid)).mesh
    scale = api.read_record(item)["info"]["inserted"]["scale"]
    return MeshArrays.of_triangles((mesh.vertices * scale).astype("float32"), mesh.faces)


def _begin(key: Key, plan: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": key.to_dict(),
        "fingerprint": plan["fingerprint"],
        "blender": bpy.app.version_string,
    }


def reshape(api: Any, item: bpy.types.Object, key: Key) -> list[str]:
    """Give the object the key's shape; what the artist was told."""
    known = {field.name for field in dataclasses.fields(api.ShapeSettings)}
    values: dict[str, Any] = {"face_budget": key.budget}
    if "topology" in known:
        values["topology"] = key.topology
    elif key.topology != "triangles":
        raise RuntimeError("This version of the extension has no topologies.")
    api.reshape(item, **values)
    return read_messages(api, item)


def read_messages(api: Any, item: bpy.types.Object) -> list[str]:
    """What the panel would show of the last result, and what the object's record says."""
    from bl_ext.user_default.bozzetto.operators import jobs

    told = [str(text) for text in jobs.notes]
    recorded = api.read_record(item)["info"].get("inserted", {}).get("messages", [])
    return list(dict.fromkeys([*told, *(str(text) for text in recorded)]))


def describe(
    api: Any, item: bpy.types.Object, key: Key, original: MeshArrays, messages: list[str]
) -> dict[str, Any]:
    """Facts that Blender measures, and what the object's own record claims."""
    record = api.read_record(item)
    info, unit = record["info"], bpy.context.scene.unit_settings.scale_length
    scale = info["placement"]["scale"] * info.get("inserted", {}).get("scale", 1.0)
    facts = measure_object(
        item,
        smooth_angle=record["shape"].get("smooth_angle", math.radians(40)),
        scale_length=unit,
        original=original,
        voxel=info["extraction"]["cell"] * scale,
        mirror=0.0,  # a topology that says it is symmetric has its plane over the ground centre
    )
    mesh = info["mesh"]
    claims = {
        "name": Path(record["picture"].get("path", "")).stem,
        "category": info.get("category", ""),
        "components": mesh["components"],
        "hausdorff_voxels": mesh["hausdorff_voxels"],
        "volume_change": mesh["volume_change"],
        "dimensions": mesh["dimensions_m"],
        "timings": info.get("timings", {}),
        "inserted": info.get("inserted", {}),
    }
    return {"facts": facts, "claims": claims, "messages": messages}


def export(api: Any, item: bpy.types.Object, folder: Folder, key: Key) -> dict[str, str]:
    """Write the files; their hashes by kind."""
    hashes = {}
    for kind in KINDS:
        path = folder.file(key, kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        with quiet():
            api.export(item, path)
        hashes[kind] = hash_file(path)
    return hashes


def save_blend(item: bpy.types.Object, folder: Folder, key: Key) -> None:
    """The object alone, with its picture's camera to come: turntables are rendered from it."""
    bpy.data.libraries.write(str(folder.file(key, "blend")), {item}, compress=True)


def _summarise(line: dict[str, Any]) -> str:
    mesh = line["facts"]["mesh"]
    return f"{mesh['faces']:,} faces, {line['seconds']:.1f} s"


def main(arguments: list[str]) -> int:
    """Command line."""
    plan = json.loads(Path(arguments[0]).read_text())
    folder = Folder(Path(plan["folder"]))
    api = install(Path(plan["extension"]))
    try:
        make_all(api, plan, folder)
    finally:
        api.release()
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(status)  # Blender as a module may hang at exit; everything is written
