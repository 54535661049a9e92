"""What each grammar calls a definition, an import and a literal comes out under the same words."""

from __future__ import annotations

import pytest

from lsp_debugger.core.text import Span
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.tree import TreeView, parse_view

JAVA = """\
package shop.money;
import java.util.List;
import static shop.Rates.TAX;

@Service("money")
public class Basket<T> extends Base {
    private int total = 1, count;
    static final String NAME = "a\\nb";
    Basket() { }
    @Override public <U> T sum(int tax) {
        Runnable later = () -> go();
        return tax;
    }
    enum State { OPEN, SHUT }
    record Item(int price) { }
    interface Named { void name(); }
}
"""
CSHARP = """\
using System;
using Json = Newtonsoft.Json;
namespace Shop.Money {
    [Attr("s")]
    public class Basket<T> : Base {
        int total = 1, count;
        public string Name { get; set; } = "d";
        public Basket() { }
        public async Task<int> Sum(int tax) {
            int Local() => 2;
            var text = $"x{tax}y";
            return tax;
        }
    }
    enum State { Open, Shut }
    record Item(int Price);
}
"""
RUBY = """\
require 'json'
require_relative "money"
module Shop
  class Basket < Base
    LIMIT = 1
    def sum(tax)
      @total = "s#{tax}t"
    end
    def self.make; end
  end
end
"""
PHP = """\
<?php
namespace Shop;
use Money\\Rate as Cash;
use Money\\{Tax, Sum};
require_once 'rates.php';
#[Attr]
abstract class Basket extends Base {
    private int $total = 2, $count;
    public function __construct(private int $tax) {}
    static function sum($a) { return "x{$a}y"; }
}
enum State: string { case Open = 'open'; }
function top(int $a): int { return $a; }
$later = function () { return 1; };
"""


def view_of(text: str, path: str) -> TreeView:
    view = parse_view(text, language_of(path))
    assert view is not None
    assert not view.has_error
    return view


@pytest.mark.parametrize(
    ("path", "text", "scopes", "others"),
    [
        (
            "Basket.java",
            JAVA,
            (
                "class Basket, method Basket.Basket, method Basket.sum, function Basket.sum.later,"
                " class Basket.State, class Basket.Item, class Basket.Named, method Basket.Named.name"
            ),
            (
                "import List, import TAX, variable total, variable count, variable NAME,"
                " variable OPEN, variable SHUT"
            ),
        ),
        (
            "Basket.cs",
            CSHARP,
            (
                "class Shop.Money, class Shop.Money.Basket, method Shop.Money.Basket.Basket,"
                " method Shop.Money.Basket.Sum, function Shop.Money.Basket.Sum.Local, class Shop.Money.State,"
                " class Shop.Money.Item"
            ),
            (
                "import System, import Json, variable total, variable count, variable Name, variable Open,"
                " variable Shut"
            ),
        ),
        (
            "basket.rb",
            RUBY,
            "class Shop, class Shop.Basket, method Shop.Basket.sum, method Shop.Basket.make",
            "variable LIMIT",
        ),
        (
            "basket.php",
            PHP,
            (
                "class Basket, method Basket.__construct, method Basket.sum, class State,"
                " function top, function later"
            ),
            "import Cash, import Tax, import Sum, variable total, variable count, variable Open",
        ),
    ],
    ids=["java", "csharp", "ruby", "php"],
)
def test_definitions(path: str, text: str, scopes: str, others: str):
    named = view_of(text, path).outline.named
    kinds = {"function", "method", "class"}
    assert ", ".join(f"{each.kind} {each.qualname}" for each in named if each.kind in kinds) == scopes
    assert ", ".join(f"{each.kind} {each.name}" for each in named if each.kind not in kinds) == others


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Basket.java", JAVA, ["import java.util.List;", "import static shop.Rates.TAX;"]),
        ("Basket.cs", CSHARP, ["using System;", "using Json = Newtonsoft.Json;"]),
        ("basket.rb", RUBY, ["require 'json'", 'require_relative "money"']),
        (
            "basket.php",
            PHP,
            ["use Money\\Rate as Cash;", "use Money\\{Tax, Sum};", "require_once 'rates.php'"],
        ),
    ],
    ids=["java", "csharp", "ruby", "php"],
)
def test_imports(path: str, text: str, expected: list[str]):
    assert [span.of(text) for span in view_of(text, path).imports()] == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Basket.java", JAVA, ["money", "a\\nb"]),
        ("Basket.cs", CSHARP, ["s", "d", "x", "y"]),
        ("basket.rb", RUBY, ["json", "money", "s", "t"]),
        ("basket.php", PHP, ["rates.php", "x{", "}y", "open"]),
    ],
    ids=["java", "csharp", "ruby", "php"],
)
def test_literals(path: str, text: str, expected: list[str]):
    literals = view_of(text, path).literals(Span(0, len(text)))
    assert [span.of(text) for span in literals] == expected


def test_a_header_ends_where_the_body_begins():
    for path, text, name, header in (
        ("Basket.java", JAVA, "sum", "@Override public <U> T sum(int tax)"),
        ("Basket.cs", CSHARP, "Sum", "public async Task<int> Sum(int tax)"),
        ("basket.rb", RUBY, "sum", "def sum(tax)"),
        ("basket.php", PHP, "sum", "static function sum($a)"),
    ):
        (found,) = (each for each in view_of(text, path).outline.scopes() if each.name == name)
        assert found.header.of(text) == header
