"""A loan as its rules have it: a model written without the engine, and without a clock.

People, roles and moves are plain words here, and a day is a number.
"""

from dataclasses import dataclass, field

REASON = {"reason": "Pour une raison."}
SIGN = {"confirmed_at": None}
UNTIL = {"inputs": {"until": "2026-03-20"}}
ADVISE = {"inputs": {"view": "no"}}
# Lena may ask as well as lend: four eyes must keep her from doing both.
PEOPLE = {
    "rose": {"reader"},
    "lena": {"librarian", "reader"},
    "leo": {"librarian"},
    "denis": {"director"},
    "marie": {"mayor"},
    "ada": {"adviser"},
    "gus": {"adviser"},
    "elsa": set(),
}
# Where those who advise sit: the guild is asked only if somebody invites it.
PLACES = {"ada": "wise", "gus": "guild"}
# move: who makes it, what she says, from where, to where
MOVES = {
    "ask": ("reader", {}, {"wished"}, "asked"),
    "lend": ("librarian", UNTIL, {"asked"}, "lent"),
    "refuse": ("librarian", REASON, {"asked"}, "refused"),
    "send_back": ("librarian", REASON, {"asked"}, "wished"),
    "advise": ("adviser", ADVISE, {"asked", "lent"}, None),
    "renew": ("librarian", {}, {"lent"}, "lent"),
    "contest_return": ("librarian", REASON, {"lent"}, "lent"),
    "freeze": ("librarian", REASON, {"asked", "lent"}, "frozen"),
    "thaw": ("librarian", {}, {"frozen"}, None),
    "take_back": ("director", REASON, {"given"}, "asked"),
    "reopen": ("director", REASON, {"refused"}, "asked"),
}
SIGNED = {
    "return": (["reader", "librarian"], {}, {"lent"}, "returned"),
    "give": (["director", "mayor"], SIGN, {"asked", "lent"}, "given"),
}
ANSWERS = {"lend", "refuse", "send_back"}
STEPS = {"wished": {"wish"}, "lent": {"home"}, "frozen": {"thaw"}}
RUNGS = (-1, 0, 2)


@dataclass
class Town:
    """What the people share: the day, and who is away from when to when."""

    day: int = 0
    absences: list = field(default_factory=list)

    def held(self, person):
        """Return the roles of a person, and in whose name she holds each."""
        held = dict.fromkeys(PEOPLE[person])
        for principal, substitute, first, last in self.absences:
            if substitute == person and first <= self.day <= last:
                for role in PEOPLE[principal]:
                    held.setdefault(role, principal)
        return held

    def advises(self, person):
        """Return where a person advises, and in whose name, first in her own."""
        away = [
            principal
            for principal, substitute, first, last in self.absences
            if substitute == person and first <= self.day <= last
        ]
        found = {PLACES[person]: None} if person in PLACES else {}
        for principal in away:
            if principal in PLACES:
                found.setdefault(PLACES[principal], principal)
        return found

    def may_be_replaced(self, principal, substitute, days):
        return principal != substitute and not any(
            away == principal and last >= self.day and first <= self.day + days
            for away, _, first, last in self.absences
        )


@dataclass
class Desk:
    """What the librarians are asked, while they are."""

    due: int
    rung: int = 0
    stopped_on: int | None = None
    owner: str | None = None
    is_prepared: bool = False


@dataclass
class Advice:
    """What advisers are asked: never again, once answered or out of time."""

    due: int
    is_given: bool = False
    closed_on: int | None = None

    @property
    def is_over(self):
        return self.is_given or (self.closed_on or 0) > self.due


@dataclass
class Rules:
    """A loan."""

    town: Town
    state: str = "wished"
    back: str = ""
    version: int = 1
    frozen_on: int = 0
    rang: int = 0
    signatures: dict = field(default_factory=dict)
    asked_by: set = field(default_factory=set)
    away: set = field(default_factory=set)
    told: list = field(default_factory=list)
    desk: Desk | None = None
    parties: set = field(default_factory=lambda: {"wise"})
    advice: dict = field(default_factory=dict)

    # Who may

    def held(self, person):
        """Return the roles of a person on the loan, and in whose name each."""
        held = self.town.held(person)
        held.pop("adviser", None)
        if (place := self._advises(person)) is not None:
            held["adviser"] = self.town.advises(person)[place]
        return held

    def _advises(self, person):
        """Return where a person would advise: where it is awaited, else her own."""
        places = [one for one in self.town.advises(person) if one in self.parties]
        asked = [one for one in self.advice if one in self.awaiting]
        principals = self.town.advises(person)
        mine = sorted(
            (one for one in asked if one in places),
            key=lambda one: principals[one] is not None,
        )
        return next(iter([*mine, *places]), None)

    @property
    def awaiting(self):
        """Return where advice is awaited."""
        asked = self.state == "asked"
        return {p for p, one in self.advice.items() if asked and one.closed_on is None}

    def may(self, move, person, *, by_all_eyes=True):
        """Tell whether a person may make a move, or could but for her four eyes."""
        roles, _, source, _ = SIGNED.get(move) or _one(move)
        role, people = self._acting(move, person)
        return (
            self.state in source
            and bool({*roles} & self.held(person).keys())
            and role is not None
            and not (by_all_eyes and people & self._seen_by(move))
            and not (move == "contest_return" and "return" not in self.signatures)
            and not (move in ANSWERS and self.desk.owner not in {None, *people})
            and not (move == "lend" and not self._is_advised())
            and not (move == "advise" and self._has_advised(person))
        )

    def _has_advised(self, person):
        one = self.advice.get(self._advises(person))
        return one is None or one.is_given

    def _acting(self, move, person):
        """Return the role in which a person would act, and whom that engages."""
        roles = SIGNED[move][0] if move in SIGNED else _one(move)[0]
        signed = [role for role, _ in self.signatures.get(move, [])]
        left = [role for role in roles if role not in signed]
        if move == "return":
            left = left[:1]
        held = self.held(person)
        mine = sorted((r for r in left if r in held), key=lambda r: held[r] is not None)
        role = mine[0] if mine else None
        return role, {person, held.get(role)} - {None}

    def _seen_by(self, move):
        """Return those of whom another pair of eyes is wanted, acting or replaced."""
        signed = {p for _, people in self.signatures.get(move, []) for p in people}
        return self.away | signed | (self.asked_by if move == "lend" else set())

    @property
    def concerned(self):
        """Return all those who did something that bars them from something else."""
        return sorted(set().union(self.asked_by, *map(self._seen_by, SIGNED)))

    def _is_advised(self):
        return all(
            one.is_given or self.town.day > one.due for one in self.advice.values()
        )

    def may_delegate(self, person):
        return (
            self._is_asked(person)
            and self.desk.owner in {None, person}
            and not self.desk.is_prepared
            and person != "elsa"
        )

    def may_take(self, take, person):
        """Tell whether a person may claim what is asked, take it over or release it."""
        free = {
            "claim": {None, person},
            "take_over": {self.desk.owner},
            "release": {None, person},
        }
        return self._is_asked(person) and self.desk.owner in free[take]

    def may_assign(self, person, to):
        return self._is_asked(person) and self._is_asked(to)

    def _is_asked(self, person):
        held = self.held(person)
        return "librarian" in held and not {person, held["librarian"]} & self.away

    def may_turn_the_clock(self, person):
        held = self.held(person)
        role = next((r for r in ("director", "librarian") if r in held), None)
        return role is not None and not {person, held[role]} & self.away

    def may_set_aside(self, about, person):
        speaks = about == person or "director" in self.held(person)
        return speaks and bool(self.held(about)) and about not in self.away

    def may_call_back(self, about, person):
        oversees = "director" in self.held(person)
        return about != person and oversees and about in self.away

    def may_invite(self, person, place):
        return self._consults(person) and place not in self.advice

    def may_dismiss(self, person, place):
        one = self.advice.get(place)
        return self._consults(person) and one is not None and not one.is_given

    def _consults(self, person):
        return self.state == "asked" and self._is_asked(person)

    def knows(self, person):
        """Tell whether a person knows of the loan."""
        prepares = person == "elsa" and self.desk is not None and self.desk.is_prepared
        return bool(self.held(person)) or prepares

    # What follows

    def make(self, move, person):
        role, people = self._acting(move, person)
        self.version += 1
        if move in SIGNED:
            self._sign(move, role, people)
            return
        self.told.append((move, "move"))
        if move == "ask":
            self.asked_by |= people
        if move == "advise":
            one = self.advice[self._advises(person)]
            one.is_given, one.closed_on = True, self.town.day
        if move == "contest_return":
            self.signatures.pop("return")
        target = self.back if move == "thaw" else MOVES[move][3]
        if target and target != self.state:
            self._go(target, move)

    def _sign(self, move, role, people):
        roles, _, _, target = SIGNED[move]
        self.signatures = {move: [*self.signatures.get(move, []), (role, people)]}
        takes_effect = len(self.signatures[move]) == len(roles)
        self.told.append((move, "move" if takes_effect else "signature"))
        if takes_effect:
            self._go(target, move)

    def _go(self, state, move):
        if move == "freeze":
            self.back, self.frozen_on = self.state, self.town.day
        elif move == "thaw":
            self._go_on()
        elif state == "asked":
            self.desk = Desk(due=self.town.day + 3)
            self._consult()
        elif self.state == "asked":
            self.desk = None
            self._consult_no_more()
        self.state, self.signatures = state, {}

    def _consult(self):
        for place in sorted(self.parties):
            if place not in self.advice or not self.advice[place].is_over:
                self.ask_advice(place)

    def _consult_no_more(self):
        for one in self.advice.values():
            if one.closed_on is None:
                one.closed_on = self.town.day

    def _go_on(self):
        """Put off, by the days of the pause, what stood meanwhile."""
        if self.desk and self.desk.stopped_on is None:
            self.desk.due += self.town.day - self.frozen_on
        for one in self.advice.values():
            if self.desk and one.closed_on is None:
                one.due += self.town.day - self.frozen_on

    def ask_advice(self, place):
        self.advice.pop(place, None)
        self.advice[place] = Advice(due=self.town.day + 10)

    def invite(self, place):
        self.version += 1
        self.parties.add(place)
        self.ask_advice(place)

    def dismiss(self, place):
        self.version += 1
        self.parties.discard(place)
        del self.advice[place]

    def turn_the_clock(self):
        desk = self.desk
        if desk.stopped_on is None:
            desk.stopped_on = self.town.day
        else:
            desk.due += self.town.day - desk.stopped_on
            desk.stopped_on = None

    def ring(self):
        """Ring what the ladder of the desk has not rung yet."""
        if self.state != "asked" or self.desk.stopped_on is not None:
            return
        while (
            self.desk.rung < len(RUNGS)
            and self.desk.due + RUNGS[self.desk.rung] <= self.town.day
        ):
            self.desk.rung += 1
            self.rang += 1

    def delegate(self, person):
        self.desk.owner, self.desk.is_prepared = person, True

    def set_aside(self, about):
        self.version += 1
        self.away.add(about)
        if self.desk and self.desk.owner == about:
            self.desk.owner = None
        kept = {
            move: [(role, people) for role, people in signed if about not in people]
            for move, signed in self.signatures.items()
        }
        self.signatures = {move: signed for move, signed in kept.items() if signed}

    def call_back(self, about):
        self.version += 1
        self.away.discard(about)

    # What one sees

    @property
    def steps(self):
        if self.state == "asked":
            return {"desk"} | ({"advice"} if self.awaiting else set())
        if self.state == "lent" and "return" in self.signatures:
            return {"receive"}
        return STEPS.get(self.state, set())

    @property
    def awaited(self):
        return sorted(
            (move, role) for move, some in self.signatures.items() for role, _ in some
        )


def _one(move):
    role, *others = MOVES[move]
    return ([role], *others)
