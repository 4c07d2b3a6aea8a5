"""Renders pictures in Blender's Cycles; runs in a process of its own, which never loads torch.

`python -m bozzetto.evaluation.views.cycles JOBS.json`: a list of {"mesh": .npz with the arrays of a
`Mesh`, "pictures": [{"view": {...}, "seed": n, "path": .png}]}. Only numpy and bpy are imported.
"""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

SIDE = 256
SAMPLES = 32


def main(arguments: list[str]) -> int:
    """Render every job of the file; one line on stdout for each picture."""
    jobs = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    for job in jobs:
        prepare_scene()
        with np.load(job["mesh"]) as arrays:
            add_object({name: arrays[name] for name in arrays.files}, job["pictures"][0]["seed"])
        for picture in job["pictures"]:
            render(picture)
            print(f"rendered {picture['path']}", flush=True)
    return 0


def prepare_scene() -> None:
    """An empty scene with the renderer set up."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = SAMPLES
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = True
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    scene.cycles.max_bounces = 4
    scene.render.resolution_x = scene.render.resolution_y = SIDE
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.image_settings.color_depth = "8"
    scene.view_settings.view_transform = "Standard"
    scene.render.threads_mode = "FIXED"
    scene.render.threads = max(1, int(os.environ.get("BOZZETTO_RENDER_THREADS", "2")))


def add_object(arrays: dict[str, np.ndarray], seed: int) -> None:
    """The mesh with its colours and textures; gloss is drawn by `seed`."""
    vertices, faces = arrays["vertices"], arrays["faces"]
    mesh = bpy.data.meshes.new("judged")
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.astype(np.float32).reshape(-1))
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", faces.astype(np.int32).reshape(-1))
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    mesh.uv_layers.new(name="uv").uv.foreach_set(
        "vector", arrays["face_uvs"].astype(np.float32).reshape(-1)
    )
    colours = np.ones((faces.size, 4), np.float32)
    colours[:, :3] = np.repeat(to_linear(arrays["face_colours"]), 3, axis=0)
    mesh.color_attributes.new("colour", "FLOAT_COLOR", "CORNER").data.foreach_set(
        "color", colours.reshape(-1)
    )
    rng = np.random.default_rng((seed, 1))
    roughness = float(rng.uniform(0.3, 0.9))
    numbers = arrays["face_textures"]
    used = np.unique(numbers)
    for number in used:
        image = None if number < 0 else make_image(arrays[f"texture_{number}"], int(number))
        mesh.materials.append(make_material(image, roughness))
    mesh.polygons.foreach_set("material_index", np.searchsorted(used, numbers).astype(np.int32))
    mesh.polygons.foreach_set("use_smooth", np.zeros(len(faces), bool))
    mesh.update()
    mesh.validate()
    item = bpy.data.objects.new("judged", mesh)
    bpy.context.scene.collection.objects.link(item)


def to_linear(display: np.ndarray) -> np.ndarray:
    """Linear light of sRGB display values (IEC 61966-2-1)."""
    low = display / 12.92
    return np.where(display <= 0.04045, low, ((display.clip(0) + 0.055) / 1.055) ** 2.4)


def make_image(texture: np.ndarray, number: int) -> bpy.types.Image:
    """An image of a texture uint8 [h, w, 3], row 0 at the top."""
    height, width = texture.shape[:2]
    image = bpy.data.images.new(f"texture {number}", width, height)
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = texture[::-1].astype(np.float32) / 255
    image.pixels.foreach_set(pixels.reshape(-1))
    return image


def make_material(image: bpy.types.Image | None, roughness: float) -> bpy.types.Material:
    """A Principled material coloured by the texture, or by the mesh's own colours."""
    material = bpy.data.materials.new("judged")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = roughness
    if image is None:
        colour = nodes.new("ShaderNodeVertexColor")
        colour.layer_name = "colour"
    else:
        colour = nodes.new("ShaderNodeTexImage")
        colour.image = image
    links.new(colour.outputs["Color"], shader.inputs["Base Color"])
    return material


def render(picture: dict[str, Any]) -> None:
    """One picture, written under another name first so that a broken-off run leaves none."""
    scene = bpy.context.scene
    for item in [item for item in scene.objects if item.type in ("LIGHT", "CAMERA")]:
        bpy.data.objects.remove(item)
    right, up, back = place_camera(picture["view"])
    rng = np.random.default_rng((picture["seed"], 2))
    if rng.random() < 0.5:
        light_by_sky(rng, right, back)
    else:
        light_by_three_lamps(rng, right, up, back)
    scene.cycles.seed = picture["seed"] % 2**31
    path = Path(picture["path"])
    partial = path.with_name(f"{path.stem}.{os.getpid()}.part.png")
    scene.render.filepath = str(partial)
    bpy.ops.render.render(write_still=True)
    os.replace(partial, path)


def place_camera(view: dict[str, float]) -> tuple[Vector, Vector, Vector]:
    """The camera of a `metrics.silhouette.View`; its right, up and backward axes."""
    azimuth, elevation = math.radians(view["azimuth"]), math.radians(view["elevation"])
    back = Vector(
        (
            math.cos(elevation) * math.sin(azimuth),
            -math.cos(elevation) * math.cos(azimuth),
            math.sin(elevation),
        )
    )
    right = Vector((math.cos(azimuth), math.sin(azimuth), 0.0))
    up = back.cross(right)
    data = bpy.data.cameras.new("camera")
    data.sensor_fit = "HORIZONTAL"
    data.angle = math.radians(view["field_of_view"])
    data.clip_start, data.clip_end = 0.01, 100.0
    item = bpy.data.objects.new("camera", data)
    rotation = Matrix((right, up, back)).transposed().to_4x4()
    item.matrix_world = Matrix.Translation(back * view["distance"]) @ rotation
    bpy.context.scene.collection.objects.link(item)
    bpy.context.scene.camera = item
    return right, up, back


def light_by_sky(rng: np.random.Generator, right: Vector, back: Vector) -> None:
    """Daylight: a sky that is brighter above, and a sun somewhere on the camera's side."""
    top = 0.55 + 0.3 * rng.random()
    set_world((0.75 * top, 0.85 * top, top), 0.35 + 0.25 * rng.random())
    side = float(rng.uniform(-1.2, 1.2))
    direction = back + right * side + Vector((0.0, 0.0, float(rng.uniform(0.5, 1.6))))
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy = float(rng.uniform(2.0, 3.5))
    lamp.angle = math.radians(float(rng.uniform(0.5, 8.0)))
    lamp.color = (1.0, 0.97, 0.97 - 0.12 * float(rng.random()))
    add_lamp(lamp, direction.normalized() * 5)


def light_by_three_lamps(rng: np.random.Generator, right: Vector, up: Vector, back: Vector) -> None:
    """A studio: key, fill and rim lamps of some size, and a grey room."""
    grey = float(rng.uniform(0.15, 0.35))
    set_world((grey, grey, grey), 1.0)
    side = 1.0 if rng.random() < 0.5 else -1.0
    for place, energy in (
        (back + right * side + up * 0.9, rng.uniform(55, 90)),
        (back - right * side * 1.2 + up * 0.2, rng.uniform(12, 35)),
        (up * 1.3 - back, rng.uniform(30, 70)),
    ):
        lamp = bpy.data.lights.new("lamp", "AREA")
        lamp.energy, lamp.size = float(energy), float(rng.uniform(0.5, 1.8))
        add_lamp(lamp, place.normalized() * 2.2)


def set_world(colour: tuple[float, float, float], strength: float) -> None:
    """Light of the surroundings; the film stays transparent."""
    world = bpy.context.scene.world or bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (*colour, 1.0)
    background.inputs["Strength"].default_value = strength


def add_lamp(lamp: bpy.types.Light, place: Vector) -> None:
    """A lamp at `place` that shines on the origin."""
    item = bpy.data.objects.new("lamp", lamp)
    item.location = place
    item.rotation_euler = (-place).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(item)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
