"""A field that keeps to the outline of its picture.

Where the matte shows the object, something must be met along the line of sight; where it shows
none, nothing can be. A network that is unsure of a thin leg's depth gives every depth too little to
reach the surface's level: here the leg gets what it lacks, at the likeliest depth of its
surroundings, nearly as thick as it is wide.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional

SIDE = 64  # rays along an edge of the picture
DEPTHS = 48
DEEPEST = 1.1  # of the picture frame's depth
SPACING = 2 * DEEPEST / DEPTHS
THICKNESS = 0.6
"""Along the line of sight, over the width of the largest disc in the outline around the ray."""
LEAST = 0.03  # half of the thickness at least: what only touches the level is not there
SURE = 1.0  # logits above the level, at the likeliest depth of what was raised
SHARPNESS, NEIGHBOURS = 4.0, 2
"""The likeliest depth: a mean of the best sample and such neighbours, by that power of the odds."""
UNLIKELY = 8.0  # logits below the level, where likelier and unlikelier depths are all the same
CAP = 5.0  # logits that a ray gets at most, beside what the guessed box took from it
COVERED = 0.3
"""Share of a ray's square that the matte fills from which the ray, which passes through the middle
of that part, meets the object: so do poles that run along the border of two squares."""
EMPTY = 0.35  # matte below which a point is outside
STEEPNESS = 128.0
"""Logits per half side of the picture, by which the shape ends along the outline. With a cliff
instead every crossing of the grid's edges would lie in their middle, and outlines look like stairs;
with this slope they are found between the samples, and projection finds the level."""
OUTSIDE = -9.0  # logits below the level, where no network is asked
FINER = 2  # samples along each pixel of the matte, where distances to the outline are measured
SMOOTHING = 2  # times that what the rays say is averaged with their neighbours


class Outline:
    """The corrections of one picture.

    answer: picture frame points [N, 3] -> logits [N]. fade: the same points -> what of them the
    guessed box took away, float [N], or None. matte: float [1, 1, s, s]. level: logit of the
    surface. scale: length of half the picture's side at the object, in box diagonals.

    `covered`: number of rays that should meet the object; `missed`: of those that do not even so.
    `met`: picture frame points [M, 3], the likeliest place on each of the others.
    """

    @torch.no_grad()
    def __init__(
        self,
        answer: Callable[[Tensor], Tensor],
        matte: Tensor,
        level: float,
        scale: float,
        *,
        fade: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self._matte = matte
        self._allowed = (STEEPNESS * _signed_distances(matte)).clamp(OUTSIDE, -OUTSIDE)
        share = functional.adaptive_avg_pool2d(matte, SIDE)[0, 0]
        covered = share > COVERED
        rows, columns = covered.nonzero(as_tuple=True)
        self.covered, self.missed, self.met = len(rows), 0, torch.zeros(0, 3, device=matte.device)
        lift = torch.zeros(1, DEPTHS, SIDE, SIDE, device=matte.device)
        if len(rows):
            places = _rays(covered, _centre_matte(matte, share))
            values = answer(places.view(-1, 3)).view(-1, DEPTHS)
            # what is seen is more certain than the box: a ray that misses it is not lost by that
            most = torch.full_like(values[:, :1], CAP)
            if fade is not None:
                most += fade(places.view(-1, 3)).view(-1, DEPTHS).amin(1, keepdim=True)
            # the depth counts half box diagonals, the picture half sides
            deep = THICKNESS * 2 * 2 * _widths(matte)[rows, columns] * scale
            away = places[0, :, 2] - _find_depths(values, covered, level)[:, None]
            raised = _raise_rays(values, away, deep, most, level)
            lift[0][:, rows, columns] = raised.T
            best, order = (values + raised).max(1)
            met = best >= level - 1e-3
            self.missed = int((~met).sum())
            self.met = places.gather(1, order[:, None, None].expand(-1, 1, 3))[:, 0][met]
        # a ray beside the outline lends what its neighbours lack, or reading between the two would
        # leave too little at the edge, and a leg that is two rays wide would be a string of beads
        around = functional.max_pool2d(lift, 3, 1, 1)
        self._lift = torch.where(covered, lift, around)[None]

    def free_rays(self) -> Tensor:
        """Picture frame points [R, DEPTHS, 3] along the rays that pass beside the object.

        By the matte where the ray is, not around it: gaps that are narrower than rays are apart
        count by their area.
        """
        rays = _rays(torch.ones(SIDE, SIDE, dtype=torch.bool, device=self._matte.device))
        return rays[self.outside(rays[:, 0])]

    @torch.no_grad()
    def lacking(self, places: Tensor) -> Tensor:
        """What the logits at picture frame points [N, 3] lack, float [N]: 0 or more."""
        places = places * places.new_tensor([1.0, 1.0, 1 / DEEPEST])
        return functional.grid_sample(
            self._lift, places[None, :, None, None], padding_mode="zeros", align_corners=False
        )[0, 0, :, 0, 0]

    @torch.no_grad()
    def allowed(self, places: Tensor) -> Tensor:
        """Logits above the level that the outline allows at picture frame points [N, 3], float [N]:
        0 on it, more inside, `OUTSIDE` from some pixels outside on."""
        return _read(self._allowed, places, outside=OUTSIDE)

    @torch.no_grad()
    def outside(self, places: Tensor) -> Tensor:
        """Whether picture frame points [N, 3] are beyond the outline, bool [N]."""
        return self.allowed(places) < 0


def _rays(chosen: Tensor, middles: Tensor | None = None) -> Tensor:
    """Picture frame points [R, DEPTHS, 3] along the rays that are chosen, bool [SIDE, SIDE].

    middles: float [SIDE, SIDE, 2], where the rays pass; None: through the middles of their squares.
    """
    device = chosen.device
    if middles is None:
        middles = _middles(device)
    depths = ((torch.arange(DEPTHS, device=device) + 0.5) / DEPTHS * 2 - 1) * DEEPEST
    flat = middles[chosen][:, None].expand(-1, DEPTHS, -1)
    deep = depths[None, :, None].expand(len(flat), -1, -1)
    return torch.cat((flat, deep), 2)


def _middles(device: torch.device) -> Tensor:
    """Of the squares that the picture is divided into, x and y, float [SIDE, SIDE, 2]."""
    across = (torch.arange(SIDE, device=device) + 0.5) / SIDE * 2 - 1
    return torch.stack(torch.meshgrid(across, across, indexing="xy"), -1)


def _centre_matte(matte: Tensor, share: Tensor) -> Tensor:
    """The middle of what the matte float [1, 1, s, s] shows in every square, x and y, float
    [SIDE, SIDE, 2]; share: float [SIDE, SIDE], how much of it that is."""
    across = (torch.arange(matte.shape[-1], device=matte.device) + 0.5) / matte.shape[-1] * 2 - 1
    weighted = torch.cat((matte * across, matte * across[:, None]), 1)
    sums = functional.adaptive_avg_pool2d(weighted, SIDE)[0].permute(1, 2, 0)
    return torch.where(
        share[..., None] > 0, sums / share[..., None].clamp(min=1e-6), _middles(matte.device)
    )


def _raise_rays(values: Tensor, away: Tensor, deep: Tensor, most: Tensor, level: float) -> Tensor:
    """What is added to the values [R, DEPTHS] of the rays, float, the same shape: 0 or more.

    A ray that does not reach the level over its thickness, float [R], gets a bump that does at the
    likeliest depth; away: float [R, DEPTHS], how far the samples are from it. All of a ray that no
    two samples reach is raised until they do: that keeps parts together whose depths are not quite
    the same. most: float [R, 1], that is added.
    """
    lacks = level > _reach(values, deep / SPACING)
    bump = level + SURE * (1 - (away / (deep[:, None] / 2).clamp(min=LEAST)).square()) - values
    even = (level - _reach(values, torch.ones_like(deep)))[:, None]
    return torch.minimum(torch.maximum(bump * lacks[:, None], even).clamp(min=0), most)


def _reach(values: Tensor, count: Tensor) -> Tensor:
    """The value that so many samples of every ray reach, float [R]; values [R, DEPTHS]."""
    ordered = values.sort(1, descending=True)[0]
    rank = count.clamp(1, DEPTHS - 1.001)[:, None]
    above, below = ordered.gather(1, rank.long()), ordered.gather(1, rank.long() + 1)
    return torch.lerp(above, below, rank.frac())[:, 0]


def _find_depths(values: Tensor, covered: Tensor, level: float) -> Tensor:
    """The likeliest depth on every covered ray, float [R], as its surroundings see it too: rays for
    themselves would choose one here, one there. values: float [R, DEPTHS]."""
    mask = covered.float()[None]
    profile = torch.zeros(DEPTHS, *covered.shape, device=values.device)
    top = values.amax(1, keepdim=True)
    values = values + (top.clamp(level - CAP, level + SURE) - top)
    profile[:, covered] = values.clamp(min=level - UNLIKELY).T
    weights = functional.avg_pool2d(mask, 3, 1, 1).clamp(min=1e-6)
    for _ in range(SMOOTHING):
        profile = functional.avg_pool2d(profile, 3, 1, 1) / weights * mask
    shares = torch.softmax(SHARPNESS * profile[:, covered].T, 1)
    best = shares.argmax(1, keepdim=True)
    steps = torch.arange(DEPTHS, device=values.device)
    shares = shares * ((steps - best).abs() <= NEIGHBOURS)
    depth = (shares * (steps + 0.5)).sum(1) / shares.sum(1)
    return (depth / DEPTHS * 2 - 1) * DEEPEST


def _read(plane: Tensor, places: Tensor, outside: float = 0.0) -> Tensor:
    """Values [N] of a plane [1, 1, s, s] at picture frame points [N, 3]; `outside` beside the
    picture."""
    flat = places[None, :, None, :2]
    return (
        outside
        + functional.grid_sample(plane - outside, flat, padding_mode="zeros", align_corners=False)[
            0, 0, :, 0
        ]
    )


def _signed_distances(matte: Tensor) -> Tensor:
    """Distances to the outline in halves of the picture's side, positive inside, float
    [1, 1, FINER * s, FINER * s] of a matte [1, 1, s, s]."""
    fine = functional.interpolate(matte, scale_factor=FINER, mode="bilinear", align_corners=False)
    inside = (fine >= EMPTY)[0, 0].cpu().numpy()
    if inside.all() or not inside.any():  # there is no outline to be near
        return torch.full_like(fine, 1.0 if inside.any() else -1.0)
    distances = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    # the outline is between two samples, where the nearest ones count 1 and -1
    distances = ndimage.gaussian_filter(distances - 0.5 * np.sign(distances), 1.0)
    return (torch.from_numpy(distances)[None, None].float() * (2 / fine.shape[-1])).to(matte.device)


def _widths(matte: Tensor) -> Tensor:
    """Radius of the largest disc inside the outline near each ray, float [SIDE, SIDE], in halves
    of the picture's side."""
    inside = matte[0, 0].cpu().numpy() > 0.5
    radii = ndimage.distance_transform_edt(functional.pad(torch.from_numpy(inside), (1,) * 4))
    radii = torch.from_numpy(radii[1:-1, 1:-1]).float() / (matte.shape[-1] / 2)
    return functional.adaptive_max_pool2d(radii[None], SIDE)[0].to(matte.device)
