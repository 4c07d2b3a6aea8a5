"""The model card and the list of everyone whose models the weights were trained on."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from .pack import Pack

FAILS = """\
- Shapes far from the training data (another kind of object, an unusual design) come out as a blend
  of the nearest training shapes, not as what the picture shows.
- Thin parts (chair legs, lamp stems, struts, aerials) break or thicken.
- The back is a guess from what such objects usually look like.
- The silhouette is not kept: the network answers in the object's own pose, not along the picture's
  rays.
"""


def write_card(
    path: Path,
    pack: Pack,
    metadata: dict[str, Any],
    record: dict[str, Any],
    curve: list[dict[str, Any]],
) -> None:
    """The model card, every figure taken from the export's own measurements."""
    figures, training = metadata["figures"], metadata["training"]
    architecture = metadata["architecture"]
    text = f"""# imnet.safetensors

Picture to shape for {", ".join(pack.names)}.

A residual image encoder (ResNet-18, {architecture["image_base"]} channels wide at first; 128x128,
grey over white and alpha) gives a latent of {architecture["latent"]} numbers and the class. The
decoder unfolds the latent into three planes of {architecture["planes"]} features; a point reads
them and two layers of {architecture["decoder"][0]} give its occupancy. After Chen and Zhang,
"Learning Implicit Fields for Generative Shape Modeling", CVPR 2019, with the planes of Peng et al.,
"Convolutional Occupancy Networks", ECCV 2020. Trained from scratch for this project; no published
weights went in.

- {record["bytes"] / 1e6:.2f} MB, float16; SHA-256 `{record["sha256"]}`
- Object space: Z up, faces -Y, box centred, box diagonal 1. Level by class:
  {", ".join(f"{name} {level}" for name, level in metadata["levels"].items())};
  otherwise {metadata["level"]}. Pull {metadata["pull"]} (share of the way from the encoded latent
  to its nearest training latents). Chosen on the validation split.
- {metadata["bank"]} latents are in the file, of every training object (the mean of its pictures'),
  with their classes and real sizes: size, "pull" and the classes that an artist chooses use them.

## Training

{training["objects"]} objects, {training["shapes"]} shapes with deformed variants,
{training["views"]} pictures. Auto-encoder on 16^3, 32^3, 64^3 samples, then the picture encoder and
the decoder together on the error of the decoded occupancy, left-right mirrored half of the time.
{_training_lines(training)}

{_curve_table(curve)}

## Figures

Mean IoU on the 64^3 grid's cell centres (every second, from pictures every fourth, along each axis)
over the validation split, which also chose levels, pull and temperature, so these are a little too
good. The test split was not touched. From pictures: 3 views of each object by the training
renderer. The auto-encoder's figures are those of phase 1, whose decoder phase 2 trained on.
`./bozzetto train imnet --phase export` measures them.

| class | pictures | auto-encoder | from a picture | mean shape of the true class |
|-|-|-|-|-|
{_figure_rows(figures)}

The right class is named for {figures["class_accuracy"]:.0%} of the pictures. {_compare(figures)}

## What fails

{FAILS}
## Data and licence

{_source_table(pack)}

Our position on the weights' licence: they contain no mesh, texture or picture, and nothing of an
author's expression can be read back out of them; we hold them to be no adaptation of the objects
they were trained on. We give them under GPL-3.0-or-later, like the extension, and credit every
source and author in ATTRIBUTION beside this file, as if attribution were due. Whether a court
would see it so is not settled. Some packages are under share-alike terms (CC-BY-SA-3.0, which is
not compatible with the GPL, and GPL-2 or later); whoever wants weights without them leaves these
packages out of the pack (`./bozzetto data --sources ...`) and trains anew. Meshes that an artist
makes with the weights are the artist's; we claim nothing in them.
"""
    path.write_text(text, encoding="utf-8")


def write_attribution(path: Path, pack: Pack) -> None:
    """Sources and authors of the training objects, by licence, with the objects' names."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    made: Counter[tuple[str, str, str]] = Counter()
    for row in pack.rows["train_original"]:
        item = pack.objects[row]
        key = (item["package"], item["licence"], item.get("author") or "author not named")
        names = groups[key]
        if item.get("generated"):
            made[key] += 1
        else:
            names.append(item["name"])
    lines = [
        "Objects that the bundled weights were trained on, by package, licence and author. None of",
        "them is distributed here. Of generators only the number of shapes is given.",
        "",
    ]
    for key, names in sorted(groups.items()):
        lines.append(" | ".join(key))
        if made[key]:
            lines.append(f"    {made[key]} generated shapes")
        lines += [f"    {name}" for name in sorted(set(names))]
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")


def _training_lines(training: dict[str, Any]) -> str:
    lines = []
    if "autoencoder" in training:
        found = training["autoencoder"]
        lines.append(f"- Auto-encoder: {found['steps']} steps in {found['minutes']:.0f} minutes.")
    if "pictures" in training:
        found = training["pictures"]
        lines.append(
            f"- Picture encoder and decoder: {found['pictures']} pictures over all runs, the last "
            f"one {found['steps']} steps in {found['minutes']:.0f} minutes."
        )
    return "\n".join(lines) + "\nOn two processor cores, part of the time shared with other work."


def _curve_table(curve: list[dict[str, Any]]) -> str:
    rows = [
        "| phase | minutes | steps | IoU training objects | IoU validation objects |",
        "|-|-|-|-|-|",
    ]
    for phase in ("autoencoder", "pictures"):
        lines = [line for line in curve if line["phase"] == phase]
        places = sorted({round(i * (len(lines) - 1) / 5) for i in range(6)}) if lines else []
        rows += [
            f"| {phase} | {line['minutes']:.1f} | {line['steps']} | {line['iou_train']:.3f} "
            f"| {line['iou_validation']:.3f} |"
            for line in (lines[place] for place in places)
        ]
    return "\n".join(rows)


def _figure_rows(figures: dict[str, Any]) -> str:
    pictures, mean = figures["pictures"], figures["mean_shape"]
    encoder = figures.get("autoencoder", {"classes": {}, "mean": float("nan")})
    nothing = float("nan")
    rows = [
        f"| {name} | {count} | {encoder['classes'].get(name, nothing):.3f} | "
        f"{pictures['classes'][name]:.3f} | {mean['classes'].get(name, nothing):.3f} |"
        for name, count in pictures["counts"].items()
    ]
    total = sum(pictures["counts"].values())
    rows.append(
        f"| **all** | {total} | **{encoder['mean']:.3f}** | **{pictures['mean']:.3f}** | "
        f"**{mean['mean']:.3f}** |"
    )
    return "\n".join(rows)


def _compare(figures: dict[str, Any]) -> str:
    """Where the network does not beat a baseline that is told the class."""
    pictures, mean = figures["pictures"]["classes"], figures["mean_shape"]["classes"]
    worse = [name for name in pictures if pictures[name] <= mean.get(name, 0.0)]
    if not worse:
        return "Every class does better than the mean shape of the true class."
    return (
        "No better than the mean training shape of the true class, which the network is not told: "
        f"{', '.join(worse)}."
    )


def _source_table(pack: Pack) -> str:
    counts = Counter(
        (pack.objects[row]["package"], pack.objects[row]["licence"])
        for row in pack.rows["train_original"]
    )
    rows = ["| package | licence | training objects |", "|-|-|-|"]
    rows += [f"| {package} | {licence} | {n} |" for (package, licence), n in sorted(counts.items())]
    return "\n".join(rows)
