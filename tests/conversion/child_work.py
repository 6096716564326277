"""What a child process is given to do; nothing heavy is imported, for each child imports this anew."""

import os
import signal

from doors import Report


def dies(report: Report) -> None:
    report(0.5)
    os.abort()


def is_killed(report: Report) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stumbles(report: Report) -> None:
    raise ZeroDivisionError("by a foreign file")


def finds_the_disk_full(report: Report) -> None:
    raise OSError(28, "No space left on device", "model.onnx")


def is_deaf(report: Report) -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
