"""Makes unposed bodies with anny. Runs in the environment `.envs/anny` only.

    python -m bozzetto.training.generators.people.anny_runner TARGET.npz COUNT

The file holds, in metres, Z up, facing -Y:

- rest_vertices float32 [COUNT, V, 3], rest_heads float32 [COUNT, B, 3]: every body in anny's rest
  pose, and where its bones begin;
- faces int32 [F, 3]; weights float32 [V, K] and weight_bones int32 [V, K]: linear blend skinning;
- bones str [B], parents int32 [B] (-1 for the root, parents come first);
- traits float32 [COUNT, T] and trait_names str [T]: what the body was made from, 0-1.

anny: Brégier et al., "Human Mesh Modeling for Anny Body", 2025; the shapes are MakeHuman's (CC0).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

LOCAL_CHANGES_PER_BODY = 12
BATCH = 10


def sample_traits(rng: np.random.Generator, names: list[str]) -> dict[str, float]:
    """A person's traits as anny takes them: mostly adults, one in six a child.

    anny's ages: 0 a baby, 1/3 a child, 2/3 young, 1 old.
    """
    traits = {name: float(np.clip(rng.normal(0.5, 0.25), 0.02, 0.98)) for name in names}
    child = rng.random() < 1 / 6
    traits["age"] = float(rng.uniform(0.3, 0.52) if child else rng.uniform(0.56, 0.98))
    traits["gender"] = float(rng.beta(0.4, 0.4))
    return traits


def make_bodies(target: Path, count: int) -> None:
    """Write the file described above."""
    import anny
    import torch

    torch.set_num_threads(1)
    model = anny.Anny(local_changes="default", skinning_method="lbs").to(dtype=torch.float32)
    names, local_names = list(model.phenotype_labels), list(model.local_change_labels)
    people, changes = [], []
    for body in range(count):
        rng = np.random.default_rng([0xA22, body])
        people.append(sample_traits(rng, names))
        # Both sides of the body change alike.
        kinds = sorted({name.removeprefix("l-").removeprefix("r-") for name in local_names})
        chosen = rng.choice(len(kinds), LOCAL_CHANGES_PER_BODY, replace=False)
        amount = {kinds[i]: rng.uniform(-0.5, 0.5) for i in chosen}
        amounts = np.array(
            [amount.get(name.removeprefix("l-").removeprefix("r-"), 0.0) for name in local_names]
        )
        changes.append(amounts)
    vertices, heads = [], []
    for start in range(0, count, BATCH):
        some = range(start, min(start + BATCH, count))
        pose = torch.eye(4)[None, None].repeat(len(some), model.bone_count, 1, 1)
        with torch.no_grad():
            output = model(
                pose_parameters=pose,
                phenotype_kwargs={n: torch.tensor([people[i][n] for i in some]) for n in names},
                local_changes_kwargs={
                    name: torch.tensor([changes[i][k] for i in some], dtype=torch.float32)
                    for k, name in enumerate(local_names)
                },
            )
        vertices.append(output["rest_vertices"].expand(len(some), -1, -1).numpy())
        heads.append(output["rest_bone_heads"].expand(len(some), -1, -1).numpy())
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            rest_vertices=np.concatenate(vertices).astype(np.float32),
            rest_heads=np.concatenate(heads).astype(np.float32),
            faces=np.asarray(model.get_triangular_faces()).astype(np.int32),
            weights=model.vertex_bone_weights.numpy().astype(np.float32),
            weight_bones=model.vertex_bone_indices.numpy().astype(np.int32),
            bones=np.array(model.bone_labels),
            parents=np.asarray(model.bone_parents, np.int32),
            traits=np.array([[person[n] for n in names] for person in people], np.float32),
            trait_names=np.array(names),
        )
    os.replace(partial, target)


if __name__ == "__main__":
    make_bodies(Path(sys.argv[1]), int(sys.argv[2]))
