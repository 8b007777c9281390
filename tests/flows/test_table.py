"""The two procedures are those of this table, which a lawyer may read and correct.

Roles: “a / b”, one of them; “a + b”, both, in any order; “a > b”, one after the other.
"""

import pytest

from flows.operation import FINAL, State
from flows.rehabilitation import lifecycle as rehabilitation
from flows.roles import Role
from flows.subsidy import lifecycle as subsidy
from workflow.process import BACK, STAY, Rule

PROCESSES = [rehabilitation.PROCESS, subsidy.PROCESS]
TABLE = """
draft                         submit                proposed        owner
proposed                      ask_for_documents     incomplete      lead_service
incomplete                    supply_documents      proposed        owner
proposed                      declare_complete      under_review    lead_service
*consulted                    give_opinion          same            consulted
under_review                  enter_agenda          on_agenda       lead_service
on_agenda                     endorse               awaiting_copil  committee_secretary / sub_prefect
on_agenda                     adjourn               under_review    committee_secretary / sub_prefect
on_agenda                     refer_to_arbitration  arbitration     committee_secretary / sub_prefect / lead_service
on_agenda                     decline               rejected        committee_secretary / sub_prefect
arbitration                   arbitrate_for         awaiting_copil  sub_prefect
arbitration                   arbitrate_back        under_review    sub_prefect
arbitration                   arbitrate_against     rejected        sub_prefect
awaiting_copil                validate              funding         copil_state + copil_region
awaiting_copil                return_to_review      under_review    copil_state / copil_region
awaiting_copil                reject                rejected        copil_state + copil_region
funding                       return_to_copil       awaiting_copil  lead_service / project_director
funding                       confirm_funding       funded          funder
funded                        start                 in_progress     owner
in_progress                   record_progress       in_progress     owner
in_progress                   deliver               delivered       owner > lead_service
in_progress                   refuse_visa           in_progress     lead_service
delivered                     attest_settlement     same            funder
delivered                     close                 closed          lead_service
*running                      suspend               suspended       lead_service
suspended                     resume                back            lead_service
*before_funded                withdraw              withdrawn       owner
funding,funded,in_progress    abandon               abandoned       owner > sub_prefect
funding,funded,in_progress    refuse_abandonment    same            sub_prefect
funded,in_progress            extend                same            prefect
funded,in_progress            record_lapse          lapsed          prefect
rejected                      reopen                under_review    project_director
"""  # noqa: E501
SHORTHAND = {
    "*running": "draft,proposed,incomplete,under_review,on_agenda,arbitration,"
    "awaiting_copil,funding,funded,in_progress,delivered",
    "*before_funded": "draft,proposed,incomplete,under_review,on_agenda,arbitration,"
    "awaiting_copil,funding,suspended",
    "*consulted": "under_review,on_agenda,arbitration,awaiting_copil",
}
LINKS = {Rule.ANY: " / ", Rule.ALL: " + ", Rule.IN_ORDER: " > "}


def written():
    """Read the table: for each move, where from, where to, by whom."""
    rows = {}
    for line in TABLE.strip().splitlines():
        sources, move, target, by = line.split(maxsplit=3)
        assert move not in rows
        rows[move] = (set(SHORTHAND.get(sources, sources).split(",")), target, by)
    return rows


def declared(process):
    relative = {STAY: "same", BACK: "back"}
    return {
        move.name: (
            set(map(str, move.source)),
            relative.get(move.target) or str(move.target),
            LINKS[move.by.rule].join(map(str, move.by.roles)),
        )
        for move in process.moves
    }


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_the_moves_are_those_of_the_table(process):
    assert declared(process) == written()


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_the_states_lie_in_the_stages_that_the_pipeline_shows(process):
    stages = {}
    for state in State:
        stages.setdefault(process.stage_of(state), set()).add(str(state))

    assert stages == {
        "proposal": {"draft", "proposed", "incomplete", "under_review"},
        "committee": {"on_agenda", "arbitration"},
        "copil": {"awaiting_copil"},
        "funding": {"funding", "funded"},
        "delivery": {"in_progress", "delivered"},
        "end": {"closed", "rejected", "withdrawn", "abandoned", "lapsed"},
        "aside": {"suspended"},
    }
    assert process.initial == State.DRAFT
    assert process.final == FINAL


EDITS = {
    "edit_facts": ("draft incomplete", "owner"),
    "edit_plan": ("draft incomplete", "owner"),
    "correct_plan": (
        "proposed under_review on_agenda arbitration awaiting_copil funding",
        "lead_service",
    ),
    "consult": ("under_review", "lead_service"),
    "dismiss": ("under_review", "lead_service"),
    "join_act": ("rejected", "project_director"),
    "accept_conditions": (
        "on_agenda arbitration awaiting_copil funding funded in_progress",
        (
            "lead_service committee_secretary sub_prefect project_director "
            "copil_state copil_region funder"
        ),
    ),
    "keep_schedule": ("funding funded in_progress", "owner"),
    "record_notification": ("funding", "funder"),
    "record_settlement": ("in_progress delivered", "funder"),
    "record_urban_study": (
        "proposed under_review on_agenda arbitration awaiting_copil",
        "lead_service project_director",
    ),
}


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_facts_change_only_where_nothing_was_decided_on_them(process):
    edits = {edit.name: edit for edit in process.edits}

    assert set(edits) - {"add_document", "answer_request"} == set(EDITS) - (
        {"record_urban_study"} if process is subsidy.PROCESS else set()
    )
    for name in set(edits) & set(EDITS):
        states, roles = EDITS[name]
        assert edits[name].source == set(states.split())
        assert edits[name].by == set(roles.split())


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_whoever_joins_documents_works_on_the_case(process):
    joining = process.edit("add_document")

    assert not joining.source & FINAL
    assert not joining.by & {Role.AUDITOR, Role.ADMINISTRATOR, Role.COMMITTEE_MEMBER}
