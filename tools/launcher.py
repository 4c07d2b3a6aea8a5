"""The commands of `./bozzetto`. Standard library only: it runs before any environment exists."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys

from .environments import (
    BLENDER_5_0,
    BLENDER_5_2,
    MAIN,
    ROOT,
    WEIGHTS_VARIABLE,
    SetupError,
    clean_environment,
    ensure,
    find_weights_folder,
    say,
)
from .interpreters import MissingInterpreterError

USAGE = """usage: ./bozzetto COMMAND ...

  generate IMAGE     one picture becomes out/NAME.blend, .glb, .json and a rendered strip .png
  batch FOLDER ...   the same for many pictures, with a summary, in out/batch/
  test [PYTEST ...]  lint and every test, in every version of Blender's module that can be had
  gui-test           the window's tests in real Blenders 4.3.2 and 5.2.2 (needs root on Debian);
                     --suite trixie|sid|all; screenshots in out/gui
  build              the extension's zip in dist/
  data               the training data, from pinned packages, into .data/
  train engines      train the bundled weights
  evaluate           measure reconstruction on held-out objects, against baselines
  weights WHAT       list, download triposr, import FILE, verify, remove ID: weights that do not
                     ship, in .cache/weights (or where BOZZETTO_WEIGHTS says)
  check-meshes       judge delivered meshes by other people's tools; out/check-meshes/report.md
  benchmark NAME     measure: extraction, generate, matting, photographs, rendering, surface,
                     triposr, triposr_install
  setup              make all environments now (the other commands make what they need)
  clean              remove environments and builds; data and results stay

Every command does its own set-up. Environment variables: BOZZETTO_PYTHON_3_11 and _3_13 name
interpreters by hand; PIP_EXTRA_INDEX_URL leads pip to a CPU build of torch (README)."""

# Commands that run as modules in the main environment.
MODULES = {
    "data": "bozzetto.training.data.build",
    "train": "bozzetto.training.{}.train",
    "evaluate": "bozzetto.evaluation.evaluate",
    "benchmark": "bozzetto.benchmarks.{}",
}


def main(arguments: list[str]) -> int:
    """Run one command; its exit status."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    try:
        if command in ("generate", "batch", "weights", "test", "gui-test"):
            name = {"test": "run_tests", "gui-test": "gui_test"}.get(command, command)
            return importlib.import_module(f".{name}", __package__).run(rest)
        if command == "check-meshes":
            return importlib.import_module(".check_meshes.run", __package__).run(rest)
        if command == "build":
            importlib.import_module(".build", __package__).build_extension()
            return 0
        if command in MODULES:
            return _run_module(command, rest)
        if command == "setup":
            for environment in (MAIN, BLENDER_5_0, BLENDER_5_2):
                ensure(environment)
            return 0
        if command == "clean":
            for folder in (".envs", "build", "dist"):
                shutil.rmtree(ROOT / folder, ignore_errors=True)
            return 0
    except (SetupError, MissingInterpreterError) as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("stopped")
        return 130
    print(USAGE)
    return 0 if command in ("help", "-h", "--help") else 2


def _run_module(command: str, rest: list[str]) -> int:
    module = MODULES[command]
    if "{}" in module:
        if not rest or not rest[0].isidentifier():
            print(USAGE)
            return 2
        module, rest = module.format(rest[0]), rest[1:]
    python = ensure(MAIN)
    environment = clean_environment(**{WEIGHTS_VARIABLE: find_weights_folder()})
    return subprocess.run([str(python), "-m", module, *rest], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
