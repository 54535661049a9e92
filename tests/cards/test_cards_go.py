"""Cards of Go: vet, gopls and staticcheck run over their cases, one package each."""

from __future__ import annotations

import re

import pytest
from card_of_tool import cards_of, check_case
from tool_golden import Reported, ToolCases, check_record, names_its_subject

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers import go_vet, gopls, staticcheck

pytestmark = pytest.mark.xdist_group("go")
_MODULE = {"go.mod": "module example.com/shop\n\ngo 1.26\n"}
# What go prints of its own files, and how long it took, belong to the machine.
_OWN_FILES = re.compile(r"[^\s\"':]*/(?:go|toolchain@[^/]*)/src/")


def scrub(text: str) -> str:
    """Packages are checked side by side: what each says is kept in the order of their names."""
    text = _OWN_FILES.sub("$GOROOT/src/", text)
    if text.startswith("{") and "}\n{" in text:
        return "}\n{".join(sorted(re.split(r"\}\n\{", text.strip().removeprefix("{").removesuffix("}"))))
    blocks = re.split(r"^(?=# )", text, flags=re.MULTILINE)
    if len(blocks) > 1:
        return "".join(sorted(blocks))
    return "".join(sorted(text.splitlines(keepends=True)))


VET = ToolCases("go", go_vet.CHECKER, _MODULE, scrub, "install Go")
GOPLS = ToolCases("gopls", gopls.CHECKER, _MODULE, scrub, "run tools/install_checkers.sh")
STATICCHECK = ToolCases("staticcheck", staticcheck.CHECKER, _MODULE, scrub, "run tools/install_checkers.sh")


@pytest.fixture(scope="session", params=[VET, GOPLS, STATICCHECK], ids=lambda tool: tool.folder)
def tool(request: pytest.FixtureRequest) -> ToolCases:
    return request.param


@pytest.fixture(scope="session")
def reported(tool: ToolCases, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    return tool.report(tmp_path_factory.mktemp(tool.folder))


async def test_golden(tool: ToolCases, reported: Reported, docs: RuleTexts):
    wrong = list[str]()
    for case in tool.cases:
        try:
            await check_case(case, reported, docs)
        except AssertionError as error:
            wrong.append(f"{case.id}: {error}")
    assert not wrong, "\n".join(wrong)


def test_record(reported: Reported):
    check_record(reported)


async def test_headlines_name_what_they_are_about(tool: ToolCases, reported: Reported, docs: RuleTexts):
    named = list[bool]()
    for case in tool.cases:
        for problem, card, project in await cards_of(case, reported, docs):
            named.append(names_its_subject(card, problem, project.read(str(problem.path))))
    assert named.count(True) >= 0.95 * len(named)
