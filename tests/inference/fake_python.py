"""A Python that only pretends: what tests of the runtime's set-up give to it as an interpreter.

`make_python(folder, **behaviour)` writes one. It understands what child.py is asked for; its pip
"installs" by writing a file, or fails with the words that the real one would print.
"""

import json
import sys
from pathlib import Path

_SCRIPT = r"""#!{python} -I
import json, os, shutil, subprocess, sys, time
behaviour = json.loads({behaviour!r})
here = os.path.abspath(__file__)
with open(behaviour["calls"], "a") as calls:
    calls.write(json.dumps({{"arguments": sys.argv[1:], "tmp": os.environ.get("TMPDIR"),
                             "variables": sorted(os.environ)}}) + "\n")
verb, rest = next((a, sys.argv[i + 1:]) for i, a in enumerate(sys.argv)
                  if a in ("probe", "module", "verify"))
def hang(place):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    with open(behaviour["pids"], "w") as pids:
        pids.write(f"{{os.getpid()}} {{child.pid}}")
    os.rename(behaviour["pids"], behaviour["pids"] + ".done")
    print("hanging in", place, flush=True)
    time.sleep(1000)
def act(place):
    words, status = behaviour.get(place, ["", 0])
    if words == "hang":
        hang(place)
    print(words, flush=True)
    if status < 0:
        os.kill(os.getpid(), -status)
    if status:
        sys.exit(status)
if verb == "probe":
    act("probe")
    print(json.dumps({{"version": behaviour["version"], "bits": behaviour["bits"], "machine": "x",
                       "prefix": "/", "modules": behaviour["modules"]}}))
elif verb == "verify":
    act("verify")
    print(json.dumps({{"python": "3.11.9", "versions": behaviour["versions"],
                       "faults": behaviour["faults"], **behaviour["torch"]}}))
elif rest[0] == "venv":
    act("venv")
    if behaviour["makes"]:
        os.makedirs(os.path.join(rest[1], "bin"))
        shutil.copy(here, os.path.join(rest[1], "bin", "python"))
elif rest[0] == "pip":
    cache = rest[rest.index("--cache-dir") + 1]
    os.makedirs(cache, exist_ok=True)
    open(os.path.join(cache, "wheel"), "w").close()
    print("Collecting torch==2.13.0")
    print("  Downloading torch-2.13.0-cp311-none-any.whl (100.0 MB)")
    act("pip")
    print("Installing collected packages: torch")
    open(os.path.join(os.path.dirname(here), "installed"), "w").close()
"""
VERSIONS = {"torch": "2.13.0+cpu", "numpy": "1.26.4"}
REQUIREMENTS = "torch==2.13.0 # the networks\nnumpy==1.26.4\n"


def make_python(folder: Path, name: str = "python3.11", **behaviour) -> Path:
    """Write one; its path. behaviour: probe, venv, pip, verify = [words, exit status], and more."""
    behaviour = {
        "version": [3, 11, 9],
        "bits": 64,
        "modules": {"venv": True, "ensurepip": True},
        "versions": VERSIONS,
        "faults": {},
        "torch": {"torch": "2.13.0+cpu", "cuda": "", "device": "cpu", "device_name": ""},
        "makes": True,
        "calls": str(folder / "calls"),
        "pids": str(folder / "pids"),
        **behaviour,
    }
    path = folder / name
    text = _SCRIPT.format(python=sys.executable, behaviour=json.dumps(behaviour))
    path.write_text(text)
    path.chmod(0o755)
    return path


def read_calls(folder: Path) -> list[dict]:
    """What the fake Pythons of a folder were called with."""
    path = folder / "calls"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
