"""What the works of the demonstration look like: phases, photographs, visits."""

import datetime
import struct
import uuid
import zlib
from collections.abc import Iterator

from django.core.files.uploadedfile import SimpleUploadedFile

from erbm.communication import commands as communication
from erbm.communication.models import Occasion
from erbm.delivery import commands
from erbm.delivery.commands import Planned
from erbm.delivery.models import Phase
from erbm.demo.moments import Player
from erbm.demo.people import Cast
from erbm.operations.models import Kind, Operation
from flows.operation import State
from flows.roles import Role
from workflow.deadlines import LOCAL, start_of

SHOWN = 4
"""How many operations show their works."""

WIDTH, HEIGHT = 240, 160
VIEWS = (
    ("Façades avant travaux (image de démonstration)", (178, 92, 74)),
    ("Échafaudage en place (image de démonstration)", (196, 160, 110)),
    ("Façades isolées (image de démonstration)", (214, 204, 190)),
)


def show(cast: Cast, *, at: datetime.datetime) -> None:
    """Give some operations in progress a calendar, photographs, and a visit."""
    if Phase.objects.exists():
        return
    running = Operation.objects.filter(
        kind=Kind.REHABILITATION, case__state=State.IN_PROGRESS
    )
    found = running.select_related("case").order_by("started_on", "pk")
    for rank, operation in enumerate(found[:SHOWN]):
        player = Player(cast, operation, at)
        _plan(player)
        for caption, colour in VIEWS[: 1 + rank % len(VIEWS)]:
            _photograph(player, caption, colour)
        _invite(player, rank)


def _plan(player: Player) -> None:
    operation = player.operation
    commands.keep_schedule(
        operation_id=operation.pk,
        process=operation.process,
        phases=list(_phases(operation, player.on)),
        seen=operation.case.version,
        key=uuid.uuid4(),
        by=player.somebody(Role.OWNER),
        at=player.at,
    )


def _phases(operation: Operation, today: datetime.date) -> Iterator[Planned]:
    """Begin on the day the works did: a phase each four months, the last one late."""
    start = operation.started_on or today
    dwellings = operation.dwellings_before or 0
    names = ("Installation, désamiantage", "Toitures et façades", "Logements")
    for rank, name in enumerate(names):
        begins = start + datetime.timedelta(days=120 * rank)
        ends = begins + datetime.timedelta(days=110)
        is_last = rank == len(names) - 1
        yield Planned(
            name=name,
            planned_from=begins,
            planned_to=ends,
            dwellings=dwellings if is_last else None,
            forecast_to=ends + datetime.timedelta(days=45) if is_last else None,
            actual_from=begins if begins <= today else None,
            actual_to=ends if ends <= today and not is_last else None,
        )
    yield Planned("Logement témoin visité", start + datetime.timedelta(days=200))


def _photograph(player: Player, caption: str, colour: tuple[int, int, int]) -> None:
    operation = player.operation
    commands.add_photo(
        operation_id=operation.pk,
        process=operation.process,
        photo=commands.NewPhoto(
            caption=caption,
            taken_on=player.on,
            file=SimpleUploadedFile("chantier.png", picture(colour)),
            content_type="image/png",
        ),
        key=uuid.uuid4(),
        by=player.somebody(Role.OWNER),
        at=player.at,
    )


def _invite(player: Player, rank: int) -> None:
    """Announce a visit that took place, or an inauguration to come."""
    days, occasion = (-20, Occasion.VISIT) if rank % 2 else (40, Occasion.INAUGURATION)
    day = player.on + datetime.timedelta(days=days)
    starts = start_of(day) + datetime.timedelta(hours=10)
    communication.announce(
        operation_id=player.operation.pk,
        said=communication.Announcement(
            occasion=occasion,
            title=f"{occasion.label} (exemple inventé)",
            starts_at=starts.astimezone(LOCAL),
            ends_at=starts + datetime.timedelta(hours=2),
            place="Salle des fêtes",
            note="",
        ),
        by=player.somebody(Role.OWNER),
        at=player.at,
    )


def picture(colour: tuple[int, int, int]) -> bytes:
    """Draw a row of houses under a sky, of one colour, as a small PNG."""
    rows = b"".join(
        b"\0" + b"".join(bytes(_point(x, y, colour)) for x in range(WIDTH))
        for y in range(HEIGHT)
    )
    head = struct.pack(">2I5B", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def _point(x: int, y: int, colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the colour of a point: grass, roofs, windows, walls, or the sky."""
    across = x % 80
    roof = 60 - abs(across - 40)
    if y > 140:
        return 120, 150, 90
    if y > 70:
        is_window = across // 16 in {1, 3} and (y - 70) // 18 in {1, 3}
        return (70, 90, 110) if is_window else colour
    return (110, 60, 50) if y > 70 - roof else (190, 212, 230)
