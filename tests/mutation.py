"""Mutation testing: change one thing in a module, and see whether the tests of its room notice.

    python -m tests.mutation [ROOM …] [--sample N] [--seed N] [--workers N]

A mutant is a copy of the repository with one operator, number, keyword or statement changed. A seeded sample is drawn
from every file. A mutant is killed when a test of its room fails, or hangs; the others are printed, and
`assets/results/mutation.json` gets the score. `tests/equivalent_mutants.txt` has those that no test can kill, each with
the reason; they are not drawn.
"""

import argparse
import ast
import collections
import functools
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from ganinv_keras import files

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.txt")
ROOMS = {"inversion": "tests/inversion", "training": "tests/training", "losses.py": "tests/test_losses.py",
         "measures": "tests/measures"}  # fmt: skip
LIMIT = 600  # seconds that the tests of a room may take
SWAPPED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
           ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
           ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div,
           ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Pow: ast.Mult}  # fmt: skip
OPPOSITE = {"min": "max", "minimum": "maximum", "any": "all", "argmin": "argmax", "mean": "sum", "zeros": "ones",
            "logical_and": "logical_or"}  # fmt: skip
UNSEEN = ("frozen", "stacklevel", "strict")  # keywords that guard or point, and change no answer
OPPOSITE |= {new: old for old, new in OPPOSITE.items()}


class Mutant(NamedTuple):
    """One changed module: where it lies in the repository, its room, the line and its number, what the change is, and
    the new source."""

    path: Path
    room: str
    number: int
    line: str
    change: str
    source: str

    @property
    def name(self):
        """What tells it from all others: the number of the line moves."""
        return f"{self.path.name}: {self.change} in {self.line}"


def changed(node):
    """Yield what a node of the syntax tree may become."""
    match node:
        case ast.Compare(left, [op, *others], right) if type(op) in SWAPPED:
            yield ast.Compare(left, [SWAPPED[type(op)](), *others], right)
        case ast.BinOp(left, op, right) if type(op) in SWAPPED:
            yield ast.BinOp(left, SWAPPED[type(op)](), right)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(SWAPPED[type(op)](), values)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value * 10)
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.Attribute(value, name) if name in OPPOSITE:
            yield ast.Attribute(value, OPPOSITE[name])
        case ast.Call(ast.Name(name), arguments, keywords) if name in OPPOSITE:
            yield ast.Call(ast.Name(OPPOSITE[name]), arguments, keywords)
        case ast.Call(function, arguments, [_, *_] as keywords):
            for dropped in [keyword for keyword in keywords if keyword.arg not in UNSEEN]:
                yield ast.Call(function, arguments, [keyword for keyword in keywords if keyword is not dropped])
        case ast.Expr(ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Assign([ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()


def mutants(path, room):
    """Return the mutants of a file. Words of errors and warnings are left alone."""
    source = path.read_bytes()
    tree = ast.parse(source)
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    words = {part for node in ast.walk(tree) if isinstance(node, (ast.Raise, ast.JoinedStr)) or _unseen(node)
             for part in ast.walk(node) if part is not node}  # fmt: skip
    found = []
    for node in ast.walk(tree):
        if node in words or isinstance(node, ast.JoinedStr):
            continue
        for change in changed(node):
            begin, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
            text = ast.unparse(ast.fix_missing_locations(change))
            if ast.unparse(node) == text:
                continue  # 0 × 10
            mutated = source[:begin] + (text if isinstance(node, ast.stmt) else f"({text})").encode() + source[end:]
            change = f"{ast.unparse(node)} → {text}"
            line = source.splitlines()[node.lineno - 1].decode().strip()
            found.append(Mutant(path.relative_to(ROOT), room, node.lineno, line, change, mutated.decode()))
    return found


def _unseen(node):
    """Say whether what is in a node is words, or guards something without changing an answer."""
    words = isinstance(node, ast.Call) and ast.unparse(node.func) in ("warnings.warn", "invalid", "ValueError")
    return words or isinstance(node, ast.keyword) and node.arg in UNSEEN


def drawn(room, sample, seed):
    """Draw mutants from each file of a room, the equivalent ones left out."""
    whole = ROOT / "ganinv_keras" / room
    equivalent = EQUIVALENT.read_text("utf-8").splitlines()
    chosen = []
    for path in [whole] if whole.is_file() else sorted(whole.glob("*.py")):
        found = [mutant for mutant in mutants(path, room) if mutant.name not in equivalent]
        chosen += random.Random(f"{seed} {path.name}").sample(found, min(sample, len(found)))
    return chosen


def copied(folder):
    """Copy what the tests need into a folder."""
    ignored = shutil.ignore_patterns(".git", "__pycache__", "outputs", "assets")
    shutil.copytree(ROOT, folder, ignore=ignored, dirs_exist_ok=True)
    (folder / "assets").symlink_to(ROOT / "assets")


def passes(home, *tests):
    """Run tests in a child, which need not import TensorFlow again; say whether all passed in time."""
    child = os.fork()
    if child == 0:
        os.setsid()
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        os.chdir(home)
        for name in [name for name in sys.modules if name.partition(".")[0] in ("ganinv_keras", "tests")]:
            del sys.modules[name]
        sys.path[0] = str(home)
        import pytest

        os._exit(pytest.main(["-x", "-q", "-n0", "-p", "no:cacheprovider", *tests]))
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.1)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def survives(homes, mutant):
    """Say whether all tests of its room pass on a mutant: those of its own file first."""
    home = homes.get()
    original = (home / mutant.path).read_text("utf-8")
    try:
        (home / mutant.path).write_text(mutant.source, "utf-8")
        own = Path(ROOMS[mutant.room]) / f"test_{mutant.path.stem}.py"
        first = [str(own)] if (home / own).exists() else []
        return passes(home, "tests/test_defaults.py", *first, ROOMS[mutant.room])
    finally:
        (home / mutant.path).write_text(original, "utf-8")
        homes.put(home)


def main():
    """Draw mutants, run the tests on each, print those that live, and write the score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rooms", nargs="*", default=list(ROOMS), metavar="ROOM", help=", ".join(ROOMS))
    parser.add_argument("--sample", type=int, default=6, help="mutants of each file (default: 6)")
    parser.add_argument("--seed", type=int, default=0, help="which mutants are drawn (default: 0)")
    parser.add_argument("--workers", type=int, default=2, help="mutants tried at a time (default: 2)")
    given = parser.parse_args()
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "TQDM_DISABLE": "1", "CUDA_VISIBLE_DEVICES": "-1"}
    sys.dont_write_bytecode = True  # a change within a second of another would be taken for the same file
    import tensorflow  # noqa: F401  for all children

    chosen = [mutant for room in given.rooms for mutant in drawn(room, given.sample, given.seed)]
    context = multiprocessing.get_context("fork")
    homes = context.Manager().Queue()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.workers):
            copied(home := Path(folder) / str(number))
            homes.put(home)
        if not passes(home, *(ROOMS[room] for room in given.rooms)):
            sys.exit("The tests fail on the modules as they are: mend that first.")
        with context.Pool(given.workers) as pool:
            tried = pool.imap(functools.partial(survives, homes), chosen)
            alive = []
            for mutant in tqdm(chosen, disable=False):
                alive.append(next(tried))
                if alive[-1]:
                    tqdm.write(f"{mutant.number}: {mutant.name}", file=sys.stdout)
    score = collections.defaultdict(lambda: {"mutants": 0, "killed": 0})
    for mutant, lives in zip(chosen, alive, strict=True):
        score[mutant.room]["mutants"] += 1
        score[mutant.room]["killed"] += not lives
    for room, counts in score.items():
        print(f"{room}: {counts['killed']} of {counts['mutants']} killed")
    if given.rooms == list(ROOMS):
        text = json.dumps({"sample": given.sample, "seed": given.seed, "rooms": score}, indent=1) + "\n"
        files.write_whole(files.ASSETS / "results" / "mutation.json", lambda path: path.write_text(text, "utf-8"))


if __name__ == "__main__":
    main()
