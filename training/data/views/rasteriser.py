"""Drawing by OpenGL in software (Mesa's llvmpipe through EGL): no display, no graphics card.

One picture takes five passes, the last four with two by two samples a pixel or less: depth from the
light (shadow map); what is seen (colour, material, normal, depth); ambient occlusion from that
depth; light; and the mean of the samples. Light is computed after visibility because llvmpipe
shades 4x4 samples for every triangle, however small.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..formats.mesh import Mesh, MeshError, component_labels, face_normals
from .appearance import MATERIALS, Appearance
from .camera import FILL, Camera, Window, frame
from .normals import corner_normals

SHADOW_SIDE = 384
OCCLUSION_RADIUS = 0.09
TEXTURE_BUDGET = 6_000_000  # texels of all layers
NOISE_SIDE = 32
RADIUS = 0.51  # of the sphere around the origin that the object must be in

_CORNER = np.dtype(
    [
        ("position", "<f4", 3),
        ("flat_normal", "<f2", 4),
        ("smooth_normal", "<f2", 4),
        ("colour", "u1", 4),
        ("uv", "<f4", 2),
        ("layer", "<i4"),
    ]
)


class RendererMissing(RuntimeError):
    """OpenGL cannot be had here; the message says what to install."""


@dataclass(frozen=True)
class Picture:
    """One view.

    pixels: uint8 [s, s, 4], straight alpha. depth: float32 [s/2, s/2], distance along the camera's
    forward axis in object units, 0 where nothing is, sampled 5/8 across and down each of its
    cells. window: the crop.
    """

    pixels: np.ndarray
    depth: np.ndarray
    window: Window


class Painter:
    """Draws one mesh in object space (normalised: inside the sphere of diameter 1)."""

    def __init__(self, mesh: Mesh) -> None:
        if not len(mesh.faces):
            raise MeshError("the mesh has no faces")
        used, faces = np.unique(mesh.faces, return_inverse=True)
        self.points = np.ascontiguousarray(mesh.vertices[used], np.float32)
        if not np.linalg.norm(self.points, axis=1).max() <= RADIUS:
            raise MeshError("the mesh is not normalised: it leaves the sphere of diameter 1")
        self.stage = _stage()
        if self.stage.process != os.getpid():
            raise RendererMissing(
                "OpenGL does not survive a fork: start worker processes by 'spawn', or draw nothing"
                " before they start"
            )
        self.own: list = []
        context = self.stage.context
        positions = self._keep(context.buffer(self.points.tobytes()))
        indices = self._keep(context.buffer(faces.astype(np.int32).tobytes()))
        self.shadow_array = self._keep(
            context.vertex_array(self.stage.shadow, [(positions, "3f", "position")], indices)
        )
        self.labels = _part_labels(mesh)
        self.textures = self._keep(_texture_array(context, mesh.textures))
        corners = _corners(mesh, self.labels)
        layout = "3f 4f2 4f2 4f1 2f 1i"
        names = tuple(_CORNER.names)
        self.surface_array = self._keep(
            context.vertex_array(
                self.stage.surface, [(self._keep(context.buffer(corners)), layout, *names)]
            )
        )

    def __enter__(self) -> Painter:
        return self

    def __exit__(self, *_: object) -> None:
        for item in reversed(self.own):
            item.release()
        self.own.clear()

    def _keep(self, item: Any) -> Any:
        self.own.append(item)
        return item

    def draw(self, camera: Camera, look: Appearance, side: int, fill: float = FILL) -> Picture:
        """A square picture of `side` pixels (even), its longer extent filled to `fill`."""
        window = frame(camera, self.points, fill)
        stage, target = self.stage, self.stage.target(side)
        context = stage.context
        to_shadow = _light_matrix(look.lights[0, 0, :3].astype(np.float64))

        context.enable(context.DEPTH_TEST)
        context.depth_func = "<"
        stage.shadow["to_clip"].write(to_shadow)
        stage.shadow_target.clear(depth=1.0)
        stage.shadow_target.use()
        self.shadow_array.render()

        self._set_camera(camera, window, look)
        target.seen.clear()
        target.seen.use()
        self.textures.use(0)
        self.surface_array.render()

        context.disable(context.DEPTH_TEST)
        target.occluded.use()
        target.depths.use(0)
        crop = (window.centre_x, window.centre_y, window.half_side)
        stage.occlusion["window"].value = (*crop, side)
        stage.occlusion_screen.render(vertices=3)

        context.enable(context.DEPTH_TEST)
        context.depth_func = ">"  # only where something is nearer than the covering triangle
        self._set_light(camera, look, to_shadow)
        stage.shade["window"].value = (*crop, 2 * side)
        textures = (target.albedos, target.normals, target.depths)
        textures += (stage.noise, stage.shadow_map, target.occlusion)
        for number, texture in enumerate(textures):
            texture.use(number)
        target.emptied.clear()
        target.shaded.use()
        stage.shade_screen.render(vertices=3)

        context.disable(context.DEPTH_TEST)
        target.resolved.use()
        target.samples.use(0)
        stage.resolve_screen.render(vertices=3)
        pixels = np.frombuffer(target.resolved.read(components=4), np.uint8)
        depth = np.frombuffer(target.depths.read(), np.float32).reshape(2 * side, 2 * side)
        return Picture(pixels.reshape(side, side, 4), depth[2::4, 2::4].copy(), window)

    def _set_camera(self, camera: Camera, window: Window, look: Appearance) -> None:
        program = self.stage.surface
        to_clip, to_depth = _camera_matrix(camera, window)
        program["to_clip"].write(to_clip)
        program["to_depth"].value = tuple(to_depth)
        program["eye"].value = tuple(camera.eye)
        program["smoothness"].value = look.smooth

    def _set_light(self, camera: Camera, look: Appearance, to_shadow: bytes) -> None:
        program = self.stage.shade
        program["to_shadow"].write(to_shadow)
        program["eye"].value = tuple(camera.eye)
        program["axes"].write(np.stack(camera.axes()).astype(np.float32).tobytes())
        materials = look.materials if look.by_part else look.materials[:1] * MATERIALS
        program["materials"].write(np.concatenate([m.rows() for m in materials]).tobytes())
        program["lights"].write(np.ascontiguousarray(look.lights, np.float32).tobytes())
        program["environment"].write(np.ascontiguousarray(look.environment, np.float32).tobytes())
        program["exposure"].value = (look.exposure, look.occlusion)
        program["shadow_spread"].value = look.shadow_spread


def _part_labels(mesh: Mesh) -> np.ndarray:
    """int32 [F] in 0..MATERIALS-1: by group where the source tells parts apart, else by connected
    part; either way scattered, so that neighbours differ."""
    groups = mesh.face_groups
    labels = groups if len(mesh.group_names) > 2 else component_labels(mesh)
    return ((labels.astype(np.int64) * 2_654_435_761 >> 7) % MATERIALS).astype(np.int32)


def _corners(mesh: Mesh, labels: np.ndarray) -> bytes:
    count = len(mesh.faces)
    corners = np.zeros((count, 3), _CORNER)
    corners["position"] = mesh.triangles
    corners["flat_normal"][..., :3] = face_normals(mesh)[0][:, None]
    corners["smooth_normal"][..., :3] = corner_normals(mesh)
    corners["colour"][..., :3] = np.round(mesh.face_colours.clip(0, 1) * 255)[:, None]
    corners["colour"][..., 3] = labels[:, None]
    corners["uv"] = np.nan_to_num(np.stack([mesh.face_uvs[..., 0], mesh.face_uvs[..., 1]], -1))
    corners["layer"] = mesh.face_textures[:, None]
    return corners.tobytes()


def _camera_matrix(camera: Camera, window: Window) -> tuple[bytes, np.ndarray]:
    """Object space to clip space, row 0 of the picture first; and the weights of the depth [4]."""
    right, up, forward = camera.axes()
    distance = camera.distance
    near, far = distance - RADIUS, distance + RADIUS
    near = max(near, 1e-3)
    x = np.append(right, 0.0)
    y = np.append(up, 0.0)
    z = np.append(forward, distance)
    ones = np.array([0.0, 0.0, 0.0, 1.0])
    matrix = np.stack(
        [
            (x - window.centre_x * z) / window.half_side,
            -(y - window.centre_y * z) / window.half_side,
            (far + near) / (far - near) * z - 2 * far * near / (far - near) * ones,
            z,
        ]
    )
    return matrix.T.astype(np.float32).tobytes(), z


def _light_matrix(toward: np.ndarray) -> bytes:
    """Object space to the clip space of a light without perspective."""
    helper = np.eye(3)[np.abs(toward).argmin()]
    right = np.cross(helper, toward)
    right /= np.linalg.norm(right)
    rows = np.stack([right, np.cross(toward, right), -toward]) / RADIUS
    matrix = np.eye(4)
    matrix[:3, :3] = rows
    return matrix.T.astype(np.float32).tobytes()


def _texture_array(context: Any, textures: tuple[np.ndarray, ...]) -> Any:
    """All textures as layers of one size, with mipmaps; row 0 at the bottom, as OpenGL has it."""
    count = max(len(textures), 1)
    side = 512
    while side > 8 and side * side * count > TEXTURE_BUDGET:
        side //= 2
    largest = max((max(texture.shape[:2]) for texture in textures), default=1)
    while side > 8 and side // 2 >= largest:
        side //= 2
    layers = np.zeros((count, side, side, 3), np.uint8)
    for number, texture in enumerate(textures):
        image = Image.fromarray(texture).resize((side, side), Image.Resampling.BILINEAR)
        layers[number] = np.asarray(image)[::-1]
    array = context.texture_array((side, side, count), 3, layers.tobytes(), alignment=1)
    array.build_mipmaps()
    return array


class _Target:
    """Pictures of one size that are drawn into."""

    def __init__(self, context: Any, side: int) -> None:
        size, double = (side, side), (2 * side, 2 * side)
        depth = context.depth_renderbuffer(double)
        self.albedos = context.texture(double, 4)
        self.normals = context.texture(double, 4)
        self.depths = context.texture(double, 1, dtype="f4")
        self.samples = context.texture(double, 4)
        self.occlusion = context.texture(size, 1)
        for texture in (self.albedos, self.normals, self.depths, self.samples):
            texture.filter = (context.NEAREST, context.NEAREST)
        self.seen = context.framebuffer([self.albedos, self.normals, self.depths], depth)
        self.occluded = context.framebuffer([self.occlusion])
        self.emptied = context.framebuffer([self.samples])
        self.shaded = context.framebuffer([self.samples], depth)
        self.shaded.depth_mask = False
        self.resolved = context.framebuffer([context.renderbuffer(size, 4)])


class _Stage:
    """What all meshes share: the context, programs, noise, targets."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.context = _make_context()
        context = self.context
        self.shadow = self._program("shadow.vert", "shadow.frag")
        self.surface = self._program("surface.vert", "surface.frag")
        self.occlusion = self._program("screen.vert", "occlusion.frag")
        self.shade = self._program("screen.vert", "shade.frag")
        self.resolve = self._program("screen.vert", "resolve.frag")
        self.occlusion_screen = context.vertex_array(self.occlusion, [])
        self.shade_screen = context.vertex_array(self.shade, [])
        self.resolve_screen = context.vertex_array(self.resolve, [])
        self.shadow_map = context.depth_texture((SHADOW_SIDE, SHADOW_SIDE))
        self.shadow_map.compare_func = "<="
        self.shadow_map.filter = (context.LINEAR, context.LINEAR)
        self.shadow_map.repeat_x = self.shadow_map.repeat_y = False
        self.shadow_target = context.framebuffer(depth_attachment=self.shadow_map)
        values = np.random.default_rng(7).integers(0, 256, (NOISE_SIDE,) * 3 + (4,), np.uint8)
        self.noise = context.texture3d((NOISE_SIDE,) * 3, 4, values.tobytes())
        self.noise.filter = (context.LINEAR, context.LINEAR)
        self.occlusion["radius"].value = OCCLUSION_RADIUS
        names = ("albedos", "normals", "depths", "noise", "shadow", "occlusion")
        for number, name in enumerate(names):
            self.shade[name].value = number
        self.targets: dict[int, _Target] = {}

    def _program(self, vertex: str, fragment: str) -> Any:
        folder = Path(__file__).with_name("shaders")
        return self.context.program(
            vertex_shader=(folder / vertex).read_text(encoding="utf-8"),
            fragment_shader=(folder / fragment).read_text(encoding="utf-8"),
        )

    def target(self, side: int) -> _Target:
        if side not in self.targets:
            self.targets[side] = _Target(self.context, side)
        return self.targets[side]


@lru_cache(maxsize=1)
def _stage() -> _Stage:
    return _Stage()


def _make_context() -> Any:
    """An OpenGL context on the processor. Raises RendererMissing."""
    # One thread a process: the build runs a process a core. Read when the library is loaded.
    os.environ.setdefault("LP_NUM_THREADS", "1")
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    try:
        import moderngl

        return moderngl.create_context(
            standalone=True, backend="egl", require=330, libgl="libGL.so.1", libegl="libEGL.so.1"
        )
    except Exception as error:
        raise RendererMissing(
            "training pictures need OpenGL through EGL: install Debian's libegl1, libgl1 and "
            f"libgl1-mesa-dri, and moderngl from tools/requirements/training.txt ({error})"
        ) from error
