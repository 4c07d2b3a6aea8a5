"""The example car and airplane, modelled from scratch. Metres, Z up, front towards -Y."""

from __future__ import annotations

import math

import bmesh
import bpy

from .example_parts import (
    Point,
    make_bar,
    make_box,
    make_ellipsoid,
    make_lathe,
    make_loft,
    make_material,
    paint,
)

# One row a station along the car: y, half width, underside, beltline, then half width and height
# of the upper edge (bonnet's edge or roof's edge), height of the middle.
_CAR = (
    (-2.27, 0.60, 0.36, 0.60, 0.48, 0.655, 0.67),
    (-2.20, 0.74, 0.26, 0.69, 0.60, 0.74, 0.76),
    (-1.95, 0.86, 0.20, 0.79, 0.69, 0.82, 0.85),
    (-1.40, 0.90, 0.19, 0.87, 0.72, 0.895, 0.93),
    (-0.88, 0.90, 0.19, 0.93, 0.72, 0.965, 1.00),
    (-0.10, 0.91, 0.19, 0.955, 0.59, 1.375, 1.42),
    (0.42, 0.91, 0.19, 0.965, 0.61, 1.415, 1.455),
    (0.98, 0.91, 0.19, 0.975, 0.58, 1.37, 1.41),
    (1.62, 0.90, 0.19, 0.98, 0.68, 1.035, 1.06),
    (2.00, 0.87, 0.22, 0.965, 0.66, 1.00, 1.03),
    (2.20, 0.80, 0.28, 0.90, 0.60, 0.955, 0.98),
    (2.27, 0.68, 0.38, 0.78, 0.52, 0.86, 0.88),
)
_COWL, _SCREEN, _PILLAR, _REAR = 4, 5, 6, 7
_AXLES = (-1.38, 1.36)
_WHEEL = 0.325


def build_car() -> None:
    """A four-door saloon."""
    red = make_material("Paint", (0.33, 0.02, 0.018), roughness=0.28, metallic=0.25, coat=0.9)
    glass = make_material("Glass", (0.012, 0.015, 0.018), roughness=0.05, coat=0.6)
    dark = make_material("Dark", (0.012, 0.012, 0.013), roughness=0.6)
    chrome = make_material("Chrome", (0.75, 0.76, 0.78), roughness=0.18, metallic=1.0)
    lamp = make_material("Lamp", (0.55, 0.57, 0.6), roughness=0.08, coat=1.0)
    tail = make_material("Tail lamp", (0.55, 0.01, 0.01), roughness=0.1, coat=1.0)
    for seam in (-0.72, 0.42, 1.12):
        low, high = (0.50, 0.93) if seam > 1 else (0.30, 0.93)
        paint(red, (0.02, 0.004, 0.004), Y=(seam - 0.007, seam + 0.007), Z=(low, high))
    _make_body(red, glass, dark)
    for side in (-1, 1):
        for axle in _AXLES:
            _make_wheel((0.775 * side, axle, _WHEEL), side, dark, chrome)
        make_ellipsoid("Mirror", (0.98 * side, -0.55, 1.0), (0.11, 0.06, 0.07), red)
        make_ellipsoid("Headlamp", (0.62 * side, -2.085, 0.695), (0.15, 0.12, 0.05), lamp)
        make_ellipsoid("Tail lamp", (0.66 * side, 2.14, 0.83), (0.16, 0.11, 0.07), tail)
        make_ellipsoid("Fog lamp", (0.56 * side, -2.17, 0.40), (0.09, 0.06, 0.045), dark)
        for y in (0.20, 0.98):
            make_box("Handle", (0.905 * side, y, 0.83), (0.03, 0.17, 0.028), chrome)
    make_box("Grille", (0.0, -2.235, 0.555), (0.66, 0.07, 0.11), dark, bevel=0.03)
    for z in (0.535, 0.575):
        make_box("Grille bar", (0.0, -2.268, z), (0.62, 0.012, 0.012), chrome, bevel=0.004)
    make_box("Intake", (0.0, -2.195, 0.36), (0.86, 0.1, 0.10), dark, bevel=0.03)


def _make_body(
    paint_: bpy.types.Material, glass: bpy.types.Material, dark: bpy.types.Material
) -> None:
    rings = []
    for y, width, under, belt, upper, edge, middle in _CAR:
        half = [
            (0.72 * width, under),
            (0.95 * width, under + 0.1),
            (width, 0.5 * (under + belt) + 0.04),
            (0.955 * width, belt),
            (upper, edge),
        ]
        right = [(x, y, z) for x, z in half]
        left = [(-x, y, z) for x, z in reversed(half)]
        rings.append([(0.0, y, under), *right, (0.0, y, middle), *left])
    body = make_loft("Body", rings, paint_, glass, smooth=1)
    mesh = bmesh.new()
    mesh.from_mesh(body.data)
    bmesh.ops.recalc_face_normals(mesh, faces=mesh.faces)
    crease = mesh.edges.layers.float.new("crease_edge")
    for edge in mesh.edges:  # the waistline and the roof's edge run along the car
        points = {vertex.index % 12 for vertex in edge.verts}
        if points in ({4}, {8}):
            edge[crease] = 0.6
        elif points in ({5}, {7}):
            edge[crease] = 0.3
    mesh.faces.ensure_lookup_table()
    panes = [[(_COWL, 5), (_COWL, 6)], [(_REAR, 5), (_REAR, 6)]]
    for point in (4, 7):
        panes += [[(_COWL, point), (_SCREEN, point)], [(_PILLAR, point)]]
    for number, cells in enumerate(panes, start=2):
        for station, point in cells:
            mesh.faces[station * 12 + point].material_index = number
    mesh.to_mesh(body.data)
    mesh.free()
    _smooth_once(body)
    mesh = bmesh.new()
    mesh.from_mesh(body.data)
    for number in range(2, 2 + len(panes)):
        faces = [face for face in mesh.faces if face.material_index == number]
        for face in faces:
            face.material_index = 0
        bmesh.ops.inset_region(mesh, faces=faces, thickness=0.025, depth=0.0)
        ring = bmesh.ops.inset_region(mesh, faces=faces, thickness=0.012, depth=-0.004)["faces"]
        for face in (*faces, *ring):
            face.material_index = 1
    mesh.to_mesh(body.data)
    mesh.free()
    body.data.shade_smooth()
    body.modifiers["Subdivision"].levels = body.modifiers["Subdivision"].render_levels = 2
    for axle in _AXLES:
        arch = make_lathe(
            "Arch", [(-1.2, 0.385), (1.2, 0.385)], (0.0, axle, _WHEEL + 0.01), "X", dark
        )
        well = make_lathe(
            "Arch", [(-0.62, 0.5), (0.62, 0.5)], (0.0, axle, _WHEEL + 0.01), "X", dark
        )
        # The wheel wells are on both sides; what lies between them stays.
        core = arch.modifiers.new("Core", "BOOLEAN")
        core.operation, core.object, core.solver = "DIFFERENCE", well, "EXACT"
        cut = body.modifiers.new("Arch", "BOOLEAN")
        cut.operation, cut.object, cut.solver = "DIFFERENCE", arch, "EXACT"
        cut.material_mode = "TRANSFER"
        for tool in (arch, well):
            tool.hide_render = True
            tool.display_type = "BOUNDS"


def _smooth_once(item: bpy.types.Object) -> None:
    """Replace the mesh by its subdivided self, keep the modifier."""
    graph = bpy.context.evaluated_depsgraph_get()
    item.data = bpy.data.meshes.new_from_object(item.evaluated_get(graph))


def _make_wheel(
    centre: Point, side: int, dark: bpy.types.Material, chrome: bpy.types.Material
) -> None:
    tyre = [(-0.1, 0.2), (-0.105, 0.28), (-0.08, 0.32), (-0.05, 0.325)]
    tyre += [(-along, radius) for along, radius in reversed(tyre)]
    make_lathe("Tyre", tyre, centre, "X", dark, segments=64)
    x, y, z = centre
    out = 0.1 * side
    rim = [(0.3, 0.212), (1.06, 0.218), (1.06, 0.196), (0.5, 0.186)]
    make_lathe("Rim", [(a * out, r) for a, r in rim], centre, "X", chrome, closed_ends=False)
    make_lathe("Hub", [(0.0, 0.06), (0.9 * out, 0.05), (1.0 * out, 0.03)], centre, "X", chrome)
    for spoke in range(5):
        angle = 2 * math.pi * (spoke + 0.25) / 5
        reach = []
        for radius in (0.03, 0.2):
            reach.append((x + out, y + radius * math.cos(angle), z + radius * math.sin(angle)))
        _make_spoke(reach, side, angle, chrome)


def _make_spoke(ends: list[Point], side: int, angle: float, material: bpy.types.Material) -> None:
    rings = []
    for (x, y, z), wide in zip(ends, (0.034, 0.026), strict=True):
        dy, dz = -math.sin(angle) * wide, math.cos(angle) * wide
        depth = 0.045 * side
        rings.append(
            [(x, y - dy, z - dz), (x, y + dy, z + dz), (x - depth, y + dy, z + dz),
             (x - depth, y - dy, z - dz)]
        )  # fmt: skip
    make_loft("Spoke", rings, material, bevel=0.006)


# Fuselage: y, radius, height of the middle.
_FUSELAGE = (
    (-18.45, 0.10, -0.55), (-18.25, 0.45, -0.52), (-17.6, 0.98, -0.36), (-16.6, 1.46, -0.16),
    (-15.2, 1.83, -0.03), (-13.5, 1.98, 0.0), (-6.0, 1.98, 0.0), (2.0, 1.98, 0.0),
    (9.0, 1.98, 0.0), (12.0, 1.76, 0.22), (15.0, 1.22, 0.72), (17.4, 0.62, 1.22),
    (18.5, 0.22, 1.5),
)  # fmt: skip
_AIRFOIL = (
    (0.0, 0.0), (0.03, 0.028), (0.12, 0.052), (0.32, 0.066), (0.6, 0.048), (1.0, 0.003),
    (1.0, -0.003), (0.6, -0.022), (0.32, -0.038), (0.12, -0.034), (0.03, -0.02),
)  # fmt: skip


def build_airplane() -> None:
    """A twin-engine airliner in flight."""
    white = make_material("White", (0.78, 0.79, 0.8), roughness=0.3, coat=0.5)
    grey = make_material("Grey", (0.42, 0.44, 0.46), roughness=0.35, metallic=0.2)
    blue = make_material("Blue", (0.012, 0.06, 0.2), roughness=0.3, coat=0.6)
    dark = make_material("Dark", (0.015, 0.015, 0.018), roughness=0.3)
    steel = make_material("Steel", (0.6, 0.6, 0.62), roughness=0.25, metallic=1.0)
    night = (0.015, 0.02, 0.03)
    paint(white, (0.4, 0.42, 0.44), Z=(-9.0, -0.95))
    paint(white, (0.012, 0.06, 0.2), Z=(-0.95, -0.72))
    for window in range(44):
        y = -12.6 + 0.54 * window
        paint(white, night, Y=(y, y + 0.26), Z=(0.42, 0.8))
    paint(white, night, Y=(-17.15, -16.1), Z=(0.42, 0.86))
    rings = []
    for y, radius, height in _FUSELAGE:
        turns = [2 * math.pi * step / 24 for step in range(24)]
        rings.append(
            [(radius * math.sin(t), y, height - 1.04 * radius * math.cos(t)) for t in turns]
        )
    make_loft("Fuselage", rings, white, smooth=2)
    for side in (-1, 1):
        _make_wing(
            "Wing",
            [  # x, y of the leading edge, z, chord
                (0.6, -4.6, -1.25, 7.4), (2.0, -3.7, -1.15, 6.6), (6.4, -1.2, -0.72, 4.3),
                (12.0, 1.75, -0.15, 2.75), (16.6, 4.2, 0.32, 1.55), (17.15, 4.75, 0.75, 1.2),
                (17.5, 5.6, 1.9, 0.7),
            ],
            side, grey,
        )  # fmt: skip
        _make_wing(
            "Tailplane",
            [(0.3, 13.3, 1.0, 4.0), (3.2, 14.9, 1.3, 2.7), (6.1, 16.5, 1.6, 1.5)],
            side, grey,
        )  # fmt: skip
        _make_engine((5.6 * side, -2.6, -2.25), white, steel, dark)
        make_bar(
            "Pylon",
            [(5.6 * side, -3.6, -1.35), (5.6 * side, -1.0, -0.95), (5.6 * side, 1.4, -0.9)],
            [(0.2, 0.3), (0.34, 0.75), (0.2, 0.4)],
            grey, axis="Y", bevel=0.06,
        )  # fmt: skip
    fin = [(1.2, 11.0, 6.2), (2.2, 12.1, 5.2), (4.8, 14.5, 3.7), (7.7, 17.0, 2.2)]
    rings = []
    for z, lead, chord in fin:
        rings.append([(0.9 * t * chord, lead + c * chord, z) for c, t in _symmetric()])
    make_loft("Fin", rings, blue, smooth=1)


def _symmetric() -> list[tuple[float, float]]:
    upper = [(c, abs(t)) for c, t in _AIRFOIL[:6]]
    return upper + [(c, -t) for c, t in reversed(upper[1:])]


def _make_wing(
    name: str,
    sections: list[tuple[float, float, float, float]],
    side: int,
    material: bpy.types.Material,
) -> None:
    rings = []
    for x, lead, height, chord in sections:
        ring = [(x * side, lead + c * chord, height + t * chord) for c, t in _AIRFOIL]
        rings.append(ring if side < 0 else ring[::-1])
    make_loft(name, rings, material, smooth=1)


def _make_engine(
    centre: Point,
    cowl: bpy.types.Material,
    steel: bpy.types.Material,
    dark: bpy.types.Material,
) -> None:
    shell = [(-1.2, 0.9), (-2.0, 0.93), (-2.2, 1.0), (-2.0, 1.1), (-0.8, 1.17), (0.6, 1.05),
             (1.5, 0.82), (1.5, 0.74), (0.9, 0.74)]  # fmt: skip
    make_lathe("Cowl", shell, centre, "Y", cowl, closed_ends=False, smooth=1)
    lip = [(-1.98, 0.915), (-2.17, 0.96), (-2.235, 1.0), (-2.17, 1.06), (-1.96, 1.115)]
    make_lathe("Lip", lip, centre, "Y", steel, closed_ends=False, smooth=1)
    make_lathe("Fan", [(-1.3, 0.9), (-1.25, 0.9)], centre, "Y", dark)
    make_lathe("Core", [(0.2, 0.72), (1.6, 0.5), (2.3, 0.32), (2.9, 0.04)], centre, "Y", steel)
    make_lathe("Spinner", [(-1.75, 0.03), (-1.6, 0.16), (-1.28, 0.3)], centre, "Y", steel)
