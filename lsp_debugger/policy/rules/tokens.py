"""Tokens of smaller services, and what most issuers do: a short word, a line, and then letters at random."""

from __future__ import annotations

import re

from lsp_debugger.policy.rule import Groups, Rule, token
from lsp_debugger.policy.rules import shapes
from lsp_debugger.policy.rules.vocabulary import DISTINCT_SERVICES

_D = "0a1b2c3d4e5f6789" * 10
_M = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zL" * 5
_UUID = "0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"
_ABOUT_HASHES = re.compile(
    r"(?i)sha|commit|hash|digest|integrity|resolved|checksum|\brev|\bref|uses|md5|etag|image|tree"
)


def _is_beside_service(group: Groups) -> bool:
    value = group("value") or ""
    between = f"{group('service')}{group('between')}"
    return not _ABOUT_HASHES.search(between) and len(set(value)) > 5 and not value.isdigit()


def _is_prefixed(group: Groups) -> bool:
    value = group("rest") or ""
    return len(set(value)) > 8 and (shapes.is_hash(value) or shapes.looks_random(value))


RULES = (
    token("amazon-mws-token", "aws_key", r"amzn\.mws\.[0-9a-f-]{36}", (r"amzn\.mws\.",), "amzn.mws." + _UUID),
    token(
        "amazon-oauth-secret",
        "aws_key",
        r"amzn1\.oa2-cs-v1\.[a-f0-9]{64}",
        (r"amzn1\.oa2",),
        "amzn1.oa2-cs-v1." + _D[:64],
    ),
    token(
        "slack-config-token",
        "slack_token",
        r"xoxe\.xox[bp]-\d-[A-Za-z0-9]{100,}",
        (r"xoxe\.",),
        "xoxe.xoxp-1-" + _M[:146],
    ),
    token(
        "snyk-token",
        "snyk_token",
        r"snyk_[a-z]{2,4}\.[a-f0-9]{8}\.[A-Za-z0-9_\-.]{20,}",
        ("snyk_",),
        "snyk_uat.0a1b2c3d." + _M[:40],
    ),
    token(
        "sourcegraph-token",
        "sourcegraph_token",
        r"sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}",
        ("sgp_",),
        "sgp_" + _D[:40],
    ),
    token(
        "deepl-key",
        "deepl_key",
        r"(?:[a-f0-9]{8}-(?:[a-f0-9]{4}-){3}[a-f0-9]{12}|deepl_[A-Za-z0-9]{30,}):fx",
        (":fx",),
        _UUID + ":fx",
    ),
    token(
        "cloudflare-ca-key",
        "cloudflare_key",
        r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
        (r"v1\.0-",),
        f"v1.0-{_D[:24]}-{_D[:146]}",
    ),
    token(
        "fly-macaroon",
        "fly_token",
        r"FlyV1[ #]fm[12][ar]?_[A-Za-z0-9+/=,_]{60,}",
        ("flyv1",),
        "FlyV1 fm2_" + _M[:100],
    ),
    token(
        "posthog-key", "posthog_key", r"ph[cx]_[A-Za-z0-9]{40,}", ("ph[cx]_[a-z0-9]{16}",), "phc_" + _M[:43]
    ),
    token(
        "grafana-api-key",
        "grafana_token",
        r"eyJrIjoi[A-Za-z0-9+/]{60,}={0,2}",
        ("eyjrijoi",),
        "eyJrIjoi" + _M[:80],
    ),
    token("jfrog-token", "artifactory_key", r"jfrt@[A-Za-z0-9/]{20,}", ("jfrt@",), "jfrt@" + _M[:26]),
    token(
        "razorpay-key",
        "razorpay_key",
        r"rzp_(?:live|test)_[A-Za-z0-9]{14,}",
        ("rzp_",),
        "rzp_live_" + _M[:14],
    ),
    Rule(
        "prefixed-token",
        "prefixed",
        r"(?P<value>[a-z][a-z0-9]{1,12}[_\-](?:(?:[a-z]{2,8}|v\d)[_\-])?(?P<rest>[A-Za-z0-9]{24,}))(?:[^A-Za-z0-9]|\z)",
        (r"(?:live|test|prod|key|tok|token|secret|api|pat|[sprau]k|oauth)[_-][a-z0-9]{16}",),
        hits=(
            "call(«cal_live_" + _D[:32] + "»)",
            "x «zpka_secret_" + _M[:32] + "» y",
            "(«acme_api_" + _M[:40] + "»\\n",
        ),
        misses=(
            "test_" + "a" * 30,
            "api_internationalizationHelpers",
            "sha256_api-documentationgenerators",
            "key_" + "1" * 30,
        ),
        accepts=_is_prefixed,
        bounded=True,
    ),
    Rule(
        "service-hash",
        "service_key",
        rf"(?i)(?P<service>{'|'.join(DISTINCT_SERVICES)})(?P<between>[^\n]{{0,60}}?)[\"'`(]"
        r"(?P<value>[0-9a-f]{32,40}|[0-9a-f]{64}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})[\"'`)]",
        DISTINCT_SERVICES,
        hits=(f"algoliasearch('APPID', '«{_D[:32]}»')", f'const twilio = init("«{_UUID}»")'),
        misses=(
            f'github.com/twilio/x@"{_D[:40]}"'.replace("@", " commit "),
            f"twilio sha: '{_D[:40]}'",
            f"twilio = '{'0' * 32}'",
            "twilio('x')",
        ),
        accepts=_is_beside_service,
    ),
)
