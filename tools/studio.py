"""A small photo studio in bpy: camera on an orbit, soft lights, Cycles on the CPU."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector


def find_direction(azimuth: float, elevation: float) -> Vector:
    """Unit vector from the object towards the camera; degrees, azimuth 0 is -Y, + towards +X."""
    turn, lift = math.radians(azimuth), math.radians(elevation)
    return Vector(
        (math.sin(turn) * math.cos(lift), -math.cos(turn) * math.cos(lift), math.sin(lift))
    )


def find_points(objects: Sequence[bpy.types.Object]) -> np.ndarray:
    """Float64 [N, 3] world positions of all evaluated vertices of mesh objects."""
    graph = bpy.context.evaluated_depsgraph_get()
    clouds = []
    for item in objects:
        if item.type != "MESH":
            continue
        mesh = item.evaluated_get(graph).data
        flat = np.empty(len(mesh.vertices) * 3, np.float32)
        mesh.vertices.foreach_get("co", flat)
        matrix = np.array(item.matrix_world)
        clouds.append(flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
    return np.concatenate(clouds)


def find_extent(points: np.ndarray, azimuth: float, elevation: float) -> float:
    """Longest side of the box around `points` [N, 3] in the picture of a distant camera."""
    axes = np.array(find_direction(azimuth, elevation).to_track_quat("Z", "Y").to_matrix())
    return float(np.ptp(points @ axes[:, :2], axis=0).max())


def add_camera(
    scene: bpy.types.Scene,
    points: np.ndarray,
    azimuth: float,
    elevation: float,
    *,
    fov: float = 30.0,
    fill: float = 0.85,
    reach: float = 0.0,
) -> bpy.types.Object:
    """A camera on an orbit that frames `points` [N, 3].

    Their longest side in the picture fills `fill` of the shorter picture side and is centred;
    with `reach` (world units) the frame fits an object of that half size instead, so that several
    views share a scale.
    """
    data = bpy.data.cameras.new("Studio camera")
    data.sensor_fit, data.angle = "AUTO", math.radians(fov)
    camera = bpy.data.objects.new("Studio camera", data)
    scene.collection.objects.link(camera)
    direction = find_direction(azimuth, elevation)
    rotation = direction.to_track_quat("Z", "Y")
    axes = np.array(rotation.to_matrix())  # columns: right, up, back
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    local = (points - centre) @ axes
    extent = np.ptp(local[:, :2], axis=0).max() / 2
    tangent = math.tan(math.radians(fov) / 2)
    distance = (reach or extent) / (fill * tangent)
    # Perspective: nearer parts look larger, so measure again where they fall in the picture.
    shift = np.zeros(2)
    for _ in range(12):
        depth = np.maximum(distance - local[:, 2], 1e-3)
        seen = (local[:, :2] - shift) / (depth[:, None] * tangent)
        low, high = seen.min(axis=0), seen.max(axis=0)
        shift += (low + high) / 2 * distance * tangent
        if not reach:
            distance *= (high - low).max() / 2 / fill
    camera.location = Vector(centre) + direction * distance
    camera.location += rotation @ Vector((shift[0], shift[1], 0.0))
    camera.rotation_mode, camera.rotation_quaternion = "QUATERNION", rotation
    data.clip_start, data.clip_end = distance * 0.01, distance * 20
    scene.camera = camera
    return camera


def add_light(
    scene: bpy.types.Scene,
    centre: Vector,
    radius: float,
    *,
    azimuth: float,
    elevation: float,
    strength: float,
    size: float = 2.0,
) -> bpy.types.Object:
    """A square area light on an orbit. size and distance are in radii of the object."""
    data = bpy.data.lights.new("Studio light", "AREA")
    data.shape, data.size = "SQUARE", size * radius
    distance = 4.0 * radius
    data.energy = strength * distance**2
    light = bpy.data.objects.new("Studio light", data)
    direction = find_direction(azimuth, elevation)
    light.location = centre + direction * distance
    light.rotation_mode = "QUATERNION"
    light.rotation_quaternion = direction.to_track_quat("Z", "Y")
    scene.collection.objects.link(light)
    return light


def set_world(scene: bpy.types.Scene, strength: float) -> None:
    """Even white light from everywhere."""
    world = bpy.data.worlds.new("Studio world")
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    background.inputs["Strength"].default_value = strength
    scene.world = world


def set_cycles(scene: bpy.types.Scene, size: tuple[int, int], samples: int) -> None:
    """Cycles on the CPU, repeatable, with a transparent film and plain sRGB."""
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.seed = "CPU", samples, 0
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = True
    scene.cycles.max_bounces = 4
    scene.render.film_transparent = True
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.image_settings.color_depth = "8"
    scene.render.image_settings.compression = 90


def render(scene: bpy.types.Scene, path: Path) -> None:
    """Render the scene's camera to a PNG file."""
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True, scene=scene.name)
