"""Where the cases of each procedure are shown, and in which words.

Each domain registers its room when it starts; a page that meets a case of any
procedure asks here which page is its own.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from erbm.cases.chapters import Chapters
from erbm.cases.dialects import Dialect
from workflow.cases import bound_processes
from workflow.models import Event, Membership
from workflow.process import Process


class UnknownRoom(LookupError):
    """No page shows the cases of this procedure."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What a case is called, as French sentences need it.

    - `the`, `to_the`, `of_the`: “l’opération”, “à l’opération”, “de l’opération”;
    - `is_feminine`: whether what is said of it takes an e.
    """

    plural: str
    the: str
    to_the: str
    of_the: str
    is_feminine: bool = False

    @property
    def opening(self) -> str:
        """The noun as a sentence begins with it."""
        return self.the[:1].upper() + self.the[1:]

    @property
    def e(self) -> str:
        return "e" if self.is_feminine else ""


@dataclass(frozen=True, eq=False)
class Room:
    """
    The pages of the cases of some procedures.

    - `namespace`: of its addresses, which have all that `erbm.cases.urls` gives;
    - `labels`: how lists name each procedure, by its own name;
    - `visible`: the subjects that memberships let one know of, read with their facts;
    - `sheet`: what builds what a person sees of one, a `sheets.CaseSheet`;
    - `variable`: what templates call a subject;
    - `list_url`: the name of the page that lists them, which may be asked for one
      `kind`, `state` or `step`, and for what is `late`;
    - `help_template`: what a page adds to what is asked of a person, if anything;
    - `has_letters`: its domain writes its own letters, of what is asked and of what is
      late; what else one is told of goes by the usual ones;
    - `dialect`: what its journal says that no other does; `chapters`: its dossier;
    - `past`: what reads, in the first events of a case, what it held then beside its
      columns; `past_template` shows it, as `held`;
    - `about`: the cases of this room that are about some operations, both by keys,
      when they are about any.
    """

    namespace: str
    labels: Mapping[str, str]
    noun: Noun
    visible: "Callable[[Collection[Membership]], QuerySet[Any]]"
    sheet: Callable[..., Any]
    variable: str
    list_url: str
    move_template: str = "cases/move.html"
    help_template: str = ""
    has_letters: bool = False
    dialect: Dialect = field(default_factory=Dialect)
    chapters: Chapters = field(default_factory=Chapters)
    past: Callable[[Sequence[Event]], Any] | None = None
    past_template: str = ""
    about: "Callable[[QuerySet[Any]], QuerySet[Any]] | None" = None

    def address(self, pk: int, name: str = "detail", *more: Any) -> str:
        """Return the address of a page of a case; of its first one unless said."""
        return reverse(f"{self.namespace}:{name}", args=[pk, *more])


_rooms: dict[str, Room] = {}


def register(room: Room) -> None:
    """Have the cases of the procedures of a room shown there."""
    for process in room.labels:
        _rooms[process] = room


def room_of(process: str) -> Room:
    """
    Return the room of a procedure.

    :raises UnknownRoom: if none shows its cases
    """
    try:
        return _rooms[process]
    except KeyError:
        raise UnknownRoom(process) from None


def rooms() -> Iterator[Room]:
    """Return every room once, in the order in which they registered."""
    return iter(dict.fromkeys(_rooms.values()))


def processes() -> list[Process]:
    """Return the procedures that have pages, in all their versions."""
    return [process for process in bound_processes() if process.name in _rooms]


def labels() -> dict[str, str]:
    """Return how lists name each procedure, by its name."""
    return {name: room.labels[name] for name, room in _rooms.items()}


def label_of(process: str) -> str:
    """Name a procedure as lists do; by its code if no room shows it."""
    return labels().get(process, process)


def dialect_of(process: str) -> Dialect:
    """Return the words of a procedure, plain ones if no room shows it."""
    room = _rooms.get(process)
    return room.dialect if room else Dialect()


def address_of(process: str, pk: int, name: str = "detail", *more: Any) -> str:
    """
    Return the address of a page of a case.

    :raises UnknownRoom: if none shows the cases of its procedure
    """
    return room_of(process).address(pk, name, *more)
