"""The rules that keep the code small: no module over 300 lines, no function over 60, median at most 10 (DESIGN §7).

python -m tests.sizes newsletter
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 10
FORBIDDEN = frozenset({"utils", "helpers", "common", "manager", "base"})


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield name and lines of every function in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def complaints(root: Path) -> Iterator[str]:
    """Yield what is too large, with where it is."""
    # A migration is written once and never touched again.
    modules = [path for path in sorted(root.rglob("*.py")) if "versions" not in path.parts]
    sizes = []
    for path in modules:
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LONGEST_MODULE:
            yield f"{path}: {lines} lines; split it by noun"
        if path.stem in FORBIDDEN:
            yield f"{path}: name it by what it is about"
        for name, length in functions(path):
            sizes.append(length)
            if length > LONGEST_FUNCTION:
                yield f"{name}: {length} lines"
    if median(sizes) > MEDIAN_FUNCTION:
        yield f"the median function has {median(sizes)} lines"
    print(f"{len(modules)} modules, {len(sizes)} functions, median {median(sizes)} lines, longest {max(sizes)}")


if __name__ == "__main__":
    found = [complaint for root in sys.argv[1:] for complaint in complaints(Path(root))]
    sys.exit("\n".join(found) if found else 0)
