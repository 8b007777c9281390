from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

class _State:
    def transition(
        self, *, source: Any, target: Any = ..., **options: Any
    ) -> Callable[[F], F]: ...

class Activation:
    status: _State
    task: Any
    process: Any
    def __init__(self, task: Any) -> None: ...
