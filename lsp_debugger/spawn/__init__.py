"""The door for programs: whatever this project starts, it starts here.

An absolute program from outside the untrusted roots, a scrubbed environment, limits, no shell, no
stdin unless given, and the end of a child is the end of its whole group.
"""

from lsp_debugger.spawn.environment import (
    check_program,
    private_directory,
    python_argv,
    scrubbed_environment,
    search_path,
)
from lsp_debugger.spawn.git import git, git_blocking
from lsp_debugger.spawn.process import Child, kill_all, start
from lsp_debugger.spawn.run import Completed, run, run_blocking

__all__ = [
    "Child",
    "Completed",
    "check_program",
    "git",
    "git_blocking",
    "kill_all",
    "private_directory",
    "python_argv",
    "run",
    "run_blocking",
    "scrubbed_environment",
    "search_path",
    "start",
]
