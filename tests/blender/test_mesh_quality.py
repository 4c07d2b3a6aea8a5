"""What `./bozzetto check-meshes` asks of every mesh: the small version, and that it catches faults.

The measures and rules are the tool's own, from the checkout; they need nothing but Blender. The
whole version, with other people's tools, is the command itself.
"""

import importlib.util
import math
import sys
from pathlib import Path

import bmesh
import bpy
import numpy as np
import pytest
from blender_helpers import CHECKPOINT, draw_chair, part, write_png

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_meshes"
_spec = importlib.util.spec_from_file_location(
    "mesh_checks", TOOL / "__init__.py", submodule_search_locations=[str(TOOL)]
)
sys.modules["mesh_checks"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["mesh_checks"])
rules = importlib.import_module("mesh_checks.rules")
measure = importlib.import_module("mesh_checks.measure.item")
arrays = importlib.import_module("mesh_checks.measure.arrays")
uvs = importlib.import_module("mesh_checks.measure.uvs")

ANGLE = math.radians(40)
BUDGETS = (500, 2000)


def judge(
    item, *, topology="triangles", budget=0, messages=(), original=None, voxel=0.0, mirror=0.0,
    glb=None, **claims,
):  # fmt: skip
    """The rules that an object breaks."""
    facts = measure.measure_object(
        item, smooth_angle=ANGLE, original=original, voxel=voxel, mirror=mirror
    )
    facts["glb"] = glb or {"textured": True, "coloured": True}
    facts.setdefault("deviation", {"hausdorff": 0.0, "volume_change": 0.0})
    known = {"name": "box", "components": 1, "hausdorff_voxels": 0.5, "volume_change": 0.0}
    known["dimensions"] = [2.0, 2.0, 2.0]
    line = {
        "key": {"picture": "box", "engine": "pixel", "topology": topology, "budget": budget},
        "facts": facts,
        "claims": {**known, **claims},
        "messages": list(messages),
        "validators": {},
    }
    return rules.list_failures(line)


# Delivered meshes


def test_every_topology_and_budget_keeps_the_rules(tmp_path):
    """One generation by the real worker, reshaped; every fault of every result is named."""
    shapes = part("scene.shape_mesh")
    api = part("api")
    picture = write_png(tmp_path / "stool.png", draw_chair())
    item = api.generate(picture, resolution=64, checkpoint=CHECKPOINT)
    original = arrays.read_arrays(item.data)
    topologies = getattr(shapes, "TOPOLOGIES", ("triangles",))
    kept = {"name": "stool"}
    failures = {}
    for topology, budget in [("triangles", 0)] + [(t, b) for t in topologies for b in BUDGETS]:
        if budget:
            values = {"topology": topology} if len(topologies) > 1 else {}
            api.reshape(item, face_budget=budget, **values)
        (file,) = api.export(item, tmp_path / "stool.glb")
        record = api.read_record(item)["info"]
        mesh, scale = record["mesh"], record["placement"]["scale"]
        claims = {**kept, **{name: mesh[name] for name in ("components", "hausdorff_voxels")}}
        claims["inserted"] = record.get("inserted", {})
        claims |= {"volume_change": mesh["volume_change"], "dimensions": mesh["dimensions_m"]}
        found = judge(
            item,
            topology=topology,
            budget=budget,
            messages=part("operators.jobs").notes,
            glb=importlib.import_module("mesh_checks.glb").read_glb(file),
            original=original,
            voxel=record["extraction"]["cell"] * scale,
            mirror=-record["placement"]["ground"][0] * scale,
            **claims,
        )
        if found:
            failures[f"{topology} {budget or 'extracted'}"] = found
    api.release()
    assert failures == {}


# Faults: a sound box, spoilt in one way each


def make_box(cuts=4):
    """A coloured box of triangles as an insertion leaves it: each face has a cell of the square."""
    work = bmesh.new()
    bmesh.ops.create_cube(work, size=2.0)
    bmesh.ops.subdivide_edges(work, edges=work.edges, cuts=cuts, use_grid_fill=True)
    bmesh.ops.triangulate(work, faces=work.faces)
    bmesh.ops.translate(work, verts=work.verts, vec=(0, 0, 1))
    mesh = bpy.data.meshes.new("box")
    work.to_mesh(mesh)
    work.free()
    side = math.ceil(math.sqrt(len(mesh.polygons)))
    layer = mesh.uv_layers.new(name="UVMap")
    for polygon in mesh.polygons:
        row, column = divmod(polygon.index, side)
        for loop, (u, v) in zip(
            polygon.loop_indices, ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)), strict=True
        ):
            layer.uv[loop].vector = ((column + u) / side, (row + v) / side)
    colours = mesh.color_attributes.new("Colour", "BYTE_COLOR", "POINT")
    mesh.color_attributes.active_color = colours
    mesh.color_attributes.render_color_index = 0
    mesh.shade_smooth()
    mesh.set_sharp_from_angle(angle=ANGLE)
    mesh.materials.append(make_material())
    item = bpy.data.objects.new("box", mesh)
    bpy.context.scene.collection.objects.link(item)
    return item


def make_material():
    image = bpy.data.images.new("box", 4, 4)
    image.pixels.foreach_set(np.linspace(0.1, 1, 64, dtype=np.float32))
    image.pack()
    material = bpy.data.materials.new("box")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.nodes.active = node
    shader = next(one for one in tree.nodes if one.type == "BSDF_PRINCIPLED")
    tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    return material


def edit(change):
    """A spoiler from one that works on a bmesh."""

    def spoil(item):
        work = bmesh.new()
        work.from_mesh(item.data)
        work.faces.ensure_lookup_table()
        work.verts.ensure_lookup_table()
        work.edges.ensure_lookup_table()
        change(work)
        work.to_mesh(item.data)
        work.free()

    return spoil


def add_box(work, scale, place, *, inward=False):
    made = bmesh.ops.create_cube(work, size=scale)["verts"]
    bmesh.ops.translate(work, verts=made, vec=place)
    faces = list({face for vertex in made for face in vertex.link_faces})
    if inward:
        bmesh.ops.reverse_faces(work, faces=faces)
    bmesh.ops.triangulate(work, faces=faces)


def add_fin(work):
    """A third face at an edge."""
    edge = work.edges[0]
    tip = work.verts.new(edge.verts[0].co + edge.link_faces[0].normal)
    work.faces.new((*edge.verts, tip))


def double_face(work):
    """Another face on three corners, with points of its own merged back in numbers alone."""
    face = work.faces[0]
    copies = [work.verts.new(vertex.co) for vertex in face.verts]
    work.faces.new(copies)
    bmesh.ops.weld_verts(work, targetmap=dict(zip(copies, face.verts, strict=True)))


def add_bow_tie(work):
    """A tetrahedron that hangs at one vertex of the box."""
    corner = max(work.verts, key=lambda vertex: sum(vertex.co))
    a, b, c = (work.verts.new(corner.co + type(corner.co)(step)) for step in
               ((0.2, 0, 0.1), (0, 0.2, 0.1), (0.2, 0.2, 0.3)))  # fmt: skip
    for face in ((corner, b, a), (corner, a, c), (corner, c, b), (a, b, c)):
        work.faces.new(face)


def shorten(work):
    edge = work.edges[0]
    edge.verts[0].co = edge.verts[1].co + (edge.verts[0].co - edge.verts[1].co) * 1e-4


def flatten(work):
    """A triangle whose third corner lies on the opposite side: long edges, no area."""
    face = next(f for f in work.faces if all(len(v.link_faces) >= 4 for v in f.verts))
    a, b, c = face.verts
    c.co = a.co * 0.4 + b.co * 0.6


def unlink(item):
    tree = item.data.materials[0].node_tree
    tree.links.remove(next(link for link in tree.links if link.to_socket.name == "Base Color"))


def spoil_image(item):
    image = next(n.image for n in item.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE")
    image.pixels.foreach_set(np.zeros(64, np.float32))


def move_uv(item):
    item.data.uv_layers[0].uv[5].vector = (1.2, 0.5)


def stack_uvs(item):
    """The first triangle's cell is the second's, too."""
    layer = item.data.uv_layers[0].uv
    for corner in range(3):
        layer[3 + corner].vector = layer[corner].vector


def collapse_uvs(item):
    layer = item.data.uv_layers[0].uv
    for corner in range(3):
        layer[corner].vector = (0.01, 0.01)


def do(statement):
    return lambda item: exec(statement, {"bpy": bpy, "bmesh": bmesh}, {"item": item})


FAULTS = {
    "hole": (edit(lambda w: w.faces.remove(w.faces[7])), "boundary edges"),
    "inside out": (edit(lambda w: [f.normal_flip() for f in w.faces]), "outward normals"),
    "one face turned": (edit(lambda w: w.faces[7].normal_flip()), "consistent normals"),
    "inner shell": (edit(lambda w: add_box(w, 0.5, (0, 0, 1))), "inner shells"),
    "cavity": (edit(lambda w: add_box(w, 0.5, (0, 0, 1), inward=True)), "outward normals"),
    "crumb": (edit(lambda w: add_box(w, 0.1, (0, 0, 2.5))), "components"),
    "fin": (edit(add_fin), "non-manifold edges"),
    "wire": (edit(lambda w: w.edges.new((w.verts[0], w.verts.new((0, 0, 3))))), "wire edges"),
    "loose": (edit(lambda w: w.verts.new((0, 0, 1))), "loose vertices"),
    "bow tie": (edit(add_bow_tie), "non-manifold vertices"),
    "short edge": (edit(shorten), "short edges"),
    "flat face": (edit(flatten), "degenerate faces"),
    "no UVs": (do("item.data.uv_layers.remove(item.data.uv_layers[0])"), "UV layer"),
    "UVs outside": (move_uv, "UVs inside"),
    "UVs on UVs": (stack_uvs, "UV overlap"),
    "UVs collapsed": (collapse_uvs, "UVs collapsed"),
    "unwired": (unlink, "material"),
    "black": (spoil_image, "material"),
    "no material": (do("item.data.materials.clear()"), "material"),
    "no colours": (
        do("item.data.color_attributes.remove(item.data.color_attributes[0])"),
        "colour attribute",
    ),
    "lifted": (edit(lambda w: bmesh.ops.translate(w, verts=w.verts, vec=(0, 0, 0.1))), "floor"),
    "aside": (edit(lambda w: bmesh.ops.translate(w, verts=w.verts, vec=(0.1, 0, 0))), "origin"),
    "too large": (
        edit(lambda w: bmesh.ops.scale(w, verts=w.verts, vec=(1.1, 1.1, 1.1))),
        "size",
    ),
    "scaled": (do("item.scale = (2, 2, 2)"), "transforms"),
    "rotated": (do("item.rotation_euler.z = 1"), "transforms"),
    "renamed": (do("item.name = 'Cube'"), "name"),
    "flat shading": (do("item.data.shade_flat()"), "shading"),
    "no sharp edges": (edit(lambda w: [setattr(e, "smooth", True) for e in w.edges]), "shading"),
}


def test_a_sound_box_breaks_no_rule():
    item = make_box()
    assert judge(item, budget=len(item.data.polygons)) == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault):
    spoil, rule = FAULTS[fault]
    item = make_box()
    spoil(item)
    bpy.context.view_layer.update()
    assert rule in judge(item, original=None)


def test_a_face_on_the_corners_of_another_is_named():
    """Blender's editing tools refuse to make one; a broken importer does not."""
    mesh = bpy.data.meshes.new("twice")
    corners = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    mesh.from_pydata(corners, [], [(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2), (2, 1, 0)])
    facts = importlib.import_module("mesh_checks.measure.manifold").measure_manifold(
        mesh, arrays.read_arrays(mesh)
    )
    assert facts["doubled_faces"] == 1


@pytest.mark.parametrize(("budget", "broken"), [(540, False), (650, False), (500, True)])
def test_the_budget_is_met_within_a_tenth_or_told(budget, broken):
    item = make_box(cuts=6)
    assert len(item.data.polygons) == 588
    assert ("face budget" in judge(item, budget=budget)) == broken
    told = "588 faces: the budget of 500 was not reached."
    assert "face budget" not in judge(item, budget=budget, messages=[told])


def test_triangles_are_no_quads_unless_that_is_told():
    item = make_box()
    assert "topology" in judge(item, topology="quads")
    assert "topology" not in judge(item, topology="quads", messages=["Quads failed: 0 % quads."])


def test_another_topology_than_asked_for_has_to_be_told():
    item = make_box()
    claims = {"inserted": {"delivered": "voxel"}}
    assert judge(item, topology="quads", **claims)["topology"] == "voxel instead"
    told = ["No quads could be made: this is a voxel mesh."]
    assert "topology" not in judge(item, topology="quads", messages=told, **claims)


def test_what_is_said_to_be_symmetric_has_to_be():
    item = make_box()
    claims = {"inserted": {"symmetric": True}}
    assert judge(item, **claims) == {}
    edit(lambda work: setattr(work.verts[9], "co", work.verts[9].co * 1.001))(item)
    assert "symmetry" in judge(item, **claims)
    assert "symmetry" not in judge(item)


def test_a_shape_that_moved_too_far_is_named():
    item = make_box()
    original = arrays.read_arrays(item.data)
    assert judge(item, original=original, voxel=0.05) == {}
    edit(lambda work: bmesh.ops.scale(work, verts=work.verts, vec=(1, 0.9, 1)))(item)
    found = judge(item, original=original, voxel=0.05)
    assert "2.00 voxels, -10.00 % of the volume" in found["faithful shape"]
    assert "faithful shape" not in judge(item, budget=300, original=original, voxel=0.05)


def test_claims_of_a_repair_that_went_too_far_are_named():
    assert "faithful repair" in judge(make_box(), hausdorff_voxels=1.5)
    assert "faithful repair" in judge(make_box(), volume_change=-0.03)


def test_stretch_and_islands_of_a_known_unwrap():
    """Faces of their own at one density; then all twice as wide as high."""
    item = make_box(cuts=0)
    mesh = item.data
    before = uvs.measure_uvs(mesh, arrays.read_arrays(mesh))
    assert before["islands"] == len(mesh.polygons)
    assert before["seam_share"] == pytest.approx(1)
    points = np.array([tuple(v.co) for v in mesh.vertices])
    for polygon in mesh.polygons:  # flattened onto its own plane, without stretch
        a, b, c = points[list(polygon.vertices)]
        along = (b - a) / np.linalg.norm(b - a)
        across = np.cross(np.array(polygon.normal), along)
        for loop, point in zip(polygon.loop_indices, (a, b, c), strict=True):
            place = 0.03 * np.array([(point - a) @ along, (point - a) @ across])
            cell = np.array(divmod(polygon.index, 4)) / 4 + 0.05
            mesh.uv_layers[0].uv[loop].vector = place + cell
    flat = uvs.measure_uvs(mesh, arrays.read_arrays(mesh))
    assert flat["stretch"] == pytest.approx(1, abs=1e-4)
    assert flat["density"] == pytest.approx([1, 1], abs=1e-3)
    for corner in mesh.uv_layers[0].uv:
        corner.vector = (corner.vector[0] * 0.5, corner.vector[1])
    squeezed = uvs.measure_uvs(mesh, arrays.read_arrays(mesh))
    # singular values 2 and 1 at half the area: sqrt((4 + 1) / 2 / 2)
    assert squeezed["stretch"] == pytest.approx(math.sqrt(5) / 2, abs=1e-3)
