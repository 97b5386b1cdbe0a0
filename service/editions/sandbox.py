"""The Jinja2 in which a publication's own templates run: plain values, and few things to do.

Nothing in it leads from a value to its class, to a function, a module, a file or the environment:
attributes are keys of the mail's values and nothing else, and what may be called are macros.
"""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import BaseLoader, Environment, TemplateNotFound
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from service.editions.dialect import teach

_FILTERS = (
    *("abs", "batch", "capitalize", "count", "d", "default", "e", "escape", "first", "float"),
    *("forceescape", "indent", "int", "join", "last", "length", "list", "lower", "max", "min"),
    *("replace", "reverse", "round", "safe", "slice", "sort", "string", "striptags", "sum"),
    *("title", "trim", "truncate", "unique", "upper", "urlencode", "wordcount"),
)
_TESTS = (
    *("boolean", "defined", "divisibleby", "eq", "equalto", "==", "even", "false", "float"),
    *("ge", ">=", "greaterthan", "gt", ">", "in", "integer", "iterable", "le", "<=", "lessthan"),
    *("lower", "lt", "<", "mapping", "ne", "!=", "none", "number", "odd", "sequence", "string"),
    *("true", "undefined", "upper"),
)
_LOOP = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"}
    | {"previtem", "nextitem", "cycle", "changed"}
)
_LOOP_CALLS = frozenset({"cycle", "changed"})
_LONGEST_ROW = 1_000


class Sandbox(ImmutableSandboxedEnvironment):
    """Renders templates, given by name, that nobody has looked at."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, sources: Mapping[str, str]) -> None:
        super().__init__(loader=_Sources(sources))
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.tests = {name: self.tests[name] for name in _TESTS}
        teach(self)

    def getattr(self, obj: object, attribute: str) -> object:
        """A key of a value, a block by name, a macro that was imported; never an attribute."""
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self._miss(attribute, obj)
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        if isinstance(obj, TemplateReference):
            return obj[attribute]
        if isinstance(obj, TemplateModule) and isinstance(vars(obj).get(attribute), Macro):
            return vars(obj)[attribute]
        return self._refuse(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """A key of a value or a place in a list or a text."""
        if isinstance(obj, dict) and isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, list | tuple | str) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else self.undefined()
        return self._refuse(obj, str(argument))

    def is_safe_callable(self, obj: object) -> bool:
        """Macros and blocks of the templates themselves, what a loop offers, and nothing at all."""
        if isinstance(obj, Macro | BlockReference | LoopContext | Undefined):
            return True
        is_of_loop = isinstance(getattr(obj, "__self__", None), LoopContext)
        return is_of_loop and getattr(obj, "__name__", "") in _LOOP_CALLS

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Multiply numbers, and draw a line out of signs; nothing that grows without bound."""
        if operator == "**":
            raise SecurityError("** is not to be had in mail templates")
        numbers = [value for value in (left, right) if isinstance(value, int | float)]
        if len(numbers) == 2:
            return super().call_binop(context, operator, left, right)
        if operator == "*" and isinstance(left, str) and numbers:
            if len(left) * numbers[0] <= _LONGEST_ROW:
                return left * int(numbers[0])
            raise SecurityError(f"a row of signs may be {_LONGEST_ROW} long")
        raise SecurityError(f"{operator} is for numbers in mail templates")

    def _miss(self, name: str, values: Mapping[str, object]) -> Undefined:
        known = ", ".join(sorted(values))
        return self.undefined(f"there is no {name!r} here; there is: {known}", name=name)

    def _refuse(self, obj: object, attribute: str) -> Undefined:
        if isinstance(obj, Undefined):
            return obj
        return self.undefined(f"a value has no {attribute!r}", obj=obj, name=attribute)


class _Sources(BaseLoader):
    """Templates by name, each of which knows what it is called."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:  # noqa: ARG002
        """The text of a template; raises TemplateNotFound."""
        if template not in self._sources:
            raise TemplateNotFound(template)
        return self._sources[template], template, None
