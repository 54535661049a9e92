"""What a user can do with a problem, in menu order; the listing is the registration."""

from lsp_debugger.core.ask import Feature
from lsp_debugger.features.explain import EXPLAIN

FEATURES: tuple[Feature, ...] = (EXPLAIN,)
