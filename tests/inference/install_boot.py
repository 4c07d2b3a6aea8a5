"""child.py or the worker (without a verb), for which something else is the published checkpoint.

The pin is in the code, and nothing that a user can set changes it; this script is the one way round
it, for tests. BOZZETTO_TEST_PUBLISHED: JSON, fields of `store.published.Published` that are
different; "tiny": the network has two small tensors; "crash": "convert" ends the process there.
`install_boot.py make PATH [tiny|layout|full]` writes such a checkpoint (unless it is there) and
prints its SHA-256.
"""

import dataclasses
import importlib
import importlib.util
import json
import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TINY = {
    "backbone.transformer_blocks.0.ff.weight": (4, 6),
    "decoder.layers.0.bias": (3,),
}


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shrink():
    """The network's layout is TINY from now on."""
    weights = importlib.import_module("bozzetto.inference.weights")
    layout = {key: weights.TensorSpec(shape) for key, shape in TINY.items()}
    checkpoint = importlib.import_module("bozzetto.inference.engines.triposr.checkpoint")
    checkpoint.list_tensors = lambda: layout


def patch():
    changes = json.loads(os.environ.get("BOZZETTO_TEST_PUBLISHED", "{}"))
    tiny, crash = changes.pop("tiny", False), changes.pop("crash", "")
    patience = changes.pop("patience", None)
    published = importlib.import_module("bozzetto.inference.store.published")
    published.PUBLISHED["triposr"] = dataclasses.replace(published.TRIPOSR, **changes)
    install = importlib.import_module("bozzetto.inference.store.install_child")
    convert = install._convert

    def patch_and_convert(*arguments):  # torch is imported no earlier than without this
        if tiny:
            shrink()
        if crash == "convert":
            module = importlib.import_module("bozzetto.inference.engines.triposr.convert")
            module.convert_tensor = lambda *_: os.kill(os.getpid(), signal.SIGSEGV)
        return convert(*arguments)

    install._convert = patch_and_convert
    if tiny and sys.argv[1:2] == ["checkpoint"]:
        shrink()
    install.PATIENCE = dataclasses.replace(install.PATIENCE, **(patience or {}))


def make(path, kind="tiny"):
    """Write a checkpoint. layout: all shapes, a number each in the file; full: all of it, by the
    fixtures' recipe where that is beside this checkout, else random."""
    import torch

    if Path(path).is_file():
        state = None
    elif kind == "tiny":
        state = {key: torch.full(shape, 0.25) for key, shape in TINY.items()}
    else:
        network = importlib.import_module("bozzetto.inference.engines.triposr.network")
        layout = network.list_tensors()
        state = {key: torch.full((), 0.5).expand(spec.shape) for key, spec in layout.items()}
        if kind == "full":
            recipe = load("recipe", "tests/inference/triposr_recipe.py")
            if (recipe.SHARED / "recipe.json").is_file():
                state = recipe.draw_state()
            else:
                state = {key: torch.randn(spec.shape) for key, spec in layout.items()}
    if state is not None:
        torch.save(state, path)
    return importlib.import_module("bozzetto.inference.weights").hash_file(Path(path))


if __name__ == "__main__":
    load("boot", "inference/worker_boot.py").alias_package(ROOT)
    if sys.argv[1:2] == ["make"]:
        print(make(*sys.argv[2:]))
    else:
        patch()
        if sys.argv[1:] and not sys.argv[1].startswith("--"):
            load("child", "inference/runtime/child.py").main(sys.argv[1:])
        else:
            load("boot", "inference/worker_boot.py").main()
