"""Ray-cast pictures of contact sheets: straight alpha, framed as `camera` says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..formats.mesh import Mesh, face_normals
from ..formats.textures import sample_texture
from ..rays import Hits, RayScene
from .camera import FILL, Camera, frame


@dataclass(frozen=True)
class Light:
    """Direction toward the light (unit, object space), its colour and the ambient colours [3]."""

    direction: np.ndarray
    colour: np.ndarray
    ambient: np.ndarray


class Renderer:
    """Draws one mesh in object space."""

    def __init__(self, mesh: Mesh, scene: RayScene | None = None) -> None:
        self.mesh = mesh
        self.scene = scene or RayScene(mesh)
        self.normals = face_normals(mesh)[0]
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
        eye = camera.eye
        window = frame(camera, self.points, fill)
        centre, half = (window.centre_x, window.centre_y), window.half_side
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
