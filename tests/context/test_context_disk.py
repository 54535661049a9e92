"""Only regular files of a modest size are read, whatever stands in their place."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lsp_debugger.context.disk import read_file

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices as files are POSIX's")


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\r\n\xff")
    assert read_file(path, 8) == b"x = 1\r\n\xff"
    assert read_file(path, 7) is None
    assert read_file(tmp_path / "none", 7) is None
    assert read_file(tmp_path, 7) is None
    assert read_file("a\0b", 7) is None


@posix_only
def test_pipes_and_devices_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    assert read_file(tmp_path / "pipe.py", 7) is None
    assert read_file(tmp_path / "zero.py", 7) is None
