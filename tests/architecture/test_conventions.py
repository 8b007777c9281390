"""The house rules that no linter knows."""

import ast
import importlib
import inspect
import re

from tests.architecture.sources import (
    PACKAGES,
    ROOT,
    files,
    functions,
    imports,
    modules,
    tree,
)

MODULE_LIMIT = 500
FUNCTION_LIMIT = 40
CLOCKS = {"now", "today", "utcnow"}
CLOCKS_WITHOUT_ARGUMENT = {"localdate", "localtime"}
# What meets the world reads the clock once, and passes it on as `at`.
EDGES = re.compile(
    r"""
    ^erbm/\w+/views(\.py|/)      # HTTP
    | ^erbm/(\w+/)?admin(istration)?\.py$
    | ^erbm/\w+/adapters\.py$    # what allauth calls with a request
    | /tasks\.py$                # Celery
    | /management/commands/      # the terminal
    | ^erbm/(health|sessions)\.py$
    | /(context|styles)\.py$ | /templatetags/   # what pages are drawn with
    | ^workflow/outbox\.py$      # a worker's lease lasts from when it takes it
    """,
    re.VERBOSE,
)
WEB = ("django.http", "django.shortcuts", "django.urls", "django.views")


def test_every_module_says_in_its_first_line_what_it_is_for():
    # An empty __init__.py only makes a folder a package.
    assert not [
        path
        for path in modules()
        if not ast.get_docstring(tree(path))
        and (tree(path).body or path.name != "__init__.py")
    ]


def test_no_file_is_longer_than_one_reads():
    assert not [
        f"{path}: {length} lines"
        for path in files(".py", ".html", ".css", ".js")
        if not {"migrations", "vendor"} & set(path.parts)
        and (length := len((ROOT / path).read_text().splitlines())) > MODULE_LIMIT
    ]


def test_no_function_is_longer_than_one_reads():
    assert not [
        f"{path}:{function.lineno} {function.name}: {length} lines"
        for path in modules(*PACKAGES, "tools", "bench")
        for function in functions(path)
        if (length := function.end_lineno - function.lineno + 1) > FUNCTION_LIMIT
    ]


def commands():
    """Return each command of each application, those it takes from the engine too."""
    for path in modules("erbm"):
        if path.name != "commands.py":
            continue
        module = importlib.import_module(".".join(path.with_suffix("").parts))
        for name in _made_in(tree(path)):
            found = getattr(module, name)
            if inspect.isfunction(found) and not name.startswith("_"):
                yield f"{path} {name}", found


def _made_in(module):
    for made in module.body:
        if isinstance(made, ast.FunctionDef):
            yield made.name
        elif isinstance(made, ast.Assign):
            yield from (target.id for target in made.targets)


def test_a_command_says_who_does_it_and_when():
    checked = list(commands())

    assert len(checked) > 40
    assert not [where for where, command in checked if not _says_by_and_at(command)]


def _says_by_and_at(command):
    signature = inspect.signature(command).parameters.values()
    required = [
        one.name
        for one in signature
        if one.kind is one.KEYWORD_ONLY and one.default is one.empty
    ]
    # An attempt at a move holds both, and so does a turn of a clock.
    holds_both = {"attempt", "turn"} & set(required)
    is_named = all(one.kind is one.KEYWORD_ONLY for one in signature)
    return is_named and (required[-2:] == ["by", "at"] or bool(holds_both))


def test_nothing_below_the_edge_reads_a_clock():
    assert not [
        f"{path}:{call.lineno}"
        for path in modules(*PACKAGES)
        if not EDGES.search(str(path))
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call) and _reads_clock(call)
    ]


def _reads_clock(call):
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return name in CLOCKS or (name in CLOCKS_WITHOUT_ARGUMENT and not call.args)


def test_a_lock_names_the_table_whose_rows_it_takes():
    """Otherwise it takes those of every table that the query joins."""
    assert not [
        f"{path}:{call.lineno}"
        for path in modules(*PACKAGES)
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", "") == "select_for_update"
        and "of" not in {keyword.arg for keyword in call.keywords}
    ]


def test_no_rule_knows_of_http():
    rules = {"models", "models.py", "commands.py", "queries.py"}
    assert not [
        f"{path} imports {name}"
        for path in modules(*PACKAGES)
        if path.parts[0] != "erbm" or rules & set(path.parts)
        for name in imports(path)
        if name.startswith(WEB)
    ]


def test_the_engine_is_tested_on_the_toy_alone():
    assert not [
        f"{path} imports {name}"
        for path in modules("tests")
        if path.parts[1] in {"workflow", "library"}
        for name in imports(path)
        if name.split(".")[0] in {"erbm", "flows"}
    ]


def test_nobody_imports_settings_modules():
    assert not [
        f"{path} imports {name}"
        for path in modules(*PACKAGES)
        if path.parts[:2] != ("erbm", "settings")
        for name in imports(path)
        if name.startswith("erbm.settings")
    ]
