from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lsp_debugger.checkers import CHECKERS
from lsp_debugger.config import SETTINGS, Setting, load
from lsp_debugger.core import installing

REPO = Path(__file__).resolve().parents[2]

README = """\
before
<!-- settings:begin -->
<!-- settings:end -->
between
<!-- checkers:begin -->
<!-- checkers:end -->
then
<!-- install:begin -->
<!-- install:end -->
after
"""

# Written by hand, but for some lines of each.
PARTLY = (
    "vscode/README.md",
    "vscode/walkthrough.md",
    "jetbrains/README.md",
    "jetbrains/lsp-debugger/README.md",
    "neovim/doc/lsp_debugger.txt",
)


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_settings", REPO / "tools" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load_generator()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in PARTLY:
        place = tmp_path / "editors" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPO / "editors" / name, place)
    (tmp_path / "README.md").write_text(README)
    return tmp_path


def test_generated_files_are_current_until_somebody_touches_them(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main(["--check"], copy) == 1
    assert generate.main([], copy) == 0
    assert generate.main(["--check"], copy) == 0
    schema = copy / "editors" / "settings.schema.json"
    schema.write_text(schema.read_text().replace('"auto"', '"cloud"'))
    capsys.readouterr()
    assert generate.main(["--check"], copy) == 1
    assert "settings.schema.json is out of date" in capsys.readouterr().err


def test_readme_keeps_what_stands_around_the_table(copy: Path) -> None:
    generate.main([], copy)
    text = (copy / "README.md").read_text()
    assert text.startswith("before\n<!-- settings:begin -->\n| setting |")
    assert "|\n<!-- settings:end -->\nbetween\n<!-- checkers:begin -->\n| checker |" in text
    assert "|\n<!-- checkers:end -->\nthen\n<!-- install:begin -->\n" in text
    assert text.endswith("```\n<!-- install:end -->\nafter\n")
    assert all(f"| {checker.name} |" in text for checker in CHECKERS)
    assert all(f"| `{name}` |" in text for name in SETTINGS)


def test_a_readme_without_markers_is_said(copy: Path) -> None:
    (copy / "README.md").write_text("nothing here\n")
    with pytest.raises(SystemExit, match=r"README.md lacks '<!-- settings:begin -->'"):
        generate.main([], copy)


@pytest.mark.parametrize("name", PARTLY)
def test_what_an_editor_says_about_installing_is_written_where_it_stands(copy: Path, name: str) -> None:
    generate.main([], copy)
    place = copy / "editors" / name
    current = place.read_text("utf-8")
    assert installing.command() in current
    place.write_text(current.replace(installing.command(), "pipx install something-else"), "utf-8")
    assert generate.main(["--check"], copy) == 1
    generate.main([], copy)
    assert place.read_text("utf-8") == current


def leaves(schema: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, value in schema["properties"].items():
        nested = leaves(value, f"{prefix}{key}.") if "properties" in value else {prefix + key: value}
        found.update(nested)
    return found


def test_the_schema_and_the_loader_agree() -> None:
    schemas = leaves(generate.toml_schema())
    assert set(schemas) == set(SETTINGS)
    for name, schema in schemas.items():
        setting: Setting = SETTINGS[name]
        assert setting.accept(schema["default"]) == setting.default
        for choice in schema.get("enum", []):
            setting.accept(choice)
        for bound, outside in (("minimum", -1), ("maximum", 1)):
            if bound in schema:
                setting.accept(schema[bound])
                with pytest.raises(ValueError, match="between"):
                    setting.accept(schema[bound] + outside)


def test_what_an_editor_sends_when_nobody_chose_changes_nothing() -> None:
    properties = generate.vscode_configuration()["properties"]
    sent = {name.removeprefix("lspDebugger."): each["default"] for name, each in properties.items()}
    loaded = load(org_path=Path("/nowhere"), user_path=Path("/nowhere"), editor=sent, environ={})
    assert loaded == load(org_path=Path("/nowhere"), user_path=Path("/nowhere"), environ={})


def test_an_extension_offers_only_what_an_editor_may_set() -> None:
    text = json.dumps(generate.vscode_configuration())
    for name, setting in SETTINGS.items():
        assert (f'"lspDebugger.{name}"' in text) is setting.from_editor
