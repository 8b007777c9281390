from typing import Any

from viewflow.workflow.base import Node

class StartHandle(Node):
    def __init__(self, func: Any, **options: Any) -> None: ...

class End(Node): ...
