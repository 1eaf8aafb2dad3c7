"""`python bound.py [--user NAME] COMMAND...`: becomes COMMAND, which ends when the process that started it ends.

Run as a script before anything is imported: a supervisor that is killed outright cannot stop its
children, so on Linux the kernel does it (prctl(2), PR_SET_PDEATHSIG). Elsewhere it only runs COMMAND.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent = int(arguments.pop(0))
    if arguments[0] == "--user":
        _become(arguments[1])
        arguments = arguments[2:]
    if sys.platform == "linux":
        # After the change of user, which would clear it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("The process that started this one is gone already.")
    os.execvp(arguments[0], arguments)  # noqa: S606 - no shell is what is wanted


def _become(name: str) -> None:
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


if __name__ == "__main__":
    main(sys.argv[1:])
