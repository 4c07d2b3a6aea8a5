"""What the facts that a validator gives say against a file. Standard library only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def find_fault_trimesh(facts: dict[str, Any]) -> str:
    """What `trimesh` has against a file; empty: nothing."""
    wanted = ("is_watertight", "is_winding_consistent", "is_volume")
    lacking = [name for name in wanted if not facts[name]]
    return f"not {', '.join(lacking)}" if lacking else ""


def find_fault_pymeshlab(facts: dict[str, Any]) -> str:
    """What MeshLab's topological measures have against a file."""
    names = ("boundary_edges", "non_two_manifold_edges", "non_two_manifold_vertices")
    bad = [f"{facts[name]} {name.replace('_', ' ')}" for name in names if facts[name]]
    if not bad and facts["volume"] <= 0:
        bad.append(f"volume {facts['volume']:.4g}")
    return ", ".join(bad)


def find_fault_manifold(facts: dict[str, Any]) -> str:
    """What the Manifold library has against a file."""
    if facts["status"] != "NoError":
        return str(facts["status"])
    return "" if facts["volume"] > 0 else f"volume {facts['volume']:.4g}"


def find_fault_gltf(facts: dict[str, Any]) -> str:
    """Errors of Khronos' validator."""
    if not facts["errors"]:
        return ""
    return f"{facts['errors']} errors: {', '.join(facts['codes'][:4])}"


def find_fault_slicer(facts: dict[str, Any]) -> str:
    """What PrusaSlicer repaired when it read the file."""
    faults = [f"{name} {count}" for name, count in facts["repairs"].items() if count]
    return ", ".join(faults) if faults else "" if facts["manifold"] else "not manifold"


def find_fault_slicing(facts: dict[str, Any]) -> str:
    """Whether PrusaSlicer made no G-code, or warned."""
    if not facts["sliced"]:
        return "no G-code: " + "; ".join(facts["messages"][-2:])
    return "; ".join(facts["messages"])


FINDERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "trimesh": find_fault_trimesh,
    "trimesh-glb": find_fault_trimesh,
    "pymeshlab": find_fault_pymeshlab,
    "manifold3d": find_fault_manifold,
    "gltf-validator": find_fault_gltf,
    "prusa-slicer": find_fault_slicer,
    "prusa-slicing": find_fault_slicing,
}
"""What each validator's facts have to say, by its name."""
