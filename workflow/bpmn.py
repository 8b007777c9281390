"""Write the journey of a procedure in BPMN, for the tools that read it."""

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring
from viewflow.workflow import chart

from workflow.journeys import CaseFlow, End, Start

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PREFIXES = {
    "bpmn": MODEL,
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}


def bpmn_of(flow: type[CaseFlow]) -> str:
    """
    Return the steps of a journey as BPMN tasks, its moves as flows between them.

    A move that no step offers leaves every task of the states in which it is
    lawful. What comes after a pause is left out: it depends on what came before.
    """
    grid = chart.calc_layout_data(flow)
    grid.edges = list(_merged([*grid.edges, *_unasked(flow)]))
    chart.calc_edges(grid)
    document = fromstring(chart.grid_to_bpmn(grid))
    process = next(document.iter(_tag("process")))
    process.set("name", flow.process.title)
    process.set("isExecutable", "false")
    _name_the_ends(process, flow)
    _join(process)
    for prefix, address in PREFIXES.items():
        ElementTree.register_namespace(prefix, address)
    ElementTree.indent(document)
    return ElementTree.tostring(document, "unicode", xml_declaration=True) + "\n"


def _unasked(flow: type[CaseFlow]) -> Iterator[chart.Edge]:
    steps = flow.steps()
    offered = {move for step in steps for move in step.offers}
    for move in flow.process.moves:
        if move in offered:
            continue
        for step in steps:
            if step.waits_in & move.source:
                for node in flow.nodes_reached_by(move, step):
                    yield chart.Edge(step, node, label=move.label, edge_class="next")


def _merged(edges: Iterable[chart.Edge]) -> Iterable[chart.Edge]:
    """Draw the moves between two nodes as one: what identifies it is its nodes."""
    found: dict[tuple[object, object], chart.Edge] = {}
    for edge in edges:
        kept = found.setdefault((edge.src, edge.dst), edge)
        if edge.label and edge.label not in (kept.label or "").split(" ou "):
            kept.label = f"{kept.label} ou {edge.label}"
    return found.values()


def _name_the_ends(process: ElementTree.Element, flow: type[CaseFlow]) -> None:
    titles = {
        f"id_node_{name}": "Dossier ouvert"
        if isinstance(node, Start)
        else "Dossier terminé"
        for name, node in flow._nodes_by_name.items()
        if isinstance(node, Start | End)
    }
    for element in process:
        if title := titles.get(element.get("id", "")):
            element.set("name", title)


def _join(process: ElementTree.Element) -> None:
    """Have each node name its flows, those that viewflow does not know included."""
    for node in process:
        for name in ("incoming", "outgoing"):
            for reference in node.findall(_tag(name)):
                node.remove(reference)
    nodes = {node.get("id"): node for node in process}
    flows = process.findall(_tag("sequenceFlow"))
    for end, name in (("sourceRef", "outgoing"), ("targetRef", "incoming")):
        for flow in flows:
            reference = ElementTree.Element(_tag(name))
            reference.text = flow.get("id")
            nodes[flow.get(end)].insert(0, reference)


def _tag(name: str) -> str:
    return f"{{{MODEL}}}{name}"
