"""How much a layout stretches its surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stretch:
    """Of every triangle: how the surface is stretched against the plane, 1 where it is not.

    largest, smallest: float64 [T], singular values of the map from the plane to the surface,
    infinite and negative where a triangle has no area or is turned over. area: float64 [T], on the
    surface. flat, plane: complex [T, 3], as measured.
    """

    largest: np.ndarray
    smallest: np.ndarray
    area: np.ndarray
    flat: np.ndarray
    plane: np.ndarray

    @property
    def angle(self) -> np.ndarray:
        """Float64 [T]: mean change of a triangle's three angles in degrees."""
        return np.degrees(np.abs(_angles(self.flat) - _angles(self.plane)).mean(axis=1))

    def measure_l2(self, groups: np.ndarray | None = None) -> np.ndarray:
        """Float64 [G]: the L2 stretch of every group, int [T]; None: of all, [1].

        Sander, Snyder, Gortler & Hoppe 2001, Texture Mapping Progressive Meshes, section 3.
        """
        groups = np.zeros(len(self.area), np.int64) if groups is None else groups
        energy = self.area * (self.largest**2 + self.smallest**2) / 2
        total = np.maximum(np.bincount(groups, self.area), 1e-300)
        return np.sqrt(np.bincount(groups, energy) / total)

    def summarise(self) -> dict[str, float]:
        """Plain numbers: L2 and L-infinity stretch, and means weighted by area."""
        share = self.area / max(float(self.area.sum()), 1e-300)
        ratio = self.largest / np.maximum(np.abs(self.smallest), 1e-30)
        return {
            "stretch_l2": round(float(self.measure_l2()[0]), 4),
            "stretch_linf": round(float(self.largest.max()), 4),
            "stretch_ratio": round(float(share @ ratio), 4),
            "angle_error_degrees": round(float(share @ self.angle), 3),
        }


def measure_stretch(flat: np.ndarray, plane: np.ndarray) -> Stretch:
    """Stretch of triangles whose true shapes are flat, complex [T, 3], where plane, same, is their
    layout, scaled so that both have the same area altogether.
    """
    area = _cross(flat)
    scale = np.sqrt(max(float(area.sum()), 1e-300) / max(float(_cross(plane).sum()), 1e-300))
    plane = plane * scale
    p, q = plane[:, 1] - plane[:, 0], plane[:, 2] - plane[:, 0]
    a, b = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    double = 2 * _cross(plane)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The map as z -> turning * z + mirroring * conj(z).
        turning = np.abs((a * np.conj(q) - b * np.conj(p)) / double) / 2
        mirroring = np.abs((b * p - a * q) / double) / 2
    largest = np.where(double != 0, turning + mirroring, np.inf)
    smallest = np.where(double != 0, turning - mirroring, -np.inf)
    return Stretch(largest, smallest, area, flat, plane)


def _cross(corners: np.ndarray) -> np.ndarray:
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return (np.conj(one) * two).imag / 2


def _angles(corners: np.ndarray) -> np.ndarray:
    """Float64 [T, 3], negative where the triangle is turned over."""
    forward = np.roll(corners, -1, axis=1) - corners
    backward = np.roll(corners, -2, axis=1) - corners
    return np.angle(np.conj(forward) * backward)
