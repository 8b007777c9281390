"""Show how far a long command is: a bar in a terminal, else a line now and then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from erbm.words import count

EVERY = 5_000

Advance = Callable[[int], object]


@contextmanager
def shown(
    stream: OutputWrapper, label: str, total: int | None = None
) -> Iterator[Advance]:
    """
    Give a function to call with the number of rows just done.

    - `stream`: a command's `stderr`.
    """
    if stream.isatty():
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(stderr=True),
        )
        with bar:
            task = bar.add_task(label, total=total)
            yield lambda done: bar.advance(task, done)
    else:
        yield _lines(stream, label)


def _lines(stream: OutputWrapper, label: str) -> Advance:
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        before, done = done, done + more
        if done // EVERY > before // EVERY:
            stream.write(f"{label} : {count(done)} lignes")

    return advance
