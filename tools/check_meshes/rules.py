"""The rules that every delivered mesh has to keep. Standard library only.

A rule looks at one line of results (see `make_results`), with what validators said under
"validators", and answers with an Outcome. How good a mesh has to be is written here and nowhere
else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .validators.faults import FINDERS

PASSED, FAILED = "passed", "failed"
TOLD = "told"
"""Not met, and a message to the artist says so."""
UNASKED = "not asked"
"""The rule is about something that this result was not asked to have."""
UNJUDGED = "not judged"
"""The validator is missing, or did not see this file."""

BUDGET_TOLERANCE = 0.1
QUAD_SHARE = 0.95
MAX_VOXELS, MAX_VOLUME_CHANGE = 1.0, 0.02
"""Of what repair and reshaping may change."""
STRICT_BUDGET = 20_000
"""From this budget on a reshaped mesh has to be as close to the extracted one as repair has to."""
MIRRORED = 1e-5
"""Share of the diagonal by which what is said to be symmetric may miss its mirror image."""
GROUND = 1e-4
"""Share of the diagonal by which the floor may be missed; ten times that, the ground centre."""
SIZES = (0.001, 1000.0)
"""Metres: no object of a known kind is smaller or larger."""


@dataclass(frozen=True)
class Outcome:
    """How a rule ended for a result, and why."""

    state: str
    detail: str = ""


@dataclass(frozen=True)
class Rule:
    """name: as in tables. text: what is asked. judge: from a line of results to an Outcome."""

    name: str
    text: str
    judge: Callable[[dict[str, Any]], Outcome]


def judge_result(line: dict[str, Any]) -> dict[str, Outcome]:
    """Every rule's outcome for one line. Of a result that was not made only "made" is judged."""
    if "error" in line:
        return {"made": Outcome(FAILED, line["error"])}
    return {"made": Outcome(PASSED)} | {rule.name: _judge(rule, line) for rule in RULES}


def list_failures(line: dict[str, Any]) -> dict[str, str]:
    """The rules that a line breaks, and why."""
    return {
        name: outcome.detail
        for name, outcome in judge_result(line).items()
        if outcome.state == FAILED
    }


def _judge(rule: Rule, line: dict[str, Any]) -> Outcome:
    try:
        return rule.judge(line)
    except (KeyError, TypeError, IndexError) as error:
        return Outcome(FAILED, f"the facts are incomplete: {type(error).__name__} {error}")


def _expect(good: bool, detail: str) -> Outcome:
    return Outcome(PASSED) if good else Outcome(FAILED, detail)


def _none_of(group: str, name: str, words: str) -> Callable[[dict[str, Any]], Outcome]:
    def judge(line: dict[str, Any]) -> Outcome:
        count = line["facts"][group][name]
        return _expect(count == 0, f"{count} {words}")

    return judge


def _judge_components(line: dict[str, Any]) -> Outcome:
    shells, claimed = line["facts"]["mesh"]["shells"], line["claims"]["components"]
    if shells <= max(claimed, 1):
        return Outcome(PASSED)
    text = f"{shells} shells, the field has {claimed}"
    return Outcome(TOLD if _is_told(line, "part") else FAILED, text)


def _judge_repair(line: dict[str, Any]) -> Outcome:
    claims = line["claims"]
    far, volume = claims["hausdorff_voxels"], claims["volume_change"]
    good = far <= MAX_VOXELS and abs(volume) <= MAX_VOLUME_CHANGE
    return _expect(good, f"{far:.2f} voxels, {100 * volume:+.2f} % of the volume")


def _judge_distance(line: dict[str, Any]) -> Outcome:
    if 0 < line["key"]["budget"] < STRICT_BUDGET:
        return Outcome(UNASKED)
    moved = line["facts"]["deviation"]
    good = moved["hausdorff"] <= MAX_VOXELS and abs(moved["volume_change"]) <= MAX_VOLUME_CHANGE
    text = f"{moved['hausdorff']:.2f} voxels, {100 * moved['volume_change']:+.2f} % of the volume"
    return _expect(good, text)


def _judge_budget(line: dict[str, Any]) -> Outcome:
    budget, faces = line["key"]["budget"], line["facts"]["mesh"]["faces"]
    if not budget:
        return Outcome(UNASKED)
    if abs(faces - budget) <= BUDGET_TOLERANCE * budget:
        return Outcome(PASSED)
    text = f"{faces:,} faces for a budget of {budget:,}"
    return Outcome(TOLD if _is_told(line, "budget") else FAILED, text)


def _judge_topology(line: dict[str, Any]) -> Outcome:
    topology, shares = line["key"]["topology"], line["facts"]["polygons"]
    delivered = line["claims"].get("inserted", {}).get("delivered", topology)
    if delivered != topology:
        return Outcome(TOLD if _is_told(line, topology) else FAILED, f"{delivered} instead")
    if topology == "triangles":
        return _expect(shares["triangle_share"] == 1.0, f"{shares['quad_share']:.1%} quads")
    if shares["quad_share"] >= QUAD_SHARE:
        return Outcome(PASSED)
    return Outcome(TOLD if _is_told(line, "quad") else FAILED, f"{shares['quad_share']:.1%} quads")


def _judge_symmetry(line: dict[str, Any]) -> Outcome:
    if not line["claims"].get("inserted", {}).get("symmetric"):
        return Outcome(UNASKED)
    error = line["facts"]["symmetry"]["error"]
    return _expect(error <= MIRRORED, f"a mirrored vertex is {error:.2g} of the diagonal off")


def _is_told(line: dict[str, Any], word: str) -> bool:
    return any(re.search(word, text, re.IGNORECASE) for text in line["messages"])


def _judge_floor(line: dict[str, Any]) -> Outcome:
    place = line["facts"]["placement"]
    return _expect(
        abs(place["low"][2]) <= GROUND * place["diagonal"], f"lowest z is {place['low'][2]} m"
    )


def _judge_origin(line: dict[str, Any]) -> Outcome:
    place = line["facts"]["placement"]
    middle = [(place["low"][axis] + place["high"][axis]) / 2 for axis in (0, 1)]
    good = max(abs(value) for value in middle) <= 10 * GROUND * place["diagonal"]
    return _expect(good, f"the ground centre is at {middle[0]:.4f}, {middle[1]:.4f} m")


def _judge_transforms(line: dict[str, Any]) -> Outcome:
    place = line["facts"]["placement"]
    left = [name for name in ("rotated", "scaled", "parented", "modifiers") if place[name]]
    return _expect(not left, ", ".join(left))


def _judge_size(line: dict[str, Any]) -> Outcome:
    """As large as the worker said, and as something can be."""
    place = line["facts"]["placement"]
    longest = max(place["high"][axis] - place["low"][axis] for axis in range(3))
    claimed = max(line["claims"]["dimensions"])
    good = abs(longest / claimed - 1) <= 0.01 and SIZES[0] <= longest <= SIZES[1]
    return _expect(good, f"{longest:.4f} m, {claimed:.4f} m as generated")


def _judge_name(line: dict[str, Any]) -> Outcome:
    name, wanted = line["facts"]["placement"]["name"], line["claims"]["name"]
    return _expect(re.sub(r"\.\d{3}$", "", name) == wanted, f"{name!r}, the picture is {wanted!r}")


def _judge_shading(line: dict[str, Any]) -> Outcome:
    facts = line["facts"]["shading"]
    good = not facts["flat"] and not facts["wrong_edges"]
    return _expect(good, f"{facts['flat']} flat faces, {facts['wrong_edges']} edges")


def _judge_uv(
    name: str, words: str, bad: Callable[[dict[str, Any]], float]
) -> Callable[[dict[str, Any]], Outcome]:
    def judge(line: dict[str, Any]) -> Outcome:
        uv = line["facts"]["uv"]
        if not uv["layers"]:
            return Outcome(FAILED if name == "layer" else UNASKED, "there are no UVs")
        count = bad(uv)
        return _expect(count == 0, f"{count} {words}")

    return judge


def _judge_material(line: dict[str, Any]) -> Outcome:
    facts = line["facts"]["material"]
    names = line["facts"]["colours"].get("names", [])
    faults = []
    if facts["materials"] != 1:
        faults.append(f"{facts['materials']} materials")
    elif not facts["principled"]:
        faults.append("no Principled shader at the output")
    elif not facts["sources"]:
        faults.append("nothing feeds the base colour")
    for image in facts["images"]:
        if not image["has_data"] or not image["kept"]:
            faults.append(f"the image {image['name']!r} has no pixels or is not kept")
        elif not any(image["mean"][:3]):
            faults.append(f"the image {image['name']!r} is black")
        if image["colour_space"] != "sRGB":
            faults.append(f"the image {image['name']!r} is {image['colour_space']}")
    faults += [f"no attribute {name!r}" for name in facts["attributes"] if name not in names]
    return _expect(not faults, "; ".join(faults))


def _judge_colours(line: dict[str, Any]) -> Outcome:
    facts = line["facts"]["colours"]
    if not facts["attributes"]:
        return Outcome(FAILED, "there is no colour attribute")
    good = facts["active"] and facts["rendered"] and facts["finite"]
    return _expect(bool(good), "the colour attribute is not active, not rendered or not finite")


def _judge_solid(line: dict[str, Any]) -> Outcome:
    """Solid view shows the colour: its image is the active node, or there is an attribute."""
    good = line["facts"]["material"]["solid_texture"] or line["facts"]["colours"].get("active")
    return _expect(bool(good), "neither an active image node nor a colour attribute")


def _judge_glb(line: dict[str, Any]) -> Outcome:
    facts = line["facts"]["glb"]
    good = facts["textured"] or facts["coloured"]
    return _expect(good, "the exported file has neither texture with UVs nor vertex colours")


def _judge_round_trip(kind: str) -> Callable[[dict[str, Any]], Outcome]:
    def judge(line: dict[str, Any]) -> Outcome:
        trip = line["facts"].get("round_trips", {}).get(kind)
        if trip is None:
            return Outcome(UNASKED)
        return _expect(not trip["faults"], "; ".join(trip["faults"]))

    return judge


def _judge_validator(
    name: str, find_fault: Callable[[dict[str, Any]], str]
) -> Callable[[dict[str, Any]], Outcome]:
    def judge(line: dict[str, Any]) -> Outcome:
        facts = line["validators"].get(name)
        if facts is None:
            return Outcome(UNJUDGED)
        fault = facts.get("error") or find_fault(facts)
        return _expect(not fault, fault)

    return judge


_COUNTS = (
    ("boundary edges", "boundary_edges", "boundary edges"),
    ("wire edges", "wire_edges", "wire edges"),
    ("non-manifold edges", "non_manifold_edges", "edges of three faces or more"),
    ("non-manifold vertices", "non_manifold_vertices", "vertices of two fans or more"),
    ("loose vertices", "loose_vertices", "loose vertices"),
    ("doubled faces", "doubled_faces", "faces on the corners of others"),
    ("degenerate faces", "degenerate_faces", "faces without area"),
    ("short edges", "short_edges", "edges under 1e-4 of the diagonal"),
    ("consistent normals", "flipped_edges", "edges whose faces look different ways"),
    ("outward normals", "inward_shells", "shells of negative volume"),
    ("inner shells", "nested_shells", "shells inside others"),
)
_VALIDATORS = (
    ("trimesh", ".stl: watertight, winding consistent, a volume"),
    ("trimesh-glb", ".glb: the same, vertices merged"),
    ("pymeshlab", ".stl: two-manifold, no holes, positive volume"),
    ("manifold3d", ".stl: an oriented manifold"),
    ("gltf-validator", ".glb: 0 errors"),
    ("prusa-slicer", ".stl: read without repair"),
    ("prusa-slicing", ".stl: sliced without a warning"),
)

RULES: tuple[Rule, ...] = (
    *(Rule(name, f"no {words}", _none_of("mesh", key, words)) for name, key, words in _COUNTS),
    Rule("components", "no more than the field has, or told", _judge_components),
    Rule("faithful repair", "at most 1 voxel and 2 % of volume (its own record)", _judge_repair),
    Rule("faithful shape", "the same, measured, from 20,000 faces on", _judge_distance),
    Rule("face budget", "met within 10 %, or told", _judge_budget),
    Rule("topology", "triangles only; at least 95 % quads, or told", _judge_topology),
    Rule("symmetry", "exact where it is claimed", _judge_symmetry),
    Rule("floor", "lowest z is 0", _judge_floor),
    Rule("origin", "at the ground centre", _judge_origin),
    Rule("transforms", "applied", _judge_transforms),
    Rule("size", "as generated, 1 mm to 1 km", _judge_size),
    Rule("name", "that of the picture", _judge_name),
    Rule("shading", "smooth by angle", _judge_shading),
    Rule("UV layer", "there is one", _judge_uv("layer", "", lambda uv: 0)),
    Rule("UVs inside", "in 0 to 1", _judge_uv("", "corners outside", lambda uv: uv["outside"])),
    Rule(
        "UV overlap",
        "none at 2048²",
        _judge_uv("", "cells covered twice", lambda uv: uv["overlapping_cells"]),
    ),
    Rule("UVs collapsed", "none", _judge_uv("", "triangles", lambda uv: uv["collapsed"])),
    Rule("material", "Principled, the colour wired", _judge_material),
    Rule("colour attribute", "active and rendered", _judge_colours),
    Rule("colour in Solid", "texture or attribute", _judge_solid),
    Rule("colour in .glb", "texture or vertex colours", _judge_glb),
    Rule("OBJ round trip", "the same mesh comes back", _judge_round_trip("obj")),
    Rule("FBX round trip", "the same mesh comes back", _judge_round_trip("fbx")),
    *(Rule(name, text, _judge_validator(name, FINDERS[name])) for name, text in _VALIDATORS),
)
