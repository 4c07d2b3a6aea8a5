"""What is asked for in the window, what went wrong, and what is still to come.

Names and session uids, never references to Blender's data: undo, file load and deletion may happen
at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from ..inference.job import Job
from ..inference.settings import GenerateSettings
from ..scene.preparation import Preparation


class Listener(Protocol):
    """Who asks for several jobs, and shows by himself what comes of them."""

    def computed(self, request: Request) -> None:
        """Called when the worker is done with it; the result waits for its insertion."""

    def prepare(self, request: Request) -> None:
        """Called before the insertion; may complete its properties."""

    def ended(self, request: Request) -> None:
        """Called when the request is at its end: item_uid or error is set."""


@dataclass(eq=False)
class Request:
    """One job of the window and what its insertion needs to know.

    selection: what was selected and active at the click. modal: operators that ran then and
    therefore are no drag. insertion: properties for `bozzetto.insert_result`. preparation: what
    becomes of the worker's mesh before it. listener: is told instead of the panel. At the end one
    of these is set: item_uid, session uid of the inserted object; or error, Cancelled included.
    """

    job: Job
    picture: dict[str, Any]
    scene_uid: int
    selection: tuple[frozenset[int], int]
    modal: frozenset[str]
    insertion: dict[str, Any] = field(default_factory=dict)
    listener: Listener | None = None
    preparation: Preparation | None = None
    item_uid: int = 0
    error: BaseException | None = None

    @property
    def current(self) -> Job:
        """The job that shows how far it is."""
        coat = self.preparation.job if self.preparation is not None else None
        return coat or self.job

    def end(self, *, item_uid: int = 0, error: BaseException | None = None) -> None:
        """Set what came of it, and tell the listener."""
        self.item_uid, self.error = item_uid, error
        if self.listener is not None:
            self.listener.ended(self)


@dataclass(frozen=True)
class Failure:
    """The last error, for the panel. report: text to copy.

    settings, picture: of the generation that failed, where it was one.
    """

    error: BaseException
    message: str
    fix: str
    report: str
    settings: GenerateSettings | None = None
    picture: dict[str, Any] | None = None


@dataclass(eq=False)
class Later:
    """A mesh whose other topology takes long: its object changes when it is there.

    properties: for `bozzetto.insert_result`. modal: as of a Request.
    """

    preparation: Preparation
    properties: dict[str, Any]
    modal: frozenset[str]
