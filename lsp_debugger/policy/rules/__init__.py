"""Every detector, as data. A family is a file; adding a rule is adding a value to one of them.

Shapes are facts from the providers' own documentation. What carries recall are the two general
families, assignment and entropy; provider rules carry names and precision.
"""

from __future__ import annotations

from lsp_debugger.policy.rule import Groups, Rule
from lsp_debugger.policy.rules import (
    assignment,
    clouds,
    commands,
    entropy,
    forges,
    keys,
    logins,
    models,
    people,
    services,
    settings,
    tokens,
)

__all__ = ["ALL", "Groups", "Rule"]

# Where findings overlap, the label of the rule that stands first names the secret.
ALL: tuple[Rule, ...] = (
    *keys.RULES,
    *logins.RULES,
    *commands.RULES,
    *clouds.RULES,
    *forges.RULES,
    *models.RULES,
    *services.RULES,
    *tokens.RULES,
    *people.RULES,
    *assignment.RULES,
    *settings.RULES,
    *entropy.RULES,
)
