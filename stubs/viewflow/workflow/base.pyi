from collections.abc import Iterator
from typing import Any, ClassVar

class Edge:
    src: Node
    dst: Node
    edge_class: str
    label: str | None
    def __init__(
        self, src: Node, dst: Node, edge_class: str, label: str | None = None
    ) -> None: ...

class Node:
    activation_class: Any
    flow_class: Any
    task_type: str | None
    task_title: str
    name: str
    def __init__(self, activation_class: Any = None, **options: Any) -> None: ...
    def _outgoing(self) -> Iterator[Edge]: ...
    def _incoming(self) -> Iterator[Edge]: ...

class Flow:
    instance: Any
    process_class: Any
    task_class: Any
    process_title: str
    _nodes_by_name: ClassVar[dict[str, Node]]
