"""Runs in other interpreters: `python -I child.py VERB ...`, which is one of
`probe`, `verify JSON`, `checkpoint PATH`, `install JSON`, `module NAME ...`.

Standard library only and nothing newer than Python 3.7: it also has to say that an interpreter is
too old. Its stdin is a pipe that the parent never writes to; when that closes the parent has died,
and this process ends with all that it has started.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import platform
import runpy
import signal
import sys
import threading
import types

NICENESS = 5  # Blender's window stays smooth while pip unpacks


def watch_parent() -> None:
    """End this process group when the parent's end of stdin closes."""
    kept = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)  # nobody else shall wait for that pipe
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait() -> None:
        while os.read(kept, 1):
            pass
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def probe() -> dict:
    """What decides whether an environment can be made from this interpreter."""
    modules = {name: importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip")}
    return {
        "version": list(sys.version_info[:3]),
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "machine": platform.machine(),
        "prefix": sys.base_prefix,
        "modules": modules,
    }


def verify(libraries: list) -> dict:
    """Import every library; its version or why it does not import, and torch's device.

    libraries: pairs of a distribution's name and its module's.
    """
    from importlib import metadata

    answer = {"python": platform.python_version(), "versions": {}, "faults": {}}
    for name, module in libraries:
        try:
            importlib.import_module(module)
            answer["versions"][name] = metadata.version(name)
        except Exception as error:  # a library may fail in any way; the parent explains
            answer["faults"][name] = "%s: %s" % (type(error).__name__, error)  # noqa: UP031
    if "torch" in answer["versions"]:
        answer.update(describe_torch())
    return answer


def describe_torch() -> dict:
    """torch's build, and the device that the worker will take."""
    import torch

    kinds = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
        "xpu": torch.xpu.is_available,
    }
    device = next((kind for kind, is_there in kinds.items() if is_there()), "cpu")
    torch.ones(2, device=device).sum().item()
    name = torch.cuda.get_device_name() if device == "cuda" else ""
    return {"torch": torch.__version__, "cuda": torch.version.cuda or "", "device": device,
            "device_name": name}  # fmt: skip


def load_file(name: str) -> types.ModuleType:
    """A file of `inference` that needs nothing else of it, also in an old Python."""
    from pathlib import Path

    file = Path(__file__).resolve().parents[1] / (name + ".py")
    spec = importlib.util.spec_from_file_location(name, str(file))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_part(name: str) -> types.ModuleType:
    """A module of this extension's `inference`, by its name in there."""
    from pathlib import Path

    boot = load_file("worker_boot")
    boot.alias_package(Path(__file__).resolve().parents[2])
    return importlib.import_module(boot.PACKAGE + ".inference." + name)


def look_at_checkpoint(path: str) -> dict:
    """What a file of weights is (inspect_checkpoint.py)."""
    from pathlib import Path

    return load_part("inspect_checkpoint").describe(Path(path))


def install(parameters: dict) -> dict:
    """Put published weights on the shelf (store/install_child.py), telling how far it is."""

    def tell(news: dict) -> None:
        print(json.dumps(news), flush=True)

    return load_part("store.install_child").run(parameters, tell)


def main(arguments: list) -> None:
    """Do what the first argument says; answers are one line of JSON, the last on stdout."""
    watch_parent()
    load_file("priority").lower_priority(NICENESS)
    verb, rest = arguments[0], arguments[1:]
    if verb == "module":
        sys.argv = [rest[0], *rest[1:]]
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        return
    if verb == "checkpoint":
        answer = look_at_checkpoint(rest[0])
    elif verb == "install":
        answer = install(json.loads(rest[0]))
    else:
        answer = probe() if verb == "probe" else verify(json.loads(rest[0]))
    print("\n" + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
