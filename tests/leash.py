"""What the suites start ends with them, also when they are killed: nothing waits on a FIFO for ever after somebody's
kill -9 of a suite.

Importing this module is all that is needed. A child of the suite hears of its end from the kernel (PR_SET_PDEATHSIG).
What children start themselves (bash a program, that its workers) is known by a mark in its environment: a watcher,
which the suite's end wakes through a pipe, kills whoever has it.
"""
import ctypes
import os
import signal
import subprocess
import uuid

MARK = "TEST_LEASH"
_prctl = ctypes.CDLL(None, use_errno=True).prctl
_PR_SET_PDEATHSIG = 1


def _marked(token):
    """The processes with the mark in their environment, besides our own."""
    wanted = f"{MARK}={token}".encode()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if wanted in file.read().split(b"\0"):
                    yield int(name)
        except OSError:
            pass


def _watch(end, token):
    """The watcher: waits for the end of the suite, then kills until nobody is left, because who is killed may just have
    started another."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    while os.read(end, 1):
        pass
    for _ in range(100):
        left = list(_marked(token))
        if not left:
            break
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
    os._exit(0)


def _begin():
    if MARK in os.environ:  # A suite that another one has started is on its leash.
        return
    token = uuid.uuid4().hex
    end, held = os.pipe()
    if os.fork() == 0:
        os.close(held)
        os.setsid()
        # Whoever reads what the suite says must not wait for the watcher.
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd)
        _watch(end, token)
    os.close(end)  # `held` stays open, and is not inherited, until the suite's end.
    os.environ[MARK] = token


class _Popen(subprocess.Popen):
    def __init__(self, arguments, *more, preexec_fn=None, env=None, **named):
        if env is not None and MARK in os.environ:
            env = dict(env, **{MARK: os.environ[MARK]})

        def prepare():
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if preexec_fn is not None:
                preexec_fn()

        super().__init__(arguments, *more, preexec_fn=prepare, env=env, **named)


_begin()
subprocess.Popen = _Popen
