"""Makes the runtime anew: a Python, an environment, the pinned packages, a check, the record."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import Cancelled, OfflineError, RuntimeSetUpError
from .builds import (
    AUTOMATIC,
    CPU,
    REQUIREMENTS,
    TorchBuild,
    choose_build,
    find_fingerprint,
)
from .failures import explain_pip
from .folder import RuntimeFolder, delete_tree, find_python, measure_tree
from .interpreters import Candidate, Interpreter, find_interpreters
from .tasks import Task, check_libraries

ONLINE_FIX = (
    "Turn on Allow Online Access in Preferences > System (without a window: blender --online-mode)."
)
# Where on the bar each phase begins, measured by a set-up with torch's CPU build.
_FIND, _MAKE, _INSTALL, _UNPACK, _CHECK = 0.0, 0.02, 0.08, 0.6, 0.9
_SIZE = re.compile(r"Downloading \S+ \((?P<size>[\d.]+) (?P<unit>kB|MB|GB|bytes)")
_UNITS = {"bytes": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}


class SetUp(Task):
    """Set up, or repair: what is there serves until the new environment has passed its check.

    online: whether the network may be used; nothing is done without. python: the interpreter to
    make it from, found when None. torch: one of builds.TORCH_BUILDS. requirements, candidates:
    other packages and other interpreters to choose from, for tests.
    """

    def __init__(
        self,
        folder: RuntimeFolder,
        *,
        online: bool,
        python: Path | None = None,
        torch: str = AUTOMATIC,
        requirements: Path = REQUIREMENTS,
        candidates: Iterable[Candidate] | None = None,
    ) -> None:
        super().__init__(folder)
        self.notes: tuple[str, ...] = ()
        """What the artist should know though it went well."""
        self._online, self._python, self._torch = online, python, torch
        self._requirements, self._candidates = requirements, candidates
        self._build: TorchBuild | None = None
        self._downloaded = 0.0

    def start(self) -> None:
        """Begin. Raises RuntimeSetUpError or SettingsError where it cannot be done at all.

        That is: no network allowed, no such build of torch, a folder where nothing can be
        written, a disk without room.
        """
        if not self._online:
            raise OfflineError(
                "The libraries must be downloaded, and Blender is not allowed to go online.",
                ONLINE_FIX,
            )
        self._build = choose_build(self._torch)
        self.folder.create()
        free = shutil.disk_usage(self.folder.path).free
        if free < self._build.space:
            raise RuntimeSetUpError(
                f"Setting up needs {self._build.space / 1e9:.1f} GB on the disk of "
                f"{self.folder.path}, and {free / 1e9:.1f} GB are free.",
                "Free space there"
                + ("." if self._build.name == CPU else ", or choose torch's CPU build."),
            )
        super().start()

    def _work(self) -> None:
        record = self.folder.find_status("").record
        self.folder.sweep(keep=record.get("environment", ""))  # what a crash left behind
        name = self.folder.find_environment_name()
        environment = self.folder.path / name
        try:
            self._make(environment)
        except BaseException as error:
            delete_tree(environment)
            if isinstance(error, Cancelled):
                self.folder.drop_cache()
            raise
        self.folder.sweep(keep=name)
        self.folder.drop_cache()

    def _make(self, environment: Path) -> None:
        """All that may fail; the last step makes the environment the one in use."""
        started = time.time()
        self._say("Looking for Python", "", _FIND)
        interpreter = self._make_environment(environment)
        self._install(find_python(environment), environment)
        self._say("Checking the libraries", "Starting Python", _CHECK)
        python = find_python(environment)
        found = check_libraries(self.runner, python, self._requirements)
        self.runner.check()
        shutil.rmtree(environment / "tmp", ignore_errors=True)
        self.notes = self._compare(found)
        self.runner.check()
        self.folder.write_record(
            {
                "environment": environment.name,
                "requirements": find_fingerprint(self._requirements),
                "base": str(interpreter.candidate.program),
                "build": self._build.name,
                "build_reason": self._build.reason,
                "notes": list(self.notes),
                "size": measure_tree(environment),
                "seconds": round(time.time() - started, 1),
                "made": time.strftime("%Y-%m-%d %H:%M"),
                **found,
            }
        )

    def _make_environment(self, environment: Path) -> Interpreter:
        """An environment from the first interpreter that can make one."""
        refused: RuntimeSetUpError | None = None
        for interpreter in find_interpreters(self.runner, self._python, self._candidates):
            candidate = interpreter.candidate
            self._say("Making the environment", f"with {candidate}", _MAKE)
            answer = self.runner.run(
                candidate.program,
                *("module", "venv", str(environment)),
                prefix=candidate.arguments,
                on_line=self._say_line,
            )
            # Some embedded Pythons lack what Windows copies there, and do not say so.
            if answer.status == 0 and find_python(environment).is_file():
                return interpreter
            said = (answer.output.strip().splitlines() or ["no word"])[-1]
            refused = RuntimeSetUpError(
                f"{candidate} cannot make an environment: {said[:300]}",
                "Name another Python 3.11 in the extension's preferences.",
            )
            self.runner.write_log(str(refused))
            delete_tree(environment)
        raise refused

    def _install(self, python: Path, environment: Path) -> None:
        build = self._build
        self.runner.write_log(f"torch: the build for {build.name}, {build.reason}")
        self._say("Downloading", f"torch for {build.name}: {build.reason}", _INSTALL)
        temporary = environment / "tmp"  # the system's may be a small one in memory
        temporary.mkdir()
        arguments = ["install", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
        arguments += ["--only-binary=:all:", "--cache-dir", str(self.folder.cache)]
        arguments += ["--requirement", str(self._requirements)]
        if build.index:
            arguments += ["--extra-index-url", build.index]
        answer = self.runner.run(
            python,
            *("module", "pip", *arguments),
            on_line=self._follow_pip,
            environment={name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")},
        )
        if answer.status:
            raise explain_pip(answer)

    def _follow_pip(self, line: str) -> bool:
        """Move the bar by what pip says that it downloads."""
        if "Installing collected packages" in line:
            self._say("Unpacking", "this takes a while and says nothing", _UNPACK)
            return True
        if match := _SIZE.search(line):
            share = min(self._downloaded / self._build.download, 1.0)
            self._say("Downloading", line.strip(), _INSTALL + share * (_UNPACK - _INSTALL))
            self._downloaded += float(match["size"]) * _UNITS[match["unit"]]
            return True
        return self._say_line(line)

    def _compare(self, found: dict[str, Any]) -> tuple[str, ...]:
        """Notes where the torch that came is not the one wanted, or does not see the card."""
        build, cuda = self._build, found.get("cuda", "")
        if "torch" not in found:
            return ()
        if build.name == CPU and cuda:
            return (f"torch's build for CUDA {cuda} came instead of the smaller one for the CPU.",)
        if build.name == CPU:
            return ()
        if not cuda:
            return ("torch's build for the CPU came; the one for CUDA was not to be had.",)
        if found.get("device") == "cpu":
            return (f"torch finds no card for CUDA {cuda}: update NVIDIA's driver.",)
        return ()
