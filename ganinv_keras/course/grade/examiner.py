"""One notebook, run cell by cell in this process, and its exercises checked: `sandbox.run` starts it."""

import _thread
import contextlib
import json
import os
import signal
import sys
import threading

from IPython.core.interactiveshell import InteractiveShell

from ganinv_keras.course.exercises import CHECKS

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None


class Shell(InteractiveShell):
    """A shell without windows, in which `%matplotlib inline` is no error."""

    def enable_gui(self, gui=None):
        """Do nothing."""


def main():
    """Read a task from standard input as JSON, and answer on standard output, line by line.

    The task has `cells`, a list of `[source, tags]`; `page`; `secret`; `seconds`, after which a cell or a check is
    interrupted; and `limits`, from names of the module `resource` to bytes. Each answer is the secret and a dictionary:
    `{"cell": number}` before each code cell, `{"exercise": name, "mark": mark, "hint": hint}` for each function found,
    see `report.Verdict`, `{"error": sentence}`, and `{"done": true}` at the end. The notebook itself reads nothing from
    standard input, and what it prints is lost.
    """
    task = json.load(sys.stdin)
    channel, nowhere = os.dup(1), os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    for limit, size in task["limits"].items() if resource is not None else ():
        with contextlib.suppress(OSError, ValueError):  # where the system has a lower limit already, or knows none
            resource.setrlimit(getattr(resource, limit), (size, size))
    secret = task.pop("secret")

    def answer(**content):
        os.write(channel, f"{secret}{json.dumps(content)}\n".encode())

    examine(task, answer)
    os._exit(0)  # waits for no thread that the notebook has left behind


def examine(task, answer):
    """Run the cells of a task, and judge each function that a check asks for as soon as a cell has defined it."""
    judges = {check.__name__.removeprefix("check_"): check.judge for check in CHECKS if check.page == task["page"]}
    modules = [(vars(module), dict(vars(module))) for name, module in sys.modules.items()
               if name.startswith(("ganinv_keras", "numpy", "scipy"))]  # fmt: skip
    shell = Shell.instance(history_length=0)
    judged = {}
    for number, (source, tags) in enumerate(task["cells"], start=1):
        answer(cell=number)
        with limited(task["seconds"]):
            result = shell.run_cell(source)
        if not result.success:
            answer(error=f"Code cell {number} {_reason(result.error_before_exec or result.error_in_exec)}")
        if "parameters" in tags and "scale" in shell.user_ns:
            shell.user_ns["scale"] = "smoke"
        for name, judge in judges.items():
            attempt = shell.user_ns.get(name)
            if not callable(attempt) or judged.get(name) is attempt:
                continue
            judged[name] = attempt
            for names, originals in modules:  # a notebook that has replaced np.allclose is judged by the real one
                names.update(originals)
            with limited(task["seconds"]):
                mark, hint = judge(attempt)
            answer(exercise=name, mark=mark, hint=hint)
    answer(done=True)


@contextlib.contextmanager
def limited(seconds):
    """Interrupt what runs in this block, as Ctrl-C does, if it takes longer than `seconds`."""
    timer = threading.Timer(seconds, _interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _interrupt():
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # wakes a sleeping thread, too
    else:
        _thread.interrupt_main()


def _reason(error):
    if isinstance(error, KeyboardInterrupt):
        return "ran for too long and was interrupted."
    try:
        return f"stopped with {type(error).__name__}: {error}".rstrip(": ")
    except BaseException:
        return "stopped with an error that cannot even be printed."
