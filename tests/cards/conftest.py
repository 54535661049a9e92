from __future__ import annotations

from pathlib import Path

import pytest
from card_project import Project

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.state import State


@pytest.fixture(scope="session")
def docs(tmp_path_factory: pytest.TempPathFactory) -> RuleTexts:
    return RuleTexts(State(tmp_path_factory.mktemp("state")))


@pytest.fixture
def project(tmp_path: Path, docs: RuleTexts) -> Project:
    return Project(tmp_path, docs)
