"""Tokens of payment, messaging, mail and monitoring services."""

from __future__ import annotations

from lsp_debugger.policy.rule import Rule, token

_D = "0a1b2c3d4e5f6789" * 8
_M = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zL" * 6
_UUID = "0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"

RULES = (
    token(
        "slack-token",
        "slack_token",
        r"xox[abceoprs]-[A-Za-z0-9\-]{10,}",
        tuple(f"xox{kind}-" for kind in "abceoprs"),
        "xoxb-" + "123456789012-" * 2 + _M[:24],
    ),
    token(
        "slack-app-token",
        "slack_token",
        r"xapp-\d-[A-Z0-9]{6,}-\d{6,}-[A-Za-z0-9]{20,}",
        ("xapp-",),
        "xapp-1-A0123456789-1234567890123-" + _D[:64],
    ),
    Rule(
        "chat-webhook",
        "webhook",
        r"(?i)https?://(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/|[a-z0-9.-]{1,60}\.webhook\.office\.com/webhookb2/|chat\.googleapis\.com/v1/spaces/)(?P<value>[^\s\"'<>`)]{20,})",
        (r"hooks\.slack\.com", "/webhooks/", r"webhook\.office\.com", r"chat\.googleapis\.com"),
        hits=("https://hooks.slack.com/services/«T00000000/B00000000/" + _M[:24] + "»",),
        misses=("https://hooks.slack.com/services/", "https://discord.com/api/webhooks/123"),
    ),
    token(
        "telegram-token",
        "telegram_token",
        r"\d{8,10}:AA[A-Za-z0-9_\-]{33}",
        (":aa",),
        "123456789:AA" + _M[:33],
    ),
    token(
        "discord-token",
        "discord_token",
        r"[MNO][A-Za-z0-9_\-]{23,27}\.[A-Za-z0-9_\-]{6,7}\.[A-Za-z0-9_\-]{27,45}",
        # Its first part is a number in base64.
        (r"[mno][tdjz][aeimquycgk][w-z0-5][mno][tdjz][aeimquycgk][w-z0-5]",),
        f"MTIzNDU2{_M[:16]}.{_M[:6]}.{_M[:27]}",
    ),
    token(
        "stripe-key",
        "stripe_key",
        r"(?:[rs]k|whsec|rsk)_(?:(?:live|test|prod)_)?[A-Za-z0-9+/]{20,}",
        ("sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_", "whsec_"),
        "sk_live_" + _M[:24],
    ),
    token(
        "square-token",
        "square_token",
        r"(?:sq0[a-z]{3}-[A-Za-z0-9_\-]{22,43}|\bEAAA[A-Za-z0-9_\-+=]{56,60})",
        ("sq0[a-z]{3}-", "eaaa[a-z0-9]{16}"),
        "sq0atp-" + _M[:22],
    ),
    token(
        "shopify-token",
        "shopify_token",
        r"shp(?:at|ca|pa|ss|ua)_[a-fA-F0-9]{32}",
        ("shpat_", "shpca_", "shppa_", "shpss_", "shpua_"),
        "shpat_" + _D[:32],
    ),
    token(
        "paypal-token",
        "paypal_token",
        r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}",
        (r"access_token\$",),
        f"access_token$production${_D[:16]}${_D[:32]}",
    ),
    token(
        "plaid-token",
        "plaid_token",
        r"access-(?:sandbox|development|production)-[0-9a-f-]{36}",
        ("access-",),
        "access-sandbox-" + _UUID,
    ),
    token(
        "flutterwave-key",
        "flutterwave_key",
        r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?",
        ("flwseck",),
        "FLWSECK_TEST-" + _D[:32] + "-X",
    ),
    token("easypost-key", "easypost_key", r"EZ[AT]K[a-zA-Z0-9]{54}", ("ezak", "eztk"), "EZAK" + _M[:54]),
    token(
        "shippo-key",
        "shippo_key",
        r"shippo_(?:live|test)_[a-f0-9]{40}",
        ("shippo_",),
        "shippo_live_" + _D[:40],
    ),
    token(
        "duffel-key",
        "duffel_key",
        r"duffel_(?:live|test)_[A-Za-z0-9_\-=]{43}",
        ("duffel_",),
        "duffel_test_" + _M[:43],
    ),
    token(
        "sendgrid-key",
        "sendgrid_key",
        r"SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{32,64}",
        (r"sg\.[a-z0-9_-]{16}",),
        f"SG.{_M[:22]}.{_M[:43]}",
    ),
    token(
        "sendinblue-key",
        "sendinblue_key",
        r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
        ("xkeysib-",),
        f"xkeysib-{_D[:64]}-{_M[:16]}",
    ),
    token(
        "mailgun-key",
        "mailgun_key",
        r"(?:key|pubkey)-[a-f0-9]{32}\b",
        ("key-[0-9a-f]{8}",),
        "key-" + _D[:32],
    ),
    token(
        "mailchimp-key",
        "mailchimp_key",
        r"[a-f0-9]{32}-us\d{1,2}\b",
        ("[0-9a-f]{4}-us[0-9]",),
        _D[:32] + "-us12",
    ),
    token(
        "resend-key",
        "resend_key",
        r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}",
        ("re_[a-z0-9]{8}_",),
        f"re_{_M[:8]}_{_M[:24]}",
    ),
    token("twilio-key", "twilio_key", r"SK[0-9a-f]{32}\b", ("sk[0-9a-f]{8}",), "SK" + _D[:32]),
    token("facebook-token", "facebook_token", r"EAA[A-Za-z0-9]{80,}", ("eaa[a-z0-9]{16}",), "EAA" + _M[:100]),
    token(
        "instagram-token",
        "facebook_token",
        r"IG[QA][A-Za-z0-9_\-]{80,}",
        ("ig[qa][a-z0-9]{16}",),
        "IGQ" + _M[:100],
    ),
    token(
        "newrelic-key",
        "newrelic_key",
        r"NR(?:AK|JS|II|IQ|RA|AA)-[A-Za-z0-9_\-]{19,42}",
        ("nrak-", "nrjs-", "nrii-", "nriq-", "nrra-", "nraa-"),
        "NRAK-" + _M[:27],
    ),
    token(
        "grafana-token",
        "grafana_token",
        r"gl(?:sa|c)_[A-Za-z0-9+/=_]{32,}",
        ("glsa_", "glc_"),
        "glsa_" + _M[:32] + "_0a1b2c3d",
    ),
    token(
        "dynatrace-token",
        "dynatrace_token",
        r"dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
        ("dt0",),
        "dt0c01." + "0A1B2C3D4E5F" * 2 + "." + "0A1B2C3D" * 8,
    ),
    token(
        "honeycomb-key",
        "honeycomb_key",
        r"hc[abx][a-z]{2}_[a-z0-9]{50,}",
        ("hcaik_", "hcaic_", "hcbik_", "hcxik_"),
        "hcaik_01" + _D[:56],
    ),
    token(
        "launchdarkly-key",
        "launchdarkly_key",
        r"(?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
        ("(?:sdk|api|mob)-[0-9a-f]{8}-",),
        "sdk-0a1b2c3d-4e5f-4789-0a1b-2c3d4e5f6789",
    ),
    token(
        "notion-token",
        "notion_token",
        r"(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})\b",
        ("ntn_[a-z0-9]{16}", "secret_[a-z0-9]{16}"),
        "ntn_" + _M[:46],
    ),
    token(
        "airtable-token",
        "airtable_token",
        r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}",
        (r"pat[a-z0-9]{14}\.",),
        f"pat{_M[:14]}.{_D[:64]}",
    ),
    token("typeform-token", "typeform_token", r"tfp_[A-Za-z0-9_.=\-]{40,}", ("tfp_",), "tfp_" + _M[:59]),
    token(
        "contentful-token", "contentful_token", r"CFPAT-[A-Za-z0-9_\-]{43}", ("cfpat-",), "CFPAT-" + _M[:43]
    ),
    token(
        "mapbox-token",
        "mapbox_token",
        r"[ps]k\.eyJ[A-Za-z0-9_\-]{20,}\.[A-Za-z0-9_\-]{20,}",
        (r"[ps]k\.eyj",),
        f"sk.eyJ{_M[:60]}.{_M[:22]}",
    ),
    token("frameio-token", "frameio_token", r"fio-u-[A-Za-z0-9_\-=]{60,}", ("fio-u-",), "fio-u-" + _M[:64]),
    token(
        "maxmind-key",
        "maxmind_key",
        r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk\b",
        ("_mmk",),
        f"{_M[:6]}_{_M[:29]}_mmk",
    ),
)
