"""The Field of this engine: a reading of one picture, asked at points of object space."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...types import Pinhole, Vec3
from ..proportions import Proportions
from .canonical import CanonicalGrid
from .fine import FinePlanes, near_surface
from .networks import PixelNetwork, Reading
from .outline import OUTSIDE, Outline
from .projection import PictureCamera

CHUNK = 1 << 14  # points at once; the features of so many stay in the cache
SEARCH = 40  # samples along each axis, where the box of the shape is looked for
SEARCH_HALF = 0.62
ROOM = 0.04  # of the box's diagonal, left around the shape


class PixelField:
    """Occupancy 0 outside to 1 inside (see `inference.types.Field`).

    network, reading, mattes: of one picture, on one device. camera: of that picture, in the space
    in which the network saw the object; that space is then turned, moved and scaled so that the
    shape's box is centred and its diagonal is 1. whole: the canonical shape in the first space, and
    box: the object's there; or None. fine: what the fine level reads in the same picture; None: the
    coarse level answers alone. level: the surface's value. turn: radians that the object is turned
    by about the vertical, counter-clockwise from above. mirrored: share of the answer, 0 to 0.5,
    that comes from the mirror image in the plane x = 0. agreement: least IoU of the shape with its
    mirror image for that to happen. mismatch: where by that the outline differs from the picture's
    by more than this share of its area, the picture's cuts off what the mirror image adds.

    `found` is false when nothing is inside. `symmetric`: whether the answer mirrors itself.
    `seeds`: float32 [M, 3], points inside, object space, in every part that the picture shows.
    """

    bounds: tuple[Vec3, Vec3] = ((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5))

    def __init__(
        self,
        network: PixelNetwork,
        reading: Reading,
        mattes: list[Tensor],
        camera: PictureCamera,
        *,
        whole: CanonicalGrid | None = None,
        box: Proportions | None = None,
        fine: FinePlanes | None = None,
        level: float = 0.5,
        turn: float = 0.0,
        mirrored: float = 0.0,
        agreement: float = 0.0,
        mismatch: float = math.inf,
    ) -> None:
        self.level = level
        self.device: torch.device = reading.code.device
        self._network, self._reading, self._mattes = network, reading, mattes
        self._camera, self._whole, self._box, self._mirrored = camera, whole, box, 0.0
        self._fine = fine
        self._turn = _rotation(turn).to(self.device)
        self._flip = torch.tensor((-1.0, 1.0, 1.0), device=self.device)
        self._scale = 1.0
        self._offset = torch.zeros(3, device=self.device)
        self._logit = math.log(level / (1 - level))
        if mirrored and self._compare_halves() >= agreement:
            self._mirrored = mirrored
        self._outline = Outline(
            lambda places: self._answer(camera.unproject(places[None])[0]),
            mattes[0],
            self._logit,
            float(camera.half_side * camera.distance),
            fade=None
            if box is None
            else lambda places: box.fade(camera.unproject(places[None])[0]),
        )
        self.symmetric = self._mirrored > 0 and self._compare_outlines() <= mismatch
        self.found = self._fit_box()

    @property
    def pinhole(self) -> Pinhole:
        """The camera in object space."""
        camera = self._camera.to(torch.device("cpu"))
        axes = camera.axes()[0].double() @ self._turn.cpu().double().T
        eye = (-float(camera.distance) * axes[2] - self._offset.cpu().double()) / self._scale
        right, up, forward = (tuple(axis) for axis in axes.tolist())
        return Pinhole(
            eye=tuple(eye.tolist()),
            axes=(right, up, forward),
            half_side=float(camera.half_side),
            centre=(float(camera.centre_x), float(camera.centre_y)),
        )

    @torch.no_grad()
    def occupancy(self, points: Tensor) -> Tensor:
        """Float32 [N, 3], object space -> float32 [N], any N, on the field's device.

        Raises ValueError when points are not a floating [N, 3].
        """
        if points.ndim != 2 or points.shape[1] != 3 or not points.is_floating_point():
            raise ValueError(
                f"points are {points.dtype} {list(points.shape)}, expected floats [N, 3]"
            )
        seen = points.to(self.device, torch.float32) * self._scale + self._offset
        values = torch.empty(len(points), device=self.device)
        for start in range(0, len(points), CHUNK):
            values[start : start + CHUNK] = self._ask(seen[start : start + CHUNK]).sigmoid()
        return values

    def _ask(self, points: Tensor) -> Tensor:
        """Logits [N] at points [N, 3] of object space before its box was fitted."""
        return self._ask_seen(points @ self._turn)

    def _ask_seen(self, seen: Tensor) -> Tensor:
        """Logits [N] at points [N, 3] of the space in which the network saw the object."""
        places = self._camera.project(seen[None])[0]
        lacking, allowed = self._outline.lacking(places), self._outline.allowed(places)
        if self._mirrored:  # what one half lacks, its mirror image does
            others = self._camera.project((seen * self._flip)[None])[0]
            lacking = torch.maximum(lacking, self._outline.lacking(others))
            if self.symmetric:
                allowed = torch.maximum(allowed, self._outline.allowed(others))
        values = self._logit + allowed
        asked = (allowed > OUTSIDE).nonzero()[:, 0]  # beside the outline no network is needed
        values[asked] = torch.minimum(values[asked], self._answer(seen[asked]) + lacking[asked])
        return values

    def _answer(self, seen: Tensor) -> Tensor:
        """Logits [N] at points [N, 3] of the space in which the network saw the object, before the
        outline is kept to: that was seen, while the box is a guess."""
        answer = self._answer_plainly(seen)
        if self._mirrored:
            other = self._answer_plainly(seen * self._flip)
            answer = torch.lerp(answer, other, self._mirrored)
        return answer

    def _answer_plainly(self, seen: Tensor) -> Tensor:
        """As `_answer`, without the mirror image: all networks, faded beyond the box."""
        logits = torch.cat([self._fuse(part) for part in seen.split(CHUNK)])
        return logits if self._box is None else logits - self._box.fade(seen)

    def _fuse(self, seen: Tensor) -> Tensor:
        """The sum of both coarse answers, corrected by the fine level where it is near even."""
        places = self._camera.project(seen[None])
        coarse, embedding = self._network.embed(self._reading, self._mattes, places)
        logits = coarse[0]
        if self._whole is not None:
            logits = logits + self._whole.logits(seen)
        fine = self._network.fine
        if self._fine is None or fine is None:
            return logits
        share = near_surface(logits)
        near = share.nonzero()[:, 0]
        correction = fine.correction(self._fine, places[:, near], embedding[:, near])
        return logits.index_add(0, near, share[near] * correction[0])

    @torch.no_grad()
    def _compare_outlines(self) -> float:
        """Area of the picture where the shape with its mirror image is met beside the outline or
        missing in it, as a share of the outline's area."""
        rays = self._outline.free_rays()
        places = rays.view(-1, 3)
        seen = self._camera.unproject(places[None])[0]
        met = torch.zeros(len(places), dtype=torch.bool, device=self.device)
        # what both halves see nothing at needs no question
        others = self._camera.project((seen * self._flip)[None])[0]
        maybe = (~self._outline.outside(others)).nonzero()[:, 0]
        met[maybe] = self._answer(seen[maybe]) + self._outline.lacking(others[maybe]) > self._logit
        beside = int(met.view(rays.shape[:2]).any(1).sum())
        return (beside + self._outline.missed) / max(self._outline.covered, 1)

    @torch.no_grad()
    def _compare_halves(self) -> float:
        """IoU of the shape, before the outline is kept to, with its mirror image."""
        values = self._answer_plainly(_search_points(self.device))
        filled = (values > self._logit).view((SEARCH,) * 3)
        other = filled.flip(0)
        return float((filled & other).sum() / (filled | other).sum().clamp(min=1))

    @torch.no_grad()
    def _fit_box(self) -> bool:
        """Move and scale object space onto the shape's box; whether there is a shape."""
        points = _search_points(self.device)
        inside = points[self.occupancy(points) > self.level]
        half_cell = SEARCH_HALF / SEARCH
        corners = [inside - half_cell, inside + half_cell]
        seen = self._find_seen()
        inside = torch.cat([*corners, seen])
        if not len(inside):
            return False
        low, high = inside.amin(0), inside.amax(0)
        if self.symmetric and torch.equal(self._turn, torch.eye(3, device=self.device)):
            high[0] = torch.maximum(high[0], -low[0])
            low[0] = -high[0]
        self._offset, self._scale = (low + high) / 2, float((high - low).norm())
        half = (high - low) / 2 / self._scale + ROOM
        lowest, highest = (-half).tolist(), half.tolist()
        self.bounds = (
            (lowest[0], lowest[1], lowest[2]),
            (highest[0], highest[1], highest[2]),
        )
        self.seeds = (seen - self._offset) / self._scale
        return True

    def _find_seen(self) -> Tensor:
        """Points [M, 3] of object space inside the shape, one on each ray through the outline, and
        their mirror images: thin parts fall between the samples of any grid."""
        places = self._camera.unproject(self._outline.met[None])[0]
        if self._mirrored:
            places = torch.cat([places, places * self._flip])
        places = places @ self._turn.T
        return places[self.occupancy(places) > self.level]


def _rotation(angle: float) -> Tensor:
    """float32 [3, 3] whose product with a row turns it by -angle about z."""
    cos, sin = math.cos(angle), math.sin(angle)
    return torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def _search_points(device: torch.device) -> Tensor:
    """Points [SEARCH^3, 3] of a cube around the origin."""
    axis = ((torch.arange(SEARCH, device=device) + 0.5) / SEARCH * 2 - 1) * SEARCH_HALF
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
