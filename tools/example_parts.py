"""What the example objects are made of: bars, lofts, lathed parts, and materials."""

from __future__ import annotations

import math
from collections.abc import Sequence

import bpy

Point = tuple[float, float, float]


def make_mesh(
    name: str,
    vertices: Sequence[Point],
    faces: Sequence[Sequence[int]],
    *materials: bpy.types.Material,
    smooth: int = 0,
    bevel: float = 0.0,
) -> bpy.types.Object:
    """A mesh object in the scene. smooth: levels of subdivision; bevel: width in metres."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices, [], faces)
    for material in materials:
        mesh.materials.append(material)
    item = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(item)
    if bevel:
        modifier = item.modifiers.new("Bevel", "BEVEL")
        modifier.width, modifier.segments, modifier.limit_method = bevel, 3, "ANGLE"
    if smooth:
        modifier = item.modifiers.new("Subdivision", "SUBSURF")
        modifier.levels = modifier.render_levels = smooth
    mesh.shade_smooth()
    if bevel and not smooth:
        item.modifiers.new("Normals", "WEIGHTED_NORMAL")
    return item


def make_loft(
    name: str,
    rings: Sequence[Sequence[Point]],
    *materials: bpy.types.Material,
    closed_ends: bool = True,
    **options: float,
) -> bpy.types.Object:
    """Skin over rings with the same number of points each."""
    count = len(rings[0])
    vertices = [point for ring in rings for point in ring]
    faces: list[Sequence[int]] = []
    for ring in range(len(rings) - 1):
        for point in range(count):
            following = (point + 1) % count
            a, b = ring * count + point, ring * count + following
            faces.append((a, b, b + count, a + count))
    if closed_ends:
        faces.append(tuple(reversed(range(count))))
        faces.append(tuple(range((len(rings) - 1) * count, len(rings) * count)))
    return make_mesh(name, vertices, faces, *materials, **options)


def make_bar(
    name: str,
    path: Sequence[Point],
    sizes: Sequence[tuple[float, float]],
    material: bpy.types.Material,
    *,
    axis: str = "Z",
    bevel: float = 0.004,
) -> bpy.types.Object:
    """A rectangular bar along a path that runs mainly along `axis`; sizes across it."""
    first, second = {"X": (1, 2), "Y": (0, 2), "Z": (0, 1)}[axis]
    rings = []
    for centre, (width, depth) in zip(path, sizes, strict=True):
        ring = []
        for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            corner = list(centre)
            corner[first] += u * width / 2
            corner[second] += v * depth / 2
            ring.append(tuple(corner))
        rings.append(ring)
    item = make_loft(name, rings, material, bevel=bevel)
    _turn_outward(item)
    return item


def make_box(
    name: str,
    centre: Point,
    size: Point,
    material: bpy.types.Material,
    *,
    bevel: float = 0.01,
    smooth: int = 0,
) -> bpy.types.Object:
    """A box with rounded edges."""
    x, y, z = centre
    ends = [(x, y, z - size[2] / 2), (x, y, z + size[2] / 2)]
    item = make_bar(name, ends, [size[:2], size[:2]], material, bevel=bevel)
    if smooth:
        modifier = item.modifiers.new("Subdivision", "SUBSURF")
        modifier.levels = modifier.render_levels = smooth
    return item


def make_lathe(
    name: str,
    profile: Sequence[tuple[float, float]],
    centre: Point,
    axis: str,
    *materials: bpy.types.Material,
    segments: int = 48,
    closed_ends: bool = True,
    smooth: int = 0,
) -> bpy.types.Object:
    """A body of revolution: profile of (distance along the axis, radius)."""
    order = {"X": (0, 1, 2), "Y": (1, 2, 0), "Z": (2, 0, 1)}[axis]
    rings = []
    for along, radius in profile:
        ring = []
        for step in range(segments):
            angle = 2 * math.pi * step / segments
            point = [0.0, 0.0, 0.0]
            point[order[0]] = along
            point[order[1]], point[order[2]] = radius * math.cos(angle), radius * math.sin(angle)
            ring.append(tuple(c + p for c, p in zip(centre, point, strict=True)))
        rings.append(ring)
    item = make_loft(name, rings, *materials, closed_ends=closed_ends, smooth=smooth)
    _turn_outward(item)
    return item


def make_ellipsoid(
    name: str, centre: Point, radii: Point, material: bpy.types.Material
) -> bpy.types.Object:
    """An ellipsoid."""
    profile = [
        (-math.cos(math.pi * step / 16), math.sin(math.pi * step / 16)) for step in range(1, 16)
    ]
    item = make_lathe(name, profile, (0, 0, 0), "Z", material, segments=24)
    for vertex in item.data.vertices:
        vertex.co = [c + r * v for c, r, v in zip(centre, radii, vertex.co, strict=True)]
    return item


def _turn_outward(item: bpy.types.Object) -> None:
    import bmesh

    mesh = bmesh.new()
    mesh.from_mesh(item.data)
    bmesh.ops.recalc_face_normals(mesh, faces=mesh.faces)
    mesh.to_mesh(item.data)
    mesh.free()


def make_material(
    name: str,
    colour: tuple[float, float, float],
    *,
    roughness: float = 0.5,
    metallic: float = 0.0,
    coat: float = 0.0,
    sheen: float = 0.0,
    emission: float = 0.0,
) -> bpy.types.Material:
    """A Principled material; colour linear."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    inputs = material.node_tree.nodes["Principled BSDF"].inputs
    inputs["Base Color"].default_value = (*colour, 1.0)
    inputs["Roughness"].default_value = roughness
    inputs["Metallic"].default_value = metallic
    inputs["Coat Weight"].default_value = coat
    inputs["Sheen Weight"].default_value = sheen
    if emission:
        inputs["Emission Color"].default_value = (*colour, 1.0)
        inputs["Emission Strength"].default_value = emission
    return material


def make_wood(
    name: str,
    dark: tuple[float, float, float],
    light: tuple[float, float, float],
    grain: Point,
) -> bpy.types.Material:
    """Wood with its grain along the axis whose `grain` frequency (per metre) is lowest."""
    material = make_material(name, light, roughness=0.42, coat=0.15)
    tree = material.node_tree
    principled = tree.nodes["Principled BSDF"]
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = grain
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 1.0
    noise.inputs["Detail"].default_value = 6.0
    noise.inputs["Distortion"].default_value = 0.6
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color = (*dark, 1.0)
    ramp.color_ramp.elements[1].color = (*light, 1.0)
    ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = 0.35, 0.65
    tree.links.new(coordinates.outputs["Object"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], principled.inputs["Base Color"])
    return material


def make_fabric(name: str, colour: tuple[float, float, float]) -> bpy.types.Material:
    """Woven cloth: rough, with a fine bump."""
    material = make_material(name, colour, roughness=0.9, sheen=0.3)
    tree = material.node_tree
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 260.0
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value, bump.inputs["Distance"].default_value = 0.25, 0.003
    tree.links.new(coordinates.outputs["Object"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], tree.nodes["Principled BSDF"].inputs["Normal"])
    return material


def paint(
    material: bpy.types.Material,
    colour: tuple[float, float, float],
    **ranges: tuple[float, float],
) -> None:
    """Paint a block of object space over a material: ranges by axis, such as Z=(0.2, 0.4)."""
    tree = material.node_tree
    target = tree.nodes["Principled BSDF"].inputs["Base Color"]
    below = target.links[0].from_socket if target.links else None
    coordinates = tree.nodes.get("Axes")
    if coordinates is None:
        texture = tree.nodes.new("ShaderNodeTexCoord")
        coordinates = tree.nodes.new("ShaderNodeSeparateXYZ")
        coordinates.name = "Axes"
        tree.links.new(texture.outputs["Object"], coordinates.inputs[0])
    mask = None
    for axis, (low, high) in ranges.items():
        inside = tree.nodes.new("ShaderNodeMath")
        inside.operation = "COMPARE"  # 1 where |value - middle| <= half
        tree.links.new(coordinates.outputs[axis], inside.inputs[0])
        inside.inputs[1].default_value = (low + high) / 2
        inside.inputs[2].default_value = (high - low) / 2
        if mask is None:
            mask = inside
            continue
        both = tree.nodes.new("ShaderNodeMath")
        both.operation = "MULTIPLY"
        tree.links.new(mask.outputs[0], both.inputs[0])
        tree.links.new(inside.outputs[0], both.inputs[1])
        mask = both
    mix = tree.nodes.new("ShaderNodeMixRGB")
    if below is None:
        mix.inputs[1].default_value = target.default_value
    else:
        tree.links.new(below, mix.inputs[1])
    mix.inputs[2].default_value = (*colour, 1.0)
    tree.links.new(mask.outputs[0], mix.inputs[0])
    tree.links.new(mix.outputs[0], target)
