"""The strip: five panels, made without a trace in the file it shows."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from bozzetto.tools.render_strip import CAPTION, PANEL, PAPER

# An object that can be told from every side: red in front (-Y), green on the right (+X), blue
# behind. Rendered in a process of its own, because Cycles keeps state of its own.
SCRIPT = """
import json, sys
import bpy
from bozzetto.tools import render_strip
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.mesh.primitive_cube_add(size=2.0, location=(3.0, 4.0, 5.0))
item = bpy.context.object
for colour in ((1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)):
    material = bpy.data.materials.new("side")
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = colour
    item.data.materials.append(material)
for face in item.data.polygons:
    x, y, z = face.normal
    face.material_index = 0 if y < -0.5 else 2 if y > 0.5 else 1
item.hide_render = True
def take_stock():
    kinds = ("scenes", "objects", "meshes", "cameras", "lights", "worlds", "images", "materials")
    return {kind: sorted(b.name for b in getattr(bpy.data, kind)) for kind in kinds} | {
        "hidden": item.hide_render, "scene": bpy.context.scene.name,
        "linked": [c.name for c in item.users_collection]}
render_strip.PANEL, render_strip.SAMPLES = 96, 2
before = take_stock()
render_strip.render_strip(item, sys.argv[1], sys.argv[2])
print("STOCK", json.dumps([before, take_stock()]))
"""


@pytest.fixture(scope="module")
def strip(pictures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("strip")
    picture, out = folder / "стул.png", folder / "out.png"
    pictures.draw_cutout().save(picture)
    command = [sys.executable, "-c", SCRIPT, str(picture), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    stock = next(line for line in done.stdout.splitlines() if line.startswith("STOCK"))
    with Image.open(out) as image:
        return np.asarray(image.convert("RGB"), np.int32), json.loads(stock[6:])


def test_nothing_is_left_behind(strip):
    before, after = strip[1]
    assert before == after


def test_panels_show_picture_front_side_and_back(strip):
    pixels = strip[0]
    side = 96
    assert pixels.shape == (side + CAPTION, 5 * side, 3)
    panels = [pixels[:side, n * side : (n + 1) * side] for n in range(5)]
    for number, strongest in ((1, 0), (3, 1), (4, 2)):  # front, side, back
        centre = panels[number][40:60, 40:56].reshape(-1, 3).mean(axis=0)
        assert centre.argmax() == strongest, (number, centre)
        assert centre.max() > 2 * np.sort(centre)[1]
    quarter = panels[2].reshape(-1, 3)  # sees front and right side
    assert ((quarter[:, 0] > 2 * quarter[:, 1]) & (quarter[:, 0] > 90)).sum() > 100
    assert ((quarter[:, 1] > 2 * quarter[:, 0]) & (quarter[:, 1] > 60)).sum() > 100
    assert tuple(panels[1][1, 2]) == PAPER  # no floor or sky, paper


def test_views_are_wholly_in_the_frame(strip):
    for number in range(1, 5):
        panel = strip[0][:96, number * 96 : (number + 1) * 96]
        vivid = np.ptp(panel, axis=2) > 60
        rows, columns = np.flatnonzero(vivid.any(axis=1)), np.flatnonzero(vivid.any(axis=0))
        assert rows[0] > 2
        assert rows[-1] < 93
        assert columns[0] > 2
        assert columns[-1] < 93


def test_panels_are_large_enough_to_judge_a_mesh():
    assert PANEL >= 256


def test_missing_object_is_named(tmp_path, pictures):
    picture = tmp_path / "a.png"
    pictures.draw_cutout().save(picture)
    script = (
        "import bpy, sys; bpy.ops.wm.read_factory_settings(use_empty=True);"
        "bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1]);"
        "from bozzetto.tools.render_strip import main;"
        "sys.exit(main([sys.argv[1], '--picture', sys.argv[2], '--out', sys.argv[3]]))"
    )
    paths = [str(tmp_path / "empty.blend"), str(picture), str(tmp_path / "out.png")]
    done = subprocess.run(
        [sys.executable, "-c", script, *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Name one mesh object" in done.stderr
