"""Every exception of ours has a translation, and no translation quotes anybody's text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pygls.exceptions import JsonRpcInvalidParams

from lsp_debugger.core import errors
from lsp_debugger.server import params
from lsp_debugger.server.errors import TRANSLATIONS, refusal, response_error

SECRET = "password = 'hunter2'"


def tree(kind: type[errors.LspDebuggerError]) -> Iterator[type[errors.LspDebuggerError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from tree(each)


CORE = [each for each in tree(errors.LspDebuggerError) if each.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", CORE)
def test_every_exception_of_the_tree_has_its_own_translation(kind: type[errors.LspDebuggerError]) -> None:
    assert kind in TRANSLATIONS
    found = response_error(kind("it broke", hint="mend it"))
    assert found.message == "it broke"
    assert found.data == {"kind": TRANSLATIONS[kind][1], "hint": "mend it"}


def test_translations_tell_exceptions_apart() -> None:
    assert set(TRANSLATIONS) == set(CORE)
    assert len({kind for _, kind in TRANSLATIONS.values()}) == len(TRANSLATIONS)


def test_a_subclass_elsewhere_is_translated_like_its_parent() -> None:
    class Elsewhere(errors.ModelMissing):
        pass

    assert response_error(Elsewhere("gone")).data == {"kind": "model-missing", "hint": ""}


def test_a_message_is_one_line() -> None:
    found = response_error(errors.ToolFailed("ruff\n  failed\n" + "x" * 1000))
    assert found.message.startswith("ruff failed xxx")
    assert len(found.message) == 300


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET),
        KeyError(SECRET),
        json.JSONDecodeError(SECRET, SECRET, 0),
        UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
        JsonRpcInvalidParams(SECRET),  # not raised by our code: pygls quotes arguments
    ],
)
def test_foreign_words_stay_inside(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        raise error
    found = response_error(caught.value)
    assert "hunter2" not in repr(found)
    assert found.message


def test_words_of_our_own_code_come_through() -> None:
    with pytest.raises(JsonRpcInvalidParams) as caught:
        params.answer_id([])
    found = response_error(caught.value)
    assert (found.code, found.message) == (-32602, str(caught.value))
    assert "lspDebugger.explain" in found.message


def test_codes() -> None:
    assert response_error(asyncio.CancelledError()).code == -32800
    assert response_error(ValueError()).code == -32603
    assert response_error(errors.PolicyInvalid("p")).code == -32803
    assert refusal(-32601).message == "no such method"
    assert refusal(-1).message == "the request failed"


def test_the_package_directory_is_the_package() -> None:
    from lsp_debugger.server import errors as translated

    assert Path(errors.__file__).is_relative_to(translated._PACKAGE_DIRECTORY)
    assert translated._PACKAGE_DIRECTORY.name == "lsp_debugger"
