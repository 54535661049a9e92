from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.config.edit import add_item, remove_items
from lsp_debugger.core.errors import ConfigInvalid

BOX = "http://box:8000"


def check_add(path: Path, before: str, after: str) -> None:
    path.write_bytes(before.encode())
    add_item(path, "local_hosts", BOX)
    assert path.read_bytes().decode() == after


def check_remove(path: Path, before: str, after: str) -> None:
    path.write_bytes(before.encode())
    assert remove_items(path, "local_hosts", lambda each: each == BOX) == 1
    assert path.read_bytes().decode() == after


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", f'local_hosts = ["{BOX}"]\n', id="empty"),
        pytest.param('backend = "auto"', f'backend = "auto"\nlocal_hosts = ["{BOX}"]\n', id="no line end"),
        pytest.param(
            '# mine\nca_file = ""\n\n# the model\n[model]\nname = "x"  # good\n',
            f'# mine\nca_file = ""\n\nlocal_hosts = ["{BOX}"]\n\n# the model\n[model]\nname = "x"  # good\n',
            id="before the first table and its comment",
        ),
        pytest.param(
            '[log]\nlevel="info"', f'local_hosts = ["{BOX}"]\n\n[log]\nlevel="info"', id="only a table"
        ),
        pytest.param("local_hosts=[]\n", f'local_hosts=["{BOX}"]\n', id="empty list"),
        pytest.param(
            "local_hosts = ['http://a:1']  # desk\n",
            f"local_hosts = ['http://a:1', \"{BOX}\"]  # desk\n",
            id="one line",
        ),
        pytest.param(
            "local_hosts = ['http://a:1', ]\n",
            f"local_hosts = ['http://a:1', \"{BOX}\", ]\n",
            id="trailing comma",
        ),
        pytest.param(
            'local_hosts = [\n  "http://a:1",  # desk, with ] and "\n]\nca_file = ""\n',
            f'local_hosts = [\n  "http://a:1",  # desk, with ] and "\n  "{BOX}",\n]\nca_file = ""\n',
            id="many lines",
        ),
        pytest.param(
            'local_hosts = [\n\t"http://a:1" # desk\n\t# end\n]\n',
            f'local_hosts = [\n\t"http://a:1", # desk\n\t"{BOX}",\n\t# end\n]\n',
            id="many lines without a last comma",
        ),
        pytest.param(
            'local_hosts = [\r\n  "http://a:1",\r\n]\r\n',
            f'local_hosts = [\r\n  "http://a:1",\r\n  "{BOX}",\r\n]\r\n',
            id="CRLF",
        ),
    ],
)
def test_adding_keeps_the_rest(path: Path, before: str, after: str) -> None:
    check_add(path, before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f'local_hosts = ["{BOX}"]  # x\n', "local_hosts = []  # x\n", id="only one"),
        pytest.param(f'local_hosts = ["{BOX}", "http://a"]\n', 'local_hosts = ["http://a"]\n', id="first"),
        pytest.param(f'local_hosts = ["http://a", "{BOX}"]\n', 'local_hosts = ["http://a"]\n', id="last"),
        pytest.param(
            f'local_hosts = ["http://a", "{BOX}", "http://b"]\n',
            'local_hosts = ["http://a", "http://b"]\n',
            id="middle",
        ),
        pytest.param(
            f'local_hosts = [\n  "http://a",\n  "{BOX}",  # desk\n]\n# end\n',
            'local_hosts = [\n  "http://a",\n]\n# end\n',
            id="a line of its own",
        ),
        pytest.param(f'local_hosts = [\r\n  "{BOX}"\r\n]\r\n', "local_hosts = [\r\n]\r\n", id="CRLF"),
    ],
)
def test_removing_keeps_the_rest(path: Path, before: str, after: str) -> None:
    check_remove(path, before, after)


def test_removing_what_is_not_there_touches_nothing(path: Path) -> None:
    path.write_text('local_hosts = ["http://a"]\n')
    before = path.stat().st_mtime_ns
    assert remove_items(path, "local_hosts", lambda each: each == BOX) == 0
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"local_hosts" = ["http://a"]\n', id="a quoted key"),
        pytest.param('doc = """\nlocal_hosts = ["x"]\n"""\n', id="a look-alike in a string"),
        pytest.param('local_hosts = "http://a"\n', id="not a list"),
        pytest.param("local_hosts = [1]\n", id="not strings"),
        pytest.param("backend = \n", id="not TOML"),
    ],
)
def test_what_cannot_be_edited_safely_is_left_alone(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigInvalid) as refused:
        add_item(path, "local_hosts", BOX)
    assert refused.value.hint
    assert path.read_text() == text
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_the_file_is_private_and_a_link_stays_a_link(tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles.toml"
    dotfiles.write_text("")
    dotfiles.chmod(0o644)
    link = tmp_path / "config" / "config.toml"
    link.parent.mkdir()
    link.symlink_to(dotfiles)
    add_item(link, "local_hosts", BOX)
    assert link.is_symlink()
    assert tomllib.loads(dotfiles.read_text()) == {"local_hosts": [BOX]}
    assert stat.S_IMODE(dotfiles.stat().st_mode) == 0o600


_HOSTS = st.lists(st.integers(1, 99).map(lambda port: f"http://h:{port}"), unique=True, max_size=6)


@given(hosts=_HOSTS, drop=st.sets(st.integers(0, 5)), multi_line=st.booleans(), comma=st.booleans())
def test_adding_and_removing_are_what_they_say(
    tmp_path_factory: pytest.TempPathFactory, hosts: list[str], drop: set[int], multi_line: bool, comma: bool
) -> None:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    inner = (",\n  " if multi_line else ", ").join(f'"{each}"' for each in hosts)
    inner += "," if comma and hosts else ""
    path.write_text(f"# top\nlocal_hosts = [{inner}]\n[log]\nlevel = 'info' # why\n")
    add_item(path, "local_hosts", BOX)
    dropped = {each for index, each in enumerate(hosts) if index in drop}
    assert remove_items(path, "local_hosts", lambda each: each in dropped) == len(dropped)
    text = path.read_text()
    assert tomllib.loads(text)["local_hosts"] == [each for each in hosts if each not in dropped] + [BOX]
    assert text.startswith("# top\n")
    assert text.endswith("\n[log]\nlevel = 'info' # why\n")
