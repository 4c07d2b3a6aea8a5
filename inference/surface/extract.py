"""A closed surface from any Field, by sampling coarse to fine and marching cubes.

The idea of refining only where a coarse sampling sees the surface is that of Mescheder et al.,
"Occupancy Networks" (2019), section 3.3 (MISE), and of Chen and Zhang's IM-NET code; here with
dilation, hints from values near the level, and fronts that are followed until they close.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..errors import EmptyFieldError
from ..types import Cancel, Field, Progress, Surface, no_progress
from .fields import check_bounds, evaluate_field
from .lattice import (
    BRICK,
    CUBE,
    SparseLattice,
    dilate_cells,
    list_children,
    refine_cells,
    select_cells,
)
from .marching import march_bricks

MIN_RESOLUTION, MAX_RESOLUTION = 2, 1024
_SEARCH_SAMPLES = 128  # finest first sampling along the longest axis, tried before "empty" is said


def extract_surface(
    field: Field, resolution: int, *, progress: Progress = no_progress, cancel: Cancel | None = None
) -> Surface:
    """The closed surface where a field crosses its level.

    The field is sampled at the centres of cubic cells that fill its box, `resolution` of them along
    the longest axis; beyond the box is outside, so a shape that touches the box is closed there by
    flat caps on it. Only a coarse subset (every 2nd, 4th or 8th sample along each axis) is
    evaluated everywhere. From step to step the cells that the surface crosses are refined: in the
    first step with their neighbours and with all cells at samples nearer to the level than the
    field changes from one sample to the next, in later steps (except the last) with their
    neighbours; and wherever an evaluated sample shows that the surface leaves the refined region,
    the region grows after it. Cells that hold one of the field's seeds, where it has some, are
    refined in every step. The result equals a dense evaluation for every part that the coarse
    sampling, a seed or a front met. Detached parts may be missed if they are thinner than
    report["sure_thickness"]: a ball of that diameter always holds a coarse sample.

    Parameters
    ----------
    field: anything that implements Field. Values higher than `field.level` are inside.
    resolution: samples along the longest axis, 2 to 1024.
    progress: told phase "extract".
    cancel: asked before every chunk of samples.

    Returns
    -------
    Surface in the field's object space. report: resolution, samples (along x, y, z), cell (length
    of a voxel), queries, dense_queries, levels (step in voxels, cells refined, queries each),
    coarse_cell (spacing of the first samples) and sure_thickness in object space, seconds.

    Raises
    ------
    EmptyFieldError: no surface: all samples lie on one side of the level (a field that fills its
    whole box has no surface either), or the box is not a box. WeightsError: values that are not
    finite. Cancelled. ValueError: resolution out of range.
    """
    if not MIN_RESOLUTION <= resolution <= MAX_RESOLUTION:
        raise ValueError(f"resolution {resolution} is not {MIN_RESOLUTION} to {MAX_RESOLUTION}")
    started = time.perf_counter()
    progress("extract", 0.0)
    sampler = _Sampler(field, resolution, progress, cancel)
    lattice, bricks = _sample_coarse_to_fine(sampler)
    vertices, faces = march_bricks(lattice, bricks, sampler.level, cancel)
    step = sampler.steps[0]["step"] * sampler.cell
    report = {
        "resolution": int(resolution),
        "samples": [int(n) for n in sampler.samples],
        "cell": float(sampler.cell),
        "queries": sampler.queries,
        "dense_queries": int(np.prod(sampler.samples)),
        "levels": sampler.steps,
        "coarse_cell": float(step),
        "sure_thickness": float(step * np.sqrt(3)),
        "seconds": time.perf_counter() - started,
    }
    progress("extract", 1.0)
    return Surface(sampler.place(vertices).astype(np.float32), faces.astype(np.int32), report)


class _Sampler:
    """The fine lattice in space: position 0 is outside, 1 .. samples are cell centres."""

    def __init__(
        self, field: Field, resolution: int, progress: Progress, cancel: Cancel | None
    ) -> None:
        low, high = check_bounds(field)
        self.field = field
        self.level = float(np.float32(field.level))
        self.cell = float((high - low).max() / resolution)
        self.samples = np.maximum(np.floor((high - low) / self.cell + 1e-6), 1).astype(np.int64)
        self.origin = (low + high) / 2 - (self.samples + 1) * self.cell / 2
        seeds = getattr(field, "seeds", None)
        self._seeds = np.zeros((0, 3)) if seeds is None else seeds.cpu().double().numpy()
        self.queries = 0
        self.steps: list[dict[str, Any]] = []
        self._progress, self._cancel = progress, cancel
        self._span = (0.0, 0.0)
        self._shown = 0.0

    def begin(self, step: int, start: float, end: float) -> None:
        """A new level of refinement, which takes the progress bar from start to end."""
        self.steps.append({"step": step, "queries": 0, "cells": 0})
        self._span = (start, end)

    def evaluate(self, index: np.ndarray) -> np.ndarray:
        """Values at positions of the current level's lattice; -inf outside."""
        fine = index * self.steps[-1]["step"]
        within = ((fine >= 1) & (fine <= self.samples)).all(axis=1)
        points = self.origin + fine[within] * self.cell
        values = np.full(len(index), -np.inf, np.float32)
        values[within] = evaluate_field(
            self.field, points, cancel=self._cancel, on_chunk=_Counter(self, len(points))
        )
        self.queries += len(points)
        self.steps[-1]["queries"] += len(points)
        return values

    def seed_cells(self, step: int, shape: tuple[int, ...]) -> np.ndarray:
        """Int64 [M, 3]: the cells of that step's lattice that hold the field's seeds."""
        places = (self._seeds - self.origin) / self.cell
        inside = ((places >= 0.5) & (places <= self.samples + 0.5)).all(axis=1)
        cells = np.floor(places[inside] / step).astype(np.int64)
        return np.clip(cells, 0, np.asarray(shape) - 1)

    def show(self, fraction: float) -> None:
        """Move the bar to a fraction of the current level, never back."""
        start, end = self._span
        self._shown = max(self._shown, start + (end - start) * fraction)
        self._progress("extract", self._shown)

    def place(self, positions: np.ndarray) -> np.ndarray:
        """Positions on the fine lattice -> object space; what lies in the outer layer: the box."""
        capped = np.where(positions < 1, 0.5, positions)
        capped = np.where(capped > self.samples, self.samples + 0.5, capped)
        return self.origin + capped * self.cell


class _Counter:
    """Turns chunks of one batch into progress."""

    def __init__(self, sampler: _Sampler, total: int) -> None:
        self._sampler, self._total, self._done = sampler, total, 0

    def __call__(self, count: int) -> None:
        self._done += count
        self._sampler.show(self._done / self._total)


def choose_step(resolution: int) -> int:
    """Voxels between the first samples: about 32 samples along the box up to 128, then 64."""
    return 2 if resolution < 128 else 4 if resolution < 384 else 8


def _sample_coarse_to_fine(sampler: _Sampler) -> tuple[SparseLattice, np.ndarray]:
    """The finest lattice and the bricks (lowest positions, int [B, 3]) that may be crossed."""
    lattice, values, step = _sample_coarse(sampler)
    shape = tuple(lattice.shape - 1)
    cells = _join_cells(
        _choose_first_cells(lattice, values, sampler.level),
        dilate_cells(sampler.seed_cells(step, shape), shape),
        shape,
    )
    bounds = _share_progress(step)
    while step > 1:
        step //= 2
        sampler.begin(step, *bounds.pop(0))
        finer = SparseLattice(tuple(2 * (lattice.shape - 1) + 1), parent=lattice)
        cells = refine_cells(lattice, finer, cells, sampler.level, sampler.evaluate)
        sampler.steps[-1]["cells"] = len(cells)
        lattice, cells = finer, list_children(cells)
        if step > 1:
            shape = tuple(lattice.shape - 1)
            cells = cells[lattice.find_crossed(cells, sampler.level)]
            cells = _join_cells(cells, sampler.seed_cells(step, shape), shape)
            if step > 2:
                cells = dilate_cells(cells, shape)
    return lattice, _list_bricks(cells, lattice)


def _sample_coarse(sampler: _Sampler) -> tuple[SparseLattice, np.ndarray, int]:
    """First lattice, its values as a grid, and its step; finer if a coarser one saw nothing."""
    step = choose_step(int(sampler.samples.max()))
    while True:
        sampler.begin(step, 0.0, 0.2)
        lattice = SparseLattice(tuple(-(-(sampler.samples + 1) // step) + 1))
        values = lattice.fill(sampler.evaluate)
        real = values[np.isfinite(values)]
        if len(real) and (real > sampler.level).any() and not (real > sampler.level).all():
            return lattice, values, step
        if step == 1 or sampler.samples.max() > _SEARCH_SAMPLES * step // 2:
            full = len(real) > 0 and bool((real > sampler.level).all())
            raise EmptyFieldError(
                "The shape fills its whole box." if full else "The network saw no shape."
            )
        step //= 2


def _choose_first_cells(lattice: SparseLattice, values: np.ndarray, level: float) -> np.ndarray:
    """Crossed cells and their neighbours, and the cells at samples that hint at a near surface.

    A sample hints when it is nearer to the level than the field changes from it to one of its
    neighbours: between samples the field may reach the level.
    """
    shape = tuple(lattice.shape - 1)
    inside = values > level
    count = sum(inside[_shift(corner, shape)].astype(np.int8) for corner in CUBE[(CUBE < 2).all(1)])
    cells = dilate_cells(np.argwhere((count > 0) & (count < 8)), shape)
    marked = np.zeros(shape, bool)
    marked[select_cells(cells)] = True
    real = np.isfinite(values)
    finite = np.where(real, values, level)
    change = np.zeros(values.shape, np.float32)
    for axis in range(3):
        ahead = [slice(None)] * 3
        behind = [slice(None)] * 3
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        ahead, behind = tuple(ahead), tuple(behind)
        both = real[ahead] & real[behind]
        size = np.where(both, np.abs(finite[ahead] - finite[behind]), 0)
        change[ahead] = np.maximum(change[ahead], size)
        change[behind] = np.maximum(change[behind], size)
    hints = np.argwhere(real & (np.abs(finite - level) < change))
    for corner in CUBE[(CUBE < 2).all(1)]:
        touching = hints - corner
        touching = touching[((touching >= 0) & (touching < shape)).all(axis=1)]
        marked[select_cells(touching)] = True
    return np.argwhere(marked)


def _join_cells(cells: np.ndarray, others: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Int64 [M, 3]: cells int [N, 3] and others, each once; as they are without others."""
    if not len(others):
        return cells
    marked = np.zeros(shape, bool)
    marked[select_cells(cells)] = True
    marked[select_cells(others)] = True
    return np.argwhere(marked)


def _shift(corner: np.ndarray, shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(int(c), int(c) + n) for c, n in zip(corner, shape, strict=True))


def _share_progress(step: int) -> list[tuple[float, float]]:
    """Spans of the progress bar for the levels after the first, each four times the one before."""
    weights = []
    while step > 1:
        weights.append(4.0 ** len(weights))
        step //= 2
    edges = 0.2 + 0.75 * np.concatenate([[0.0], np.cumsum(weights)]) / max(sum(weights), 1.0)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _list_bricks(cells: np.ndarray, lattice: SparseLattice) -> np.ndarray:
    marked = np.zeros(tuple(-(-lattice.shape // BRICK)), bool)
    marked[select_cells(cells // BRICK)] = True
    return np.argwhere(marked) * BRICK
