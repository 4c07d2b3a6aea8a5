"""Ray-cast training pictures: straight alpha, cropped as inference crops.

Camera: azimuth 0 stands in front of the object (on -Y, looking toward +Y), positive azimuth moves
the camera toward +X; elevation is the angle above the ground; both in degrees. The picture is a
perspective one with a field of view as wide as the object's bounding sphere needs, then cropped to
the alpha box, padded to a square and scaled so that the longest silhouette side fills 0.85 of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .formats.mesh import Mesh, component_labels, face_normals
from .rays import Hits, RayScene
from .formats.textures import sample_texture

FILL = 0.85
PROBE_SIDE = 96


@dataclass(frozen=True)
class Camera:
    """azimuth, elevation and field of view in degrees; see the module for their zero."""

    azimuth: float
    elevation: float
    field_of_view: float

    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit vectors right, up and forward (float64 [3] each) in object space."""
        azimuth, elevation = np.radians(self.azimuth), np.radians(self.elevation)
        forward = -np.array(
            [
                np.cos(elevation) * np.sin(azimuth),
                -np.cos(elevation) * np.cos(azimuth),
                np.sin(elevation),
            ]
        )
        right = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
        return right, np.cross(right, forward), forward


@dataclass(frozen=True)
class Light:
    """Direction toward the light (unit, object space), its colour and the ambient colours [3]."""

    direction: np.ndarray
    colour: np.ndarray
    ambient: np.ndarray


def random_camera(rng: np.random.Generator) -> Camera:
    """A camera as a person might hold it.

    60 % of the azimuths are around the front (deviation 38 degrees), the others anywhere; elevation
    -10..45, mostly around 17; field of view 15..60 degrees.
    """
    if rng.random() < 0.6:
        azimuth = float(np.clip(rng.normal(0, 38), -90, 90))
    else:
        azimuth = float(rng.uniform(-180, 180))
    elevation = float(np.clip(rng.normal(17, 14), -10, 45))
    return Camera(azimuth, elevation, float(rng.uniform(15, 60)))


def random_light(rng: np.random.Generator, camera: Camera) -> Light:
    """A key light that mostly comes from the camera's side and from above."""
    _, _, forward = camera.axes()
    direction = rng.normal(size=3)
    direction[2] = abs(direction[2]) + 0.3
    direction = direction - forward * rng.uniform(0.2, 1.0)
    tint = 1 + rng.uniform(-0.12, 0.12) * np.array([1.0, 0.0, -1.0])
    return Light(
        direction=direction / np.linalg.norm(direction),
        colour=rng.uniform(0.4, 0.9) * tint,
        ambient=rng.uniform(0.2, 0.5) * (2 - tint),
    )


def random_albedo(rng: np.random.Generator, mesh: Mesh, labels: np.ndarray) -> np.ndarray | None:
    """Face colours float32 [F, 3], or None for the mesh's own materials and textures (40 %)."""
    choice = rng.random()
    if choice < 0.4:
        return None
    if choice < 0.7:
        palette = rng.uniform(0.08, 0.95, (int(labels.max()) + 1, 3)).astype(np.float32)
        return palette[labels]
    return np.tile(rng.uniform(0.15, 0.95, 3).astype(np.float32), (len(mesh.faces), 1))


class Renderer:
    """Draws one mesh in object space."""

    def __init__(self, mesh: Mesh, scene: RayScene | None = None) -> None:
        self.mesh = mesh
        self.scene = scene or RayScene(mesh)
        self.normals = face_normals(mesh)[0]
        self.labels = component_labels(mesh)
        used = mesh.vertices[np.unique(mesh.faces)]
        self.points = used

    def render(
        self,
        camera: Camera,
        light: Light,
        albedo: np.ndarray | None = None,
        side: int = 128,
        samples: int = 2,
        fill: float = FILL,
    ) -> np.ndarray:
        """uint8 [side, side, 4], straight alpha, `samples`² rays a pixel.

        albedo: float32 [F, 3] or None for the mesh's own colours.
        fill: share of the picture that the longest side of the silhouette takes.
        """
        right, up, forward = camera.axes()
        distance = 0.5 / np.sin(np.radians(camera.field_of_view) / 2)
        eye = -forward * distance
        centre, half = self._frame(eye, (right, up, forward), fill)
        count = side * samples
        steps = ((np.arange(count) + 0.5) / count * 2 - 1) * half
        across, down = np.meshgrid(centre[0] + steps, centre[1] - steps)
        rays = forward + across[..., None] * right + down[..., None] * up
        rays = rays.reshape(-1, 3) / np.linalg.norm(rays.reshape(-1, 3), axis=1, keepdims=True)
        hits = self.scene.first_hits(np.broadcast_to(eye, rays.shape), rays)
        picture = np.zeros((count * count, 4), np.float32)
        picture[hits.rays, 3] = 1
        picture[hits.rays, :3] = self._shade(hits, rays[hits.rays], eye, light, albedo)
        picture = picture.reshape(side, samples, side, samples, 4).mean(axis=(1, 3))
        alpha = picture[..., 3:]
        picture[..., :3] = np.where(alpha > 0, picture[..., :3] / np.maximum(alpha, 1e-6), 0)
        return np.round(picture.clip(0, 1) * 255).astype(np.uint8)

    def _frame(
        self, eye: np.ndarray, axes: tuple[np.ndarray, ...], fill: float
    ) -> tuple[np.ndarray, float]:
        """Centre [2] and half side of the picture on the plane one unit in front of the eye.

        The silhouette's box is the box of the projected vertices, which is exact for a perspective
        view of triangles that are all in front of the camera.
        """
        local = (self.points - eye) @ np.stack(axes, axis=1)
        plane = local[:, :2] / np.maximum(local[:, 2:], 1e-6)
        low, high = plane.min(axis=0), plane.max(axis=0)
        return (low + high) / 2, float((high - low).max()) / 2 / fill

    def _shade(
        self,
        hits: Hits,
        rays: np.ndarray,
        eye: np.ndarray,
        light: Light,
        albedo: np.ndarray | None,
    ) -> np.ndarray:
        normals = self.normals[hits.faces]
        facing = -np.sign((normals * rays).sum(axis=1, keepdims=True))
        normals = normals * facing
        points = eye + rays * hits.distances[:, None]
        colours = self._own_colours(hits) if albedo is None else albedo[hits.faces]
        lambert = (normals @ light.direction).clip(0)
        lit = np.zeros(len(points), bool)
        toward = np.nonzero(lambert > 0)[0]
        if len(toward):
            directions = np.broadcast_to(light.direction, (len(toward), 3))
            lit[toward] = self.scene.escapes(points[toward] + normals[toward] * 2e-3, directions)
        sky = light.ambient * (0.85 + 0.3 * normals[:, 2:])
        fill_light = 0.15 * (-(normals * rays).sum(axis=1, keepdims=True)).clip(0)
        return colours * (sky + fill_light + light.colour * (lambert * lit)[:, None])

    def _own_colours(self, hits: Hits) -> np.ndarray:
        mesh = self.mesh
        colours = mesh.face_colours[hits.faces].copy()
        numbers = mesh.face_textures[hits.faces]
        if not (numbers >= 0).any():
            return colours
        u, v = hits.barycentric[:, :1], hits.barycentric[:, 1:]
        corners = mesh.face_uvs[hits.faces]
        uvs = corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v
        for number in np.unique(numbers[numbers >= 0]):
            chosen = numbers == number
            colours[chosen] = sample_texture(mesh.textures[number], uvs[chosen])
        return colours
