"""What a docstring says of a default is the default."""

import importlib
import inspect
import pkgutil
import re

import ganinv_keras

ROOMS = ("data", "inversion", "losses", "measures", "networks", "store", "training", "zoo")
LITERAL = r'-?[\d.,e-]*\d|None|True|False|"[^"]*"'


def public_calls():
    """List all public functions, methods and classes of the module."""
    calls = []
    for found in pkgutil.walk_packages(ganinv_keras.__path__, "ganinv_keras."):
        if found.name.split(".")[1] in ROOMS:
            module = importlib.import_module(found.name)
            things = [thing for name, thing in vars(module).items() if getattr(thing, "__module__", "") == found.name]
            kinds = [thing for thing in things if isinstance(thing, type) and not issubclass(thing, Exception)]
            methods = [method for kind in kinds for method in vars(kind).values()]
            calls += kinds + [call for call in things + methods if inspect.isfunction(call)]
    return calls


def documented(call):
    """Return argument → the literal that the docstring says it defaults to."""
    entries = re.split(r"\n +(?=\w+: )", inspect.getdoc(call) or "")
    found = {
        entry.partition(":")[0]: re.search(rf"Defaults to `?({LITERAL})`?[.,:;]?(\s|$)", entry) for entry in entries
    }
    return {argument: match[1].replace(",", "").strip('"') for argument, match in found.items() if match}


def test_defaults_are_what_docstrings_say():
    compared = 0
    for call in public_calls():
        said = documented(call)
        for name, argument in inspect.signature(call).parameters.items() if said else ():
            if name in said and argument.default is not argument.empty:
                compared += 1
                same = str(argument.default) == said[name] or float(argument.default) == float(said[name])
                assert same, f"{call.__qualname__}({name}={argument.default}), but its docstring says {said[name]}"
    assert compared > 100
