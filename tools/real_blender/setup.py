"""Make the chroot that holds a real Blender: `python -m bozzetto.tools.real_blender.setup`.

Needs root, a Debian or Ubuntu host and its package mirror. Run again it answers at once; when it
was interrupted, packages that were already downloaded are not downloaded again.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .chroot import CHECKOUT, SUITES, Chroot, open_chroot, python_paths

DEFAULT_MIRROR = "http://deb.debian.org/debian"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ATTEMPTS = 3
LIMIT = 1200.0  # seconds that they may take together

_APT_OPTIONS = (
    'APT::Install-Recommends "false"',
    'APT::Keep-Downloaded-Packages "true"',
    'Acquire::Languages "none"',
    'Acquire::Retries "3"',
    # A mirror's snapshot or a machine's clock may be old. Signatures are checked all the same.
    'Acquire::Check-Valid-Until "false"',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false"',
)
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/doc/*")


class SetupImpossible(RuntimeError):
    """This machine cannot hold a real Blender; the text says why and what to do."""


def make_chroot(chroot: Chroot, mirror: str | None = None) -> None:
    """Make the chroot where it is missing or of other packages. Raises SetupImpossible."""
    chroot.folder.mkdir(parents=True, exist_ok=True)
    with _locked(chroot.folder / f"{chroot.suite}.lock"):
        if chroot.stamped_packages() == chroot.packages:
            return
        if os.geteuid() != 0:
            raise SetupImpossible("making a chroot needs root; run it as root")
        _install_mmdebstrap()
        fresh = chroot.folder / f"{chroot.suite}.new"
        _fill(chroot, fresh, mirror or find_mirror())
        # Else Blender warns about the mounted file systems.
        mounts = fresh / "etc/mtab"
        mounts.unlink(missing_ok=True)
        mounts.symlink_to("/proc/self/mounts")
        chroot.stamp.unlink(missing_ok=True)
        if chroot.root.exists():
            shutil.rmtree(chroot.root)
        fresh.rename(chroot.root)
        chroot.stamp.write_text(json.dumps({"packages": chroot.packages}))
        shutil.rmtree(_downloads(chroot))


def find_mirror() -> str:
    """The Debian mirror that this machine's own apt uses, else Debian's own."""
    answer = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(SITE)"],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in answer.stdout.splitlines():
        origin, label, site = [*line.split(), "", "", ""][:3]
        if (origin, label) == ("Debian", "Debian"):
            return site
    return DEFAULT_MIRROR


def _install_mmdebstrap() -> None:
    if shutil.which("mmdebstrap") and KEYRING.is_file():
        return
    if not shutil.which("apt-get"):
        raise SetupImpossible("neither mmdebstrap nor apt-get here: a Debian or Ubuntu is needed")
    say("installing mmdebstrap")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ("mmdebstrap", "debian-archive-keyring")
    for arguments in (("update",), ("install", "-y", "--no-install-recommends", *packages)):
        command = ["apt-get", "-q", *arguments]
        answer = subprocess.run(command, env=environment, capture_output=True, text=True)
        if answer.returncode:
            raise SetupImpossible(f"{' '.join(command)} failed:\n{answer.stderr[-1000:]}")


def _fill(chroot: Chroot, fresh: Path, mirror: str) -> None:
    log = chroot.folder / f"{chroot.suite}.log"
    downloads = _downloads(chroot)
    (downloads / "partial").mkdir(parents=True, exist_ok=True)
    archives = '"$1/var/cache/apt/archives"'
    options = [f"--aptopt={option}" for option in (*_APT_OPTIONS, *_host_apt_options())]
    options += [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
    options += ["--dpkgopt=path-include=/usr/share/doc/*/copyright"]
    # Downloads outlive a failed attempt in a folder of ours, seen by apt as its own.
    options += [
        "--skip=download/empty,essential/unlink,cleanup/apt/cache",
        f"--setup-hook=mkdir -p {archives} && mount --bind '{downloads}' {archives}",
        f"--customize-hook=umount {archives} && rm -f {archives}/*.deb",
    ]
    command = [
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--mount", "--propagation", "private"),
        *("--pid", "--fork", "--kill-child", "--mount-proc"),
        *("mmdebstrap", "--mode=root", "--variant=apt", "--format=directory"),
        f"--include={','.join(chroot.packages)}",
        *options,
        *(chroot.suite, str(fresh), f"deb {mirror} {chroot.suite} main"),
    ]
    say(f"making Debian {chroot.suite} from {mirror}; minutes, log: {log}")
    deadline = time.monotonic() + LIMIT
    for attempt in range(1, ATTEMPTS + 1):
        shutil.rmtree(fresh, ignore_errors=True)
        left = max(deadline - time.monotonic(), 1.0)
        with log.open("w") as output:
            try:
                done = subprocess.run(command, stdout=output, stderr=output, timeout=left)
            except subprocess.TimeoutExpired as error:
                raise SetupImpossible(f"not ready after {LIMIT:.0f} s, see {log}") from error
        if not done.returncode:
            return
        say(f"attempt {attempt} failed")
        time.sleep(5)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise SetupImpossible(f"mmdebstrap failed {ATTEMPTS} times, see {log}:\n{tail}")


def _downloads(chroot: Chroot) -> Path:
    return chroot.folder / f"{chroot.suite}.downloads"


def _host_apt_options() -> list[str]:
    """Proxy and certificate settings of the host's apt, as the mirror may need them."""
    answer = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
    wanted = ("proxy", "cainfo", "verify")
    return [
        line.rstrip(";")
        for line in answer.stdout.splitlines()
        if line.startswith(("Acquire::http", "Acquire::https"))
        and any(word in line.lower() for word in wanted)
    ]


def check_chroot(chroot: Chroot, worker_python: Path) -> dict[str, str]:
    """Versions seen inside: of Blender, and of the torch that the worker will use.

    Raises SetupImpossible with the program's own words when either does not start.
    """
    found = {}
    code = "import bpy, sys; print('FOUND', bpy.app.version_string, sys.version.split()[0])"
    blender = ["blender", "-b", "--factory-startup", "--python-expr", code]
    torch = "import sys, torch; print('FOUND', torch.__version__, sys.version.split()[0])"
    worker = [str(worker_python), "-I", "-c", torch]
    for name, arguments, shown in (
        ("blender", blender, []),
        ("torch", worker, python_paths(worker_python)),
    ):
        answer = subprocess.run(chroot.command(arguments, shown), capture_output=True, text=True)
        lines = [line for line in answer.stdout.splitlines() if line.startswith("FOUND")]
        if not lines:
            text = (answer.stdout + answer.stderr)[-1500:]
            raise SetupImpossible(f"{name} does not start in {chroot.root}:\n{text}")
        version, _, python = lines[0].removeprefix("FOUND ").rpartition(" ")
        found[name] = f"{version} (Python {python})"
    return found


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two set-ups started together make a chroot once."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """One line to the person who waits."""
    print(f"real-blender: {text}", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when Blender and torch run inside."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", choices=sorted(SUITES), default="trixie")
    parser.add_argument("--mirror", help="a Debian mirror instead of the one that apt uses")
    parser.add_argument(
        "--worker-python",
        type=Path,
        default=CHECKOUT / ".envs" / "main" / "bin" / "python",
        help="the host's interpreter that has torch",
    )
    options = parser.parse_args(arguments)
    chroot = open_chroot(options.suite)
    begin = time.monotonic()
    try:
        make_chroot(chroot, options.mirror)
        found = check_chroot(chroot, options.worker_python)
    except (SetupImpossible, FileNotFoundError) as error:
        say(f"not possible here: {error}")
        return 1
    versions = ", ".join(f"{name} {version}" for name, version in found.items())
    say(f"ready in {time.monotonic() - begin:.0f} s: {versions}, in {chroot.root}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
