"""What a module names that makes code of data, or starts other programs: none of it is wanted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_FORBIDDEN = re.compile(
    r"""
    # whole modules
    (_?pickle|marshal|shelve|dill|cloudpickle|joblib|code|codeop|runpy|importlib|imp|zipimport)\b
    |(ctypes|cffi|posix|nt|_?posixsubprocess|subprocess|pty|multiprocessing|webbrowser|asyncio)\b
    |(xmlrpc|socketserver|http\.server)\b
    |PIL\.(ImageShow|ImageGrab|EpsImagePlugin)\b
    |PySide6\.(QtQml|QtQuick\w*|QtUiTools|QtWebEngine\w*|QtDBus|QtRemoteObjects)\b
    # what is in others
    |os\.(system|popen|startfile|exec\w+|spawn\w+|posix_spawn\w*|fork\w*)\b
    |concurrent\.futures\.[Pp]rocess
    |numpy\.(load|lib\.format|ctypeslib)\b
    |PySide6\.QtCore\.(QProcess|QSettings|QPluginLoader|QLibrary)\b
    |PySide6\.QtGui\.QDesktopServices\b
    |(builtins\.)(eval|exec|compile|__import__|__builtins__)\b
    # of anything: a link that opens the browser, a model's code, an array's objects
    |.*\.(startDetached|setOpenExternalLinks|register_custom_ops_library|\*)$
    |allow_pickle=
    """,
    re.VERBOSE,
)


def forbidden(code: str) -> set[str]:
    """Return what of it a module imports, names or passes, in full whatever it calls it."""
    return {name for name in _names(ast.parse(code)) if _FORBIDDEN.match(name)}


def _names(tree: ast.Module) -> Iterator[str]:
    imported: dict[str, str] = {}  # in full, by what it is called here
    inner: set[ast.AST] = set()  # os.path of os.path.join
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
                first = alias.name.partition(".")[0]
                imported[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Attribute):
            inner.add(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and node not in inner:
            first, dot, rest = ast.unparse(node).partition(".")
            yield imported.get(first, f"builtins.{first}") + dot + rest
        elif isinstance(node, ast.keyword):
            yield f"{node.arg}="
