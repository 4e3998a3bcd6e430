"""A quiet place with a time limit, where a learner's function runs and leaves no trace."""

import contextlib
import contextvars
import ctypes
import io
import linecache
import random
import sys
import sysconfig
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FrameType
from typing import TypeVar

import numpy as np
import torch

SECONDS = 5.0

Result = TypeVar("Result")

_IMPORT = "<frozen importlib._bootstrap>"
_GENERATED = ("<frozen", "<string", "<lambdify")
_LIBRARIES = (*_GENERATED, *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")))


class Stopped(SystemExit):
    """Ends a function that took too long; a thread may end with it in silence."""


def run(task: Callable[[], Result]) -> Result:
    """Return `task()`, run without a sound and without a trace.

    What it prints is kept from the screen, the global random generators are put back
    where they were, and a task that takes longer than `SECONDS` is ended.

    Raises:
        TimeoutError: the time was over; the message says in which line of the learner's.
            Everything that `task` raises is passed on.
    """
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),  # A learner may have set NumPy to raise.
        _random_state_kept(),
    ):
        warnings.simplefilter("ignore")
        return _within_limit(task)


def printed() -> str:
    """What the running task has printed so far."""
    return sys.stdout.getvalue() if isinstance(sys.stdout, io.StringIO) else ""


def line_of(error: BaseException) -> str:
    """The learner's line in which `error` was raised, as ``line 2: `y = x / 0` ``."""
    return _last_own_line(traceback.walk_tb(error.__traceback__))


def _within_limit(task: Callable[[], Result]) -> Result:
    results: list[Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(task())
        except BaseException as error:
            errors.append(error)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(work,), daemon=True)
    thread.start()
    try:
        _wait(thread)
        if thread.is_alive():
            frames = reversed(_frames(thread))
            raise TimeoutError(_last_own_line((frame, frame.f_lineno) for frame in frames))
    finally:
        _stop(thread)
    if errors:
        raise errors[0]
    return results[0]


def _wait(thread: threading.Thread) -> None:
    """Wait until `thread` ends or has worked for `SECONDS`.

    Imports do not count: the first `torch.func.vmap` loads modules for seconds.
    """
    worked = 0.0
    while thread.is_alive() and worked < SECONDS:
        before = time.monotonic()
        thread.join(0.05)
        if not any(frame.f_code.co_filename == _IMPORT for frame in _frames(thread)):
            worked += time.monotonic() - before


def _stop(thread: threading.Thread) -> None:
    """Raise `Stopped` in `thread` until it ends, for a second at most.

    A thread that waits outside of Python, in `time.sleep` say, ends when it comes back.
    """
    for _ in range(10):
        if not thread.is_alive() or thread.ident is None:
            return
        identity = ctypes.c_ulong(thread.ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(Stopped))
        thread.join(0.1)


@contextlib.contextmanager
def _random_state_kept() -> Iterator[None]:
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


def _frames(thread: threading.Thread) -> list[FrameType]:
    """The calls that `thread` is in, innermost first."""
    innermost = sys._current_frames().get(thread.ident or 0)
    return [frame for frame, _ in traceback.walk_stack(innermost)] if innermost else []


def _last_own_line(frames: Iterable[tuple[FrameType, int]]) -> str:
    """Describe the innermost line that belongs neither to a library nor to the checks."""
    place = ""
    for frame, number in frames:
        if _is_own(frame.f_code):
            source = linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
            place = f"line {number}: `{source}`" if source else f"line {number}"
    return place


def _is_own(code: CodeType) -> bool:
    library = code.co_filename.startswith(_LIBRARIES)
    return not library and not code.co_filename.startswith(__file__.removesuffix("sandbox.py"))
