"""Reads who imports whom out of the source, without running any of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module asks for.

    `target` is the module meant, with its dots; of a package that was not read, as it was written.
    `inside` tells an import in a function from one at the top; `note` is what its lines, and the line
    above the block of imports that it belongs to, say beside it.
    """

    importer: str
    target: str
    line: int
    inside: bool
    note: str

    @property
    def where(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    path: Path
    tree: ast.Module
    lines: tuple[str, ...]

    @property
    def package(self) -> str:
        """The package that a leading dot in this module stands for."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


def read_modules(root: Path, *packages: str) -> dict[str, Module]:
    """Every module of the given top-level packages below `root`, by its dotted name."""
    found = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf-8")
            found[name] = Module(name, path, ast.parse(text, str(path)), tuple(text.splitlines()))
    return found


def imports_of(modules: Mapping[str, Module]) -> list[Import]:
    """Every import of every module, those under TYPE_CHECKING and those given to `import_module` too."""
    return [found for module in modules.values() for found in _imports(module, modules)]


def _imports(module: Module, modules: Mapping[str, Module]) -> Iterator[Import]:
    within = {
        inner
        for outer in ast.walk(module.tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(outer)
    }
    import_lines = {
        line
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for node in ast.walk(module.tree):
        for target in _targets(node, module, modules):
            assert isinstance(node, ast.stmt | ast.expr)
            above = node.lineno - 1
            while above in import_lines:
                above -= 1
            lines = (above, *range(node.lineno, (node.end_lineno or node.lineno) + 1))
            note = " ".join(module.lines[line - 1] for line in lines if line > 0)
            yield Import(module.name, target, node.lineno, node in within, note)


def _targets(node: ast.AST, module: Module, modules: Mapping[str, Module]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=source, names=names, level=level):
            base = source or ""
            if level:
                package = module.package.split(".")
                base = ".".join([*package[: len(package) - level + 1], *([source] if source else [])])
            for alias in names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in modules else base
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name


def below(name: str, prefix: str) -> bool:
    """Whether `name` is the module `prefix` or stands inside it."""
    return name == prefix or name.startswith(prefix + ".")


def circles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """The strongly connected groups of more than one module (or of one that imports itself), sorted."""
    reach = {name: _reachable(name, arrows) for name in arrows}
    groups = {
        tuple(sorted(other for other in reach[name] if name in reach.get(other, ())))
        for name in arrows
        if name in reach[name]
    }
    return [list(group) for group in sorted(groups)]


def _reachable(start: str, arrows: Mapping[str, set[str]]) -> set[str]:
    """Every module that one or more arrows lead to from `start`."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in arrows.get(waiting.pop(), ()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen
