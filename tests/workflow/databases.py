"""Look at a whole database, make its writes fail, and write to it all at once."""

import contextlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor

from django.apps import apps
from django.db import connection, transaction

WRITE = re.compile(r'(INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM) "(\w+)"')


class Interrupted(Exception):
    """A write was made to fail."""


def dump():
    """Return every row of every table."""
    return {
        model._meta.label: list(
            model._base_manager.order_by("pk").values_list(
                *(field.attname for field in model._meta.concrete_fields)
            )
        )
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }


@contextlib.contextmanager
def failing_at(number):
    """Refuse the n-th write; yield the writes asked for, the refused one included."""
    writes = []

    def watch(execute, sql, params, many, context):
        if found := WRITE.match(sql):
            writes.append(" ".join(found.groups()).replace("OR IGNORE ", ""))
            if len(writes) == number:
                raise Interrupted(writes[-1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield writes


def interrupt_each_write(act):
    """
    Make each write of an act fail in turn, until it succeeds.

    Return the kinds of its writes; an interruption must leave nothing behind.
    """
    before = dump()
    for number in range(1, 100):
        try:
            with failing_at(number) as writes, transaction.atomic():
                act()
        except Interrupted:
            assert dump() == before, f"{writes[-1]} left something behind"
        else:
            assert dump() != before
            return set(writes)
    raise AssertionError("an act that writes a hundred times")


def race(acts):
    """Start all these at once, each on its own connection; return what each gave.

    An exception is given back rather than raised.
    """
    acts = list(acts)
    gate = threading.Barrier(len(acts))

    def start():
        try:
            connection.ensure_connection()
            # A slow machine must not end a wait that the act itself would see through.
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = 0")
            gate.wait()
        except Exception:
            # Whoever could not come to the start keeps nobody there; whoever fails
            # after it leaves those who are still starting alone.
            gate.abort()
            raise

    def run(act):
        try:
            start()
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
