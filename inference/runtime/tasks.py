"""What can be done with a runtime: set it up, check it, remove it. Each is a thread.

A task is started, looked at (`progress`), and at the end its `error` says how it went. Nothing in
here waits for a task but `wait` and `close`.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import RuntimeSetUpError
from .builds import REQUIREMENTS, read_requirements
from .failures import explain_import, explain_os_error
from .folder import RuntimeFolder, find_python
from .processes import Runner


@dataclass(frozen=True)
class Progress:
    """What a task is doing. line: the last thing it said; fraction: of the whole, 0 to 1."""

    phase: str = "Waiting"
    line: str = ""
    fraction: float = 0.0


class Task:
    """Work on a runtime's folder in a thread of its own, alone there.

    Subclasses do it in `_work`. One start per task.
    """

    logs = True
    """Whether it writes the folder's log."""

    def __init__(self, folder: RuntimeFolder) -> None:
        self.folder = folder
        self.progress = Progress()
        self.error: BaseException | None = None
        """Why it failed: a BozzettoError (Cancelled among them), or a fault of ours."""
        self.runner = Runner()
        self._thread = threading.Thread(target=self._run, name="bozzetto_runtime", daemon=True)

    def start(self) -> None:
        """Begin. Raises RuntimeSetUpError where it is clear at once that it cannot be done."""
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def cancel(self) -> None:
        """End it; its processes are gone at once, its thread tidies up."""
        self.runner.cancel()

    def close(self, seconds: float = 10.0) -> None:
        """Cancel it and wait for the tidying up, as long as `seconds`."""
        self.cancel()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def wait(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        """Wait for its end, telling about news. Raises its error."""
        told = None
        while not self.done:
            self._thread.join(0.1)
            if on_progress is not None and self.progress != told:
                told = self.progress
                on_progress(told)
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            with self.folder.lock(), self._open_log():
                self.runner.check()
                try:
                    self._work()
                except BaseException as error:
                    self.runner.write_log(f"{type(error).__name__}: {error}")
                    raise
                self._say("Done", "", 1.0)
        except OSError as error:
            self.error = explain_os_error(error)
            self.error.__cause__ = error
        except BaseException as error:
            self.error = error

    @contextlib.contextmanager
    def _open_log(self) -> Iterator[None]:
        if not self.logs:
            yield
            return
        with self.folder.log.open("a", encoding="utf-8") as log:
            self.runner.log = log
            self.runner.write_log(f"--- {type(self).__name__}, {time.strftime('%Y-%m-%d %H:%M')}")
            yield
            self.runner.log = None

    def _say(self, phase: str, line: str, fraction: float) -> None:
        if phase != self.progress.phase:
            self.runner.write_log(f"# {phase}")
        self.progress = Progress(phase, line, max(fraction, self.progress.fraction))

    def _say_line(self, line: str) -> bool:
        if line.strip():
            self.progress = replace(self.progress, line=line.strip())
        return True

    def _work(self) -> None:
        raise NotImplementedError


class Check(Task):
    """Start the runtime's Python, import every library, note what was found in its record.

    Fails with the reason where something is wrong; the runtime then counts as damaged.
    """

    def __init__(
        self, folder: RuntimeFolder, fingerprint: str, *, requirements: Path = REQUIREMENTS
    ) -> None:
        super().__init__(folder)
        self._fingerprint, self._requirements = fingerprint, requirements

    def start(self) -> None:
        """Begin. Raises RuntimeSetUpError where there is no runtime that could be checked."""
        status = self.folder.find_status(self._fingerprint)
        if not status.record:
            raise RuntimeSetUpError(
                "There is no Python set up that could be checked.", "Click Set Up."
            )
        super().start()

    def _work(self) -> None:
        record = dict(self.folder.find_status(self._fingerprint).record)
        self._say("Checking the libraries", "Starting Python", 0.1)
        python = find_python(self.folder.path / record["environment"])
        record.pop("fault", None)
        try:
            found = check_libraries(self.runner, python, self._requirements)
        except RuntimeSetUpError as error:
            self.folder.write_record({**record, "fault": error.message})
            raise
        self.folder.write_record({**record, **found})


class Removal(Task):
    """Delete the runtime, pip's downloads and the log."""

    logs = False

    def _work(self) -> None:
        self._say("Deleting", str(self.folder.path), 0.1)
        self.folder.remove()


def check_libraries(
    runner: Runner, python: Path, requirements: Path = REQUIREMENTS
) -> dict[str, Any]:
    """Import every pinned library in an environment; versions, torch's build and device.

    Raises RuntimeSetUpError naming the first that is missing, broken or of another version.
    """

    pins = read_requirements(requirements)
    pairs = [[item.name, item.module] for item in pins]
    try:
        answer = runner.run(python, "verify", json.dumps(pairs))
    except OSError as error:
        raise RuntimeSetUpError(
            f"Its Python does not start: {error.strerror or error}.", "Click Repair."
        ) from error
    facts = answer.read_json()
    if answer.status or facts is None or "versions" not in facts:
        last = (answer.output.strip().splitlines() or ["no word"])[-1]
        raise RuntimeSetUpError(
            f"Its Python fails ({answer.status}): {last[:300]}", "Click Repair."
        )
    for item in pins:
        if fault := facts["faults"].get(item.name):
            raise RuntimeSetUpError(explain_import(item.name, fault), "Click Repair.")
        if not item.accepts(facts["versions"].get(item.name, "")):
            raise RuntimeSetUpError(
                f"{item.name} is {facts['versions'].get(item.name)}, not {item.version}.",
                "Click Repair.",
            )
    facts.pop("faults")
    return facts
