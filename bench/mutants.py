"""
Which single changes could be made to a Python file: the mutants of `make mutate`.

A mutant replaces one span of the text and leaves the rest as it is. Text that
no test should pin is refused: docstrings, log calls, the texts of errors and of
the command line, annotations and other code that only a type checker reads.
"""

import ast
from dataclasses import dataclass

LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGGERS = {"log", "logger", "logging", "LOG", "LOGGER", "_log", "_logger", "getLogger"}
TYPE_CALLS = {"cast", "TypeVar", "NewType", "ParamSpec", "Protocol", "overload", "assert_never"}
TYPE_BASES = {"Protocol", "TypedDict", "NamedTuple"}
SPOKEN_CALLS = {"echo", "secho", "say", "print", "Problem", "UsageError", "BadParameter", "ClickException"}
SPOKEN_KEYWORDS = {"help", "short_help", "metavar", "description"}

COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
CALCULATED: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.BitOr: "&",
    ast.BitAnd: "|",
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file. Offsets count characters of the file's text; `line` counts from 1."""

    file: str
    line: int
    function: str  # dotted path inside the module; empty for what stands outside functions
    start: int
    end: int
    before: str
    after: str
    context: str  # the line it begins in

    def __str__(self) -> str:
        change = f"{_one_line(self.before)} -> {_one_line(self.after)}"
        return f"{self.file}:{self.line}: {change}  in  {_one_line(self.context)}"

    @property
    def id(self) -> str:
        """The same for the same change of the same text."""
        return f"{self.file}:{self.start}:{self.end}:{self.after}"

    def applied(self, text: str) -> str:
        """The whole file with the change made. Raises ValueError when the text is not the one it was found in."""
        if text[self.start : self.end] != self.before:
            raise ValueError(f"{self.file} changed since the mutant was found")
        return text[: self.start] + self.after + text[self.end :]


def mutants(file: str, text: str) -> list[Mutant]:
    """Every mutant of a file, in the order of the text. A few are no Python: see `compiles`."""
    finder = _Finder(file, text)
    finder.visit(ast.parse(text))
    found = {mutant.id: mutant for mutant in finder.found if mutant.before != mutant.after}
    return sorted(found.values(), key=lambda mutant: (mutant.start, mutant.end, mutant.after))


def compiles(mutant: Mutant, text: str) -> bool:
    """Whether the changed file is still Python: one that is not tells nothing of the tests."""
    try:
        ast.parse(mutant.applied(text))
    except SyntaxError:
        return False
    return True


def _one_line(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) <= 90 else f"{short[:87]}..."


class _Finder(ast.NodeVisitor):
    """Walks a module and notes the mutants of each node that a test could notice."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.found: list[Mutant] = []
        self.scope: list[str] = []
        self.in_function = 0
        lines = text.splitlines(keepends=True)
        self.lines = lines
        self.raw = [line.encode() for line in lines]
        self.starts = [0]
        for line in lines:
            self.starts.append(self.starts[-1] + len(line))

    # --- where a node stands ------------------------------------------------------------------------------------

    def offset(self, line: int, column: int) -> int:
        """ast counts bytes of a line, the text counts characters."""
        return self.starts[line - 1] + len(self.raw[line - 1][:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self.offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self.offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def source(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def note(self, node: ast.AST, after: str) -> None:
        start, end = self.span(node)
        self.put(start, end, after)

    def put(self, start: int, end: int, after: str) -> None:
        line = self.text.count("\n", 0, start) + 1
        function = ".".join(self.scope) if self.in_function else ""
        self.found.append(
            Mutant(self.file, line, function, start, end, self.text[start:end], after, self.lines[line - 1])
        )

    def between(self, left: ast.AST, right: ast.AST, old: str, new: str) -> None:
        """Replace the operator that stands between two operands."""
        start, end = self.span(left)[1], self.span(right)[0]
        at = self.text.find(old, start, end)
        if at >= 0:
            self.put(at, at + len(old), new)

    # --- what is refused ----------------------------------------------------------------------------------------

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if any(_name(base) in TYPE_BASES for base in node.bases):
            return
        self.scope.append(node.name)
        self.statements(node.body)
        self.scope.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Annotations and decorators are left alone; defaults are visited as they stand at the module."""
        if any(_name(decorator) in TYPE_CALLS for decorator in node.decorator_list):
            return
        for default in (*node.args.defaults, *(value for value in node.args.kw_defaults if value)):
            self.visit(default)
        self.scope.append(node.name)
        self.in_function += 1
        self.statements(node.body)
        self.in_function -= 1
        self.scope.pop()

    def visit_Module(self, node: ast.Module) -> None:
        self.statements(node.body)

    def statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):  # docstrings, ...
                self.visit(statement)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {_name(target) for target in node.targets}
        if names & {"__slots__", "__all__", "__match_args__"} or self.type_only(node.value):
            return
        self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value and _name(node.annotation) != "TypeAlias":
            self.visit(node.value)

    def type_only(self, value: ast.expr) -> bool:
        """`Names = tuple[str, ...]` at a module, and calls that make types."""
        if isinstance(value, ast.Call):
            return _name(value.func) in TYPE_CALLS
        parts = [part for part in ast.walk(value) if isinstance(part, ast.Name | ast.Subscript | ast.BinOp)]
        return not self.in_function and isinstance(value, ast.Subscript | ast.BinOp) and bool(parts) and _is_type(value)

    def visit_If(self, node: ast.If) -> None:
        if _name(node.test) == "TYPE_CHECKING" or "__name__" in ast.dump(node.test):
            return
        self.condition(node.test)
        self.visit(node.test)
        self.statements(node.body)
        self.statements(node.orelse)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Only whether something is raised is a mutant; its text is for people."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Asserts of the product tell mypy what it cannot know."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.FormattedValue) and not isinstance(part.value, ast.Name | ast.Attribute):
                # Python 3.11 gives no true places inside an f-string: nothing to replace safely.
                return

    def visit_Call(self, node: ast.Call) -> None:
        if self.is_spoken(node):
            return
        if _name(node.func) in {"cast", "field"}:
            node = ast.Call(node.func, node.args[1:], node.keywords)
        else:
            self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg not in SPOKEN_KEYWORDS:
                self.visit(keyword.value)

    def is_spoken(self, node: ast.expr) -> bool:
        """A log line, or a line for whoever types commands."""
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Attribute) and node.func.attr in LOG_METHODS:
            owner = node.func.value
            return _name(owner) in LOGGERS or (isinstance(owner, ast.Call) and _name(owner.func) in LOGGERS)
        return _name(node.func) in SPOKEN_CALLS

    # --- what is changed ----------------------------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> None:
        """A call for its effect is left out."""
        if self.in_function and isinstance(node.value, ast.Call) and not self.is_spoken(node.value):
            self.note(node, "pass")
        self.visit(node.value)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self.statements(node.body)
        self.statements(node.orelse)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self.statements(node.body)
        self.statements(node.orelse)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            self.visit(item.context_expr)
        self.statements(node.body)

    def visit_Try(self, node: ast.Try) -> None:
        self.statements(node.body)
        for handler in node.handlers:
            self.statements(handler.body)
        self.statements(node.orelse)
        self.statements(node.finalbody)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            return
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self.note(node.value, "None")
        self.visit(node.value)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.condition(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.visit(node.iter)
        for test in node.ifs:
            self.note(test, "True")
            self.visit(test)

    def condition(self, test: ast.expr) -> None:
        if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            self.note(test, f"(not ({self.source(test)}))")

    def visit_Compare(self, node: ast.Compare) -> None:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            new, old = COMPARED[type(operator)], _SPELLED[type(operator)]
            self.between(left, right, old, new)
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Each side is left out in turn: what one side of an `or` is for must be seen by a test."""
        for index, side in enumerate(node.values):
            start, end = self.span(side)
            if self.text[max(0, start - 1)] == "(" and ")" in self.text[end : end + 1]:
                start, end = start - 1, end + 1
            self.put(start, end, "False" if isinstance(node.op, ast.Or) else "True")
            if index:
                self.between(node.values[index - 1], side, *_swapped(node.op))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.note(node, f"bool({self.source(node.operand)})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if new := CALCULATED.get(type(node.op)):
            self.between(node.left, node.right, _SPELLED[type(node.op)], new)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if new := CALCULATED.get(type(node.op)):
            self.between(node.target, node.value, f"{_SPELLED[type(node.op)]}=", f"{new}=")
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        self.visit(node.slice)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.note(node, str(not value))
        elif isinstance(value, int):
            self.note(node, str(value + 1))
        elif isinstance(value, float):
            self.note(node, repr(value * 1.01 + 0.01))
        elif isinstance(value, str) and value and not any(letter.isspace() for letter in value):
            self.note(node, repr(f"{value}~"))


_SPELLED: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.BitOr: "|",
    ast.BitAnd: "&",
}


def _swapped(operator: ast.boolop) -> tuple[str, str]:
    return ("or", "and") if isinstance(operator, ast.Or) else ("and", "or")


def _name(node: ast.AST) -> str:
    """The last part of a name as it is written: `Protocol` of `typing.Protocol[T]`; empty for anything else."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_type(node: ast.expr) -> bool:
    """Whether an expression can only be a type: names that begin like classes, joined by `|` or in brackets."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and _is_type(node.left) and _is_type(node.right)
    if isinstance(node, ast.Subscript):
        return _is_type(node.value)
    if isinstance(node, ast.Constant):
        return node.value is None
    name = _name(node)
    return (name[:1].isupper() and not name.isupper()) or name in {
        "str",
        "int",
        "bool",
        "float",
        "tuple",
        "dict",
        "list",
    }
