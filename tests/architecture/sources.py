"""The project's own files, as the tests of conventions read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("workflow", "flows", "erbm")


@cache
def files(*suffixes):
    """Return the files that are, or are about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = (Path(name) for name in listed.stdout.split("\0") if name)
    return [
        path
        for path in sorted(paths)
        if path.suffix in suffixes and (ROOT / path).exists()
    ]


def modules(*folders):
    """Return the Python files of these top-level folders, migrations left out."""
    return [
        path
        for path in files(".py")
        if "migrations" not in path.parts and (not folders or path.parts[0] in folders)
    ]


@cache
def tree(path):
    """Return a module as Python parses it."""
    return ast.parse((ROOT / path).read_text())


def functions(path):
    """Return every function of a module, nested ones included."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree(path)) if isinstance(node, kinds)]


def imports(path):
    """Return the dotted names that a module imports, wherever it does."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
    return names
