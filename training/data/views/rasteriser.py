"""Drawing by OpenGL in software (Mesa's llvmpipe through EGL): no display, no graphics card.

One picture takes four passes: depth from the light (shadow map), depth from the camera, ambient
occlusion from that depth, and the surface with four samples a pixel.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..formats.mesh import Mesh, MeshError, component_labels
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
        ("normal", "<f2", 4),
        ("colour", "u1", 4),
        ("uv", "<f4", 2),
        ("layer", "<i4"),
        ("material", "<i4"),
    ]
)


class RendererMissing(RuntimeError):
    """OpenGL cannot be had here; the message says what to install."""


@dataclass(frozen=True)
class Picture:
    """pixels: uint8 [s, s, 4], straight alpha. depth: float32 [s, s], distance along the camera's
    forward axis in object units at the centre of each pixel, 0 where nothing is. window: the crop.
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
        self.stage = _stage(os.getpid())
        self.own: list = []
        context = self.stage.context
        positions = self._keep(context.buffer(self.points.tobytes()))
        indices = self._keep(context.buffer(faces.astype(np.int32).tobytes()))
        self.depth_array = self._keep(
            context.vertex_array(self.stage.depth, [(positions, "3f", "position")], indices)
        )
        self.shadow_array = self._keep(
            context.vertex_array(self.stage.shadow, [(positions, "3f", "position")], indices)
        )
        self.labels = _part_labels(mesh)
        self.textures = self._keep(_texture_array(context, mesh.textures))
        corners = _corners(mesh, self.labels)
        layout = "3f 4f2 4f1 2f 1i 1i"
        names = ("position", "normal", "colour", "uv", "layer", "material")
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

    def _keep(self, item):  # noqa: ANN001, ANN202  (any object of moderngl)
        self.own.append(item)
        return item

    def draw(self, camera: Camera, look: Appearance, side: int, fill: float = FILL) -> Picture:
        """One square picture of `side` pixels; the silhouette's longest side takes `fill` of it."""
        window = frame(camera, self.points, fill)
        to_clip, to_depth = _camera_matrix(camera, window)
        to_shadow = _light_matrix(look.lights[0, 0, :3].astype(np.float64))
        stage = self.stage
        target = stage.target(side)
        stage.context.enable(stage.context.DEPTH_TEST)
        stage.shadow["to_clip"].write(to_shadow)
        stage.shadow_target.clear(depth=1.0)
        stage.shadow_target.use()
        self.shadow_array.render()

        stage.depth["to_clip"].write(to_clip)
        stage.depth["to_depth"].value = tuple(to_depth)
        target.depth.clear()
        target.depth.use()
        self.depth_array.render()

        stage.context.disable(stage.context.DEPTH_TEST)
        target.occlusion.use()
        target.depth_texture.use(0)
        stage.occlusion["window"].value = (
            window.centre_x,
            window.centre_y,
            window.half_side,
            side,
        )
        stage.screen_array.render(vertices=3)

        stage.context.enable(stage.context.DEPTH_TEST)
        self._set_look(camera, look, side, to_clip, to_shadow)
        target.surface.clear()
        target.surface.use()
        self.textures.use(0)
        stage.noise.use(1)
        stage.shadow_map.use(2)
        target.occlusion_texture.use(3)
        self.surface_array.render()
        stage.context.copy_framebuffer(target.resolved, target.surface)
        pixels = np.frombuffer(target.resolved.read(components=4), np.uint8)
        depth = np.frombuffer(target.depth.read(components=1, dtype="f4"), np.float32)
        return Picture(_straight(pixels.reshape(side, side, 4)), depth.reshape(side, side), window)

    def _set_look(
        self, camera: Camera, look: Appearance, side: int, to_clip: bytes, to_shadow: bytes
    ) -> None:
        program = self.stage.surface
        program["to_clip"].write(to_clip)
        program["to_shadow"].write(to_shadow)
        program["eye"].value = tuple(camera.eye)
        program["side"].value = side
        materials = look.materials if look.by_part else look.materials[:1] * MATERIALS
        program["materials"].write(np.concatenate([m.rows() for m in materials]).tobytes())
        program["lights"].write(np.ascontiguousarray(look.lights, np.float32).tobytes())
        program["environment"].write(np.ascontiguousarray(look.environment, np.float32).tobytes())
        program["exposure"].value = (look.exposure, look.smooth, look.occlusion)
        program["shadow_spread"].value = look.shadow_spread


def _straight(premultiplied: np.ndarray) -> np.ndarray:
    """Colours of partly covered pixels without the black they were mixed with (uint8 [s, s, 4])."""
    pixels = premultiplied.copy()
    edge = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    values = pixels[edge].astype(np.float32)
    values[:, :3] = np.minimum(values[:, :3] * (255 / values[:, 3:]), 255)
    pixels[edge] = np.round(values).astype(np.uint8)
    return pixels


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
    corners["normal"][..., :3] = corner_normals(mesh)
    corners["colour"][..., :3] = np.round(mesh.face_colours.clip(0, 1) * 255)[:, None]
    corners["uv"] = np.nan_to_num(np.stack([mesh.face_uvs[..., 0], mesh.face_uvs[..., 1]], -1))
    corners["layer"] = mesh.face_textures[:, None]
    corners["material"] = labels[:, None]
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


def _texture_array(context, textures: tuple[np.ndarray, ...]):  # noqa: ANN001, ANN202
    """All textures as layers of one size, with mipmaps; row 0 at the bottom, as OpenGL has it."""
    from PIL import Image

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

    def __init__(self, context, side: int) -> None:  # noqa: ANN001
        size = (side, side)
        self.depth_texture = context.texture(size, 1, dtype="f4")
        self.depth_texture.filter = (context.NEAREST, context.NEAREST)
        self.depth = context.framebuffer([self.depth_texture], context.depth_renderbuffer(size))
        self.occlusion_texture = context.texture(size, 1)
        self.occlusion = context.framebuffer([self.occlusion_texture])
        self.surface = context.framebuffer(
            [context.renderbuffer(size, 4, samples=4)],
            context.depth_renderbuffer(size, samples=4),
        )
        self.resolved = context.framebuffer([context.renderbuffer(size, 4)])


class _Stage:
    """What all meshes share: the context, programs, noise, targets."""

    def __init__(self) -> None:
        self.context = _make_context()
        context = self.context
        self.shadow = self._program("depth.vert", "shadow.frag")
        self.depth = self._program("depth.vert", "depth.frag")
        self.occlusion = self._program("screen.vert", "occlusion.frag")
        self.surface = self._program("surface.vert", "surface.frag")
        self.screen_array = context.vertex_array(self.occlusion, [])
        self.shadow_map = context.depth_texture((SHADOW_SIDE, SHADOW_SIDE))
        self.shadow_map.compare_func = "<="
        self.shadow_map.filter = (context.LINEAR, context.LINEAR)
        self.shadow_map.repeat_x = self.shadow_map.repeat_y = False
        self.shadow_target = context.framebuffer(depth_attachment=self.shadow_map)
        values = np.random.default_rng(7).integers(0, 256, (NOISE_SIDE,) * 3 + (4,), np.uint8)
        self.noise = context.texture3d((NOISE_SIDE,) * 3, 4, values.tobytes())
        self.noise.filter = (context.LINEAR, context.LINEAR)
        self.occlusion["radius"].value = OCCLUSION_RADIUS
        for number, name in enumerate(("textures", "noise", "shadow", "occlusion")):
            self.surface[name].value = number
        self.targets: dict[int, _Target] = {}

    def _program(self, vertex: str, fragment: str):  # noqa: ANN202
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
def _stage(process: int) -> _Stage:
    return _Stage()


def _make_context():  # noqa: ANN202
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
