"""Rendered views as photographs show them, after a cut-out that is not perfect.

The order follows what happens to a real picture: the object stands before something, a camera takes
it, a file is compressed, a matte is found that has errors, a crop is made from that matte.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from . import camera, mattes
from .backgrounds import make_backgrounds
from .draws import Draws


@dataclass(frozen=True)
class Augmentation:
    """Shares (0-1) of the pictures that each thing happens to, and sizes.

    clean: are cut out without a fault, as files with alpha are; of the shares below only the moves
    concern these. background: stands before something else than one plain colour, which then shows
    through at the matte's edges. opaque: the matte is lost altogether, alpha is 1 (for engines that
    are to see whole photographs). turn: degrees. scale: log of the factor. shift: of the picture's
    side. cut_off: moved or enlarged so far that a part of the object leaves the picture.
    """

    clean: float = 0.35
    background: float = 0.7
    opaque: float = 0.0
    colours: float = 0.8
    edges: float = 0.5
    holes: float = 0.06
    blobs: float = 0.08
    strips: float = 0.06
    low_resolution: float = 0.12
    blur: float = 0.3
    noise: float = 0.5
    jpeg: float = 0.35
    turn: float = 4.0
    scale: float = 0.08
    shift: float = 0.03
    cut_off: float = 0.05


def augment_pictures(
    views: np.ndarray | Tensor,
    generator: torch.Generator,
    mirror: np.ndarray | Tensor | None = None,
    augmentation: Augmentation | None = None,
    moves: Tensor | None = None,
) -> Tensor:
    """Straight-alpha uint8 [B, s, s, 4] -> float [B, 4, s, s] in 0-1.

    mirror: bool [B], pictures that are to be flipped left to right (the caller mirrors their
    shapes). moves: what `draw_moves` gave, for a caller that has to know; drawn here otherwise.
    Except in clean ones the colours hold what the camera saw also where alpha is 0. Same generator
    state, same result.
    """
    plan = augmentation or Augmentation()
    pixels = torch.as_tensor(np.array(views) if isinstance(views, np.ndarray) else views)
    rgba = pixels.permute(0, 3, 1, 2).contiguous().float().div_(255)
    if mirror is not None:
        chosen = torch.as_tensor(np.array(mirror, bool))
        rgba[chosen] = rgba[chosen].flip(3)
    draws = Draws(len(rgba), generator)
    rgba[:, :3] *= rgba[:, 3:]
    rgba = move(rgba, _draw_moves(draws, plan) if moves is None else moves)
    clean = torch.rand(len(rgba), generator=generator) < plan.clean
    worn = torch.nonzero(~clean)[:, 0]
    rgba[clean, :3] /= rgba[clean, 3:].clamp_min(1e-3)
    if len(worn):
        rgba[worn] = _wear(rgba[worn], draws.of(worn), plan)
    return rgba.clamp_(0, 1)


def _wear(rgba: Tensor, draws: Draws, plan: Augmentation) -> Tensor:
    """What happens to colours times alpha and alpha, float [B, 4, s, s], on the way to a cut-out;
    colours and alpha."""
    _change(rgba, draws, plan.low_resolution, lambda x, d: camera.lower_resolution(x, _factor(d)))

    alpha = rgba[:, 3:]
    colours = rgba[:, :3] + (1 - alpha) * _plain(draws)
    chosen = draws.some(plan.background)
    if len(chosen):
        behind = make_backgrounds(rgba[chosen], draws.of(chosen))
        covered = alpha[chosen].clone()
        held = torch.ones_like(covered)
        _change(held, draws.of(chosen), plan.strips, mattes.lay_strips)
        alpha[chosen] = covered * held
        colours[chosen] = rgba[chosen, :3] * held + (1 - covered * held) * behind
    _change(colours, draws, plan.colours, camera.shift_colours)
    _change(colours, draws, plan.blur, camera.blur)
    _change(colours, draws, plan.noise, camera.add_noise)
    _change(colours, draws, plan.jpeg, camera.compress)

    _change(alpha, draws, plan.edges, mattes.shift_edges)
    _change(alpha, draws, plan.holes, mattes.punch_holes)
    _change(alpha, draws, plan.blobs, mattes.leave_blobs)
    _change(alpha, draws, plan.opaque, lambda x, _: torch.ones_like(x))
    return torch.cat((colours, alpha), 1)


def draw_moves(
    count: int, generator: torch.Generator, augmentation: Augmentation | None = None
) -> Tensor:
    """A similarity for every picture, float [count, 2, 3]: turned, scaled, shifted, some cut off.

    As `affine_grid` reads it: where a place of the new picture was in the old one.
    """
    return _draw_moves(Draws(count, generator), augmentation or Augmentation())


def _draw_moves(draws: Draws, plan: Augmentation) -> Tensor:
    angle = draws.uniform(-1, 1, 1)[:, 0] * math.radians(plan.turn)
    scale = draws.uniform(-plan.scale, plan.scale, 1)[:, 0]
    shift = draws.uniform(-2 * plan.shift, 2 * plan.shift, 2)
    cut = draws.some(plan.cut_off)
    if len(cut):
        scale[cut] -= draws.of(cut).uniform(0, 0.2, 1)[:, 0]
        shift[cut] += draws.of(cut).uniform(-0.35, 0.35, 2)
    cos, sin = angle.cos() * scale.exp(), angle.sin() * scale.exp()
    return torch.stack((cos, -sin, shift[:, 0], sin, cos, shift[:, 1]), 1).view(-1, 2, 3)


def move(pictures: Tensor, moves: Tensor) -> Tensor:
    """Pictures [B, C, s, s] resampled by `moves` [B, 2, 3]."""
    grid = functional.affine_grid(moves, list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, align_corners=False)


def _change(pictures: Tensor, draws: Draws, share: float, change) -> None:  # noqa: ANN001
    """Apply `change(pictures, draws)` in place to a share of the pictures."""
    chosen = draws.some(share)
    if len(chosen):
        pictures[chosen] = change(pictures[chosen], draws.of(chosen))


def _factor(draws: Draws) -> int:
    return int(torch.randint(2, 4, (1,), generator=draws.generator))


def _plain(draws: Draws) -> Tensor:
    """One colour [B, 3, 1, 1]: white, black or any, as cut-outs in files have behind them."""
    kind = draws.uniform(0, 1)
    colour = draws.uniform(0, 1, 3, 1, 1)
    colour = torch.where(kind < 0.25, torch.zeros(1), colour)
    return torch.where(kind > 0.5, torch.ones(1), colour)
