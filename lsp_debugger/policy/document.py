"""What a policy says, once it has been read and checked. Values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from lsp_debugger.core.model import Endpoint
from lsp_debugger.policy.expressions import Expression
from lsp_debugger.policy.patterns import Regex

CLASS_NAMES = ("never_send", "redact_and_allow", "allow")
DETECTOR_NAMES = ("secrets",)
# A user's own files with passwords: looked at only where an organisation says so.
LOGIN_FILES = ("netrc", "pgpass")


class Retention(enum.Enum):
    """What an endpoint's operator keeps of a request, as its attestation states."""

    ZERO = "zero"
    MODIFIED_ABUSE_MONITORING = "modified_abuse_monitoring"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Attestation:
    """Somebody's signed word about an endpoint. Days are inclusive, `YYYY-MM-DD`, in UTC.

    signature: `ed25519:BASE64` over `statement`; empty when nobody has signed.
    statement: the endpoint's whole record without the signature, in one spelling.
    """

    by: str
    evidence: str
    verified_at: str
    expires_at: str
    signature: str = ""
    statement: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class CloudEndpoint:
    """A model's server that is not ours. Prices in millionths of a US dollar for a million tokens."""

    name: str
    base_url: str
    models: tuple[str, ...]
    provider: str = ""
    context_tokens: int = 32_000
    api_key_env: str = ""
    ca_file: str = ""
    proxy: str = ""
    account: tuple[tuple[str, str], ...] = ()
    retention: Retention = Retention.DEFAULT
    retention_days: int | None = None
    human_review: bool | None = None
    trains_on_data: bool | None = None
    region: str = ""
    at_rest: str = ""
    private_link: bool | None = None
    customer_keys: bool | None = None
    certificates: tuple[str, ...] = ()
    input_price: int = 0
    output_price: int = 0
    attestation: Attestation | None = None

    @property
    def place(self) -> Endpoint:
        return Endpoint(self.name, self.base_url, self.ca_file or None, self.proxy or None)


@dataclass(frozen=True, slots=True)
class Role:
    """Who it is: user names or groups of the operating system, `*` for everybody."""

    name: str
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    cloud: bool = False


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """max_tokens: of the prompt, or None. endpoints: those that may serve the task, none named means any."""

    name: str
    max_tokens: int | None = None
    endpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits for one user on this machine; None where there is none. Money in millionths of a US dollar."""

    day_tokens: int | None = None
    day_micro_usd: int | None = None
    month_micro_usd: int | None = None


@dataclass(frozen=True, slots=True)
class Obligations:
    """What every endpoint has to attest. regions: those that may process, empty means any."""

    regions: tuple[str, ...] = ()
    zero_retention: bool = False
    no_training: bool = True
    private_link: bool = False


@dataclass(frozen=True, slots=True)
class AuditRules:
    """anchor: `none`, or `required` and then `anchor_path` is a file on storage that others look after."""

    retain_days: int = 180
    anchor_required: bool = False
    anchor_path: str = ""


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """A question to the policy with the answer it has to give. rule: empty when any will do."""

    name: str
    task: str
    text: str
    path: str
    endpoint: str
    action: str
    rule: str


@dataclass(frozen=True, slots=True)
class Grants:
    """What only the topmost file may say. roles and tasks are None where the file has no such section."""

    endpoints: tuple[CloudEndpoint, ...] = ()
    roles: tuple[Role, ...] | None = None
    tasks: tuple[TaskLimits, ...] | None = None
    budgets: Budgets = Budgets()
    obligations: Obligations = Obligations()
    approvals: tuple[str, ...] = ()
    audit: AuditRules = AuditRules()
    tests: tuple[PolicyTest, ...] = ()

    def endpoint(self, name: str) -> CloudEndpoint | None:
        return next((each for each in self.endpoints if each.name == name), None)


class Action(enum.Enum):
    """What a rule asks for. DENY keeps the whole request on the machine, wherever the rule stands."""

    LOCAL = "local"
    REDACT_THEN_ROUTE = "redact_then_route"
    CONSIDER_CLOUD = "consider_cloud"
    DENY = "deny"


class Mode(enum.Enum):
    """ENFORCE: rules decide. SHADOW: rules are evaluated and recorded, nothing remote happens.
    OFF_CLOUD: remote is off, whatever the rules say.
    """

    ENFORCE = "enforce"
    SHADOW = "shadow"
    OFF_CLOUD = "off_cloud"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a class: a glob over paths, or a pattern over text (then `regex` is set).

    id: `LAYER.CLASS[INDEX]`, stable for one file; this is what results and audit records show.
    """

    id: str
    glob: str = ""
    regex: Regex | None = field(default=None, repr=False, compare=False)
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """id: `LAYER.rules[INDEX]`."""

    id: str
    condition: Expression = field(repr=False, compare=False)
    action: Action


@dataclass(frozen=True, slots=True)
class Policy:
    """One file's content, or several layers' after merging.

    serial: of an organisation's file, rises with every version that is signed.
    """

    mode: Mode = Mode.ENFORCE
    never_send: tuple[Entry, ...] = ()
    redact_and_allow: tuple[Entry, ...] = ()
    allow: tuple[Entry, ...] = ()
    rules: tuple[PolicyRule, ...] = ()
    never_index: tuple[str, ...] = ()
    detectors: tuple[str, ...] = DETECTOR_NAMES
    login_files: tuple[str, ...] = ()
    serial: int = 0
    grants: Grants = Grants()

    def entries(self, class_name: str) -> tuple[Entry, ...]:
        return {
            "never_send": self.never_send,
            "redact_and_allow": self.redact_and_allow,
            "allow": self.allow,
        }[class_name]
