"""Commands that run in the background and outlive whoever started them.

A job is a process of its own session that runs one command line. Its folder lies in the person's state folder, under a
digest of the lake's path::

    job.json        the command, the lake, and when it was started
    lock            held by the process for as long as it lives, however it ends
    begun.json      its process id, written by the process once it holds the lock
    progress.json   how far it is, a few times a second (what TRIPTYCH_PROGRESS names)
    log             what it says on stderr
    out             what it says on stdout, until it ends
    stop            there once it was told to stop
    end.json        its exit code and what it did, in numbers

Only the person can read it. It holds numbers, the command line and messages, no rows of the lake.
"""

from __future__ import annotations

from tui.jobs.record import Job, Progress, State, read
from tui.jobs.register import all_jobs, live_jobs, start, stop

__all__ = ["Job", "Progress", "State", "all_jobs", "live_jobs", "read", "start", "stop"]
