"""What is outside the engine, and fails at the worst moment."""


class PowerCut(BaseException):
    """A worker is killed: nothing after it is executed."""


class World:
    """What listeners change outside, where a repetition is recognised by its key."""

    def __init__(self):
        self.faults, self.effects, self.tries = [], {}, set()

    def tell(self, event, *, key, at):
        self._act("tell", event, key)

    def warn(self, event, *, key, at):
        self._act("warn", event, key)

    def _act(self, name, event, key):
        fault = self.faults.pop() if self.faults else ""
        self.tries.add((event.pk, name, key))
        if fault.startswith("before"):
            self._fail(fault)
        self.effects[key] = (event.pk, name)
        if fault:
            self._fail(fault)

    def _fail(self, fault):
        if "cut" in fault:
            raise PowerCut
        raise ConnectionError


LISTENERS = ("tell", "warn")
FAULTS = ["", "before: failure", "before: cut", "after: failure", "after: cut"]
