"""What secrets look like, as shapes to draw values from. Nothing here was ever issued by anybody.

`{A36}`: 36 characters of a set. A letters and digits, x hex, X upper hex, l lower letters and digits,
U upper letters and digits, d digits, a lower letters, L letters, w url-safe base64, b base64.
"""

from __future__ import annotations

import random
import re
import string

_LOWER, _UPPER, _DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
_SETS = {
    "A": _LOWER + _UPPER + _DIGITS,
    "x": "0123456789abcdef",
    "X": "0123456789ABCDEF",
    "l": _LOWER + _DIGITS,
    "U": _UPPER + _DIGITS,
    "d": _DIGITS,
    "a": _LOWER,
    "L": _LOWER + _UPPER,
    "w": _LOWER + _UPPER + _DIGITS + "-_",
    "b": _LOWER + _UPPER + _DIGITS + "+/",
}
_HOLE = re.compile(r"\{([AxXlUdaLwb])(\d+)\}")


def draw(shape: str, rng: random.Random) -> str:
    return _HOLE.sub(lambda hole: "".join(rng.choices(_SETS[hole[1]], k=int(hole[2]))), shape)


# Their form alone gives them away.
_PREFIXED_TEXT = """
AKIA{U16} ASIA{U16} ABSK{A109}= AIza{w35} ya29.{w120} GOCSPX-{w28} 1//0{w60} ghp_{A36} gho_{A36}
ghu_{A36} ghs_{A36} ghr_{A76} github_pat_{A22}_{A59} glpat-{w20} gldt-{w20} glptt-{x40} glrt-{w20}
GR1348941{w20} glsoat-{w20} glcbt-{l2}_{w20} xoxb-{d12}-{d12}-{A24} xoxp-{d12}-{d12}-{d12}-{x32}
xoxa-2-{d12}-{A24} xoxe.xoxp-1-{A146} xapp-1-{U11}-{d13}-{x64} sk_live_{A24} sk_test_{A99} rk_live_{A24}
whsec_{A32} sk-{A20}T3BlbkFJ{A20} sk-proj-{w74}T3BlbkFJ{w74} sk-ant-api03-{w93}AA sk-or-v1-{x64} hf_{L34}
r8_{A37} gsk_{A52} pplx-{A48} xai-{A80} nvapi-{w64} SG.{w22}.{w43} xkeysib-{x64}-{A16} {x32}-us12
key-{x32} SK{x32} shpat_{x32} shpss_{x32} shpca_{x32} shppa_{x32} sq0atp-{w22} sq0csp-{w43} EAAA{w60}
access_token$production${l16}${x32} access-sandbox-{x8}-{x4}-{x4}-{x4}-{x12} npm_{A36}
pypi-AgEIcHlwaS5vcmc{w120} rubygems_{x48} oy2{l43} dckr_pat_{w27} CLOJARS_{l60} AKCp{A69} sqp_{x40}
squ_{x40} CCIPAT_{A22}_{x40} bkua_{x40} sntrys_{w120} sntryu_{x64} lin_api_{A40} PMAK-{x24}-{x34}
pnu_{l36} rdme_{l70} figd_{w40} ico-{A32} dop_v1_{x64} doo_v1_{x64} dor_v1_{x64}
HRKU-{x8}-{x4}-{x4}-{x4}-{x12} fo1_{w43} dp.pt.{A43} hvs.{w94} hvb.{w140} {A14}.atlasv1.{w64} pul-{x40}
pscale_tkn_{w43} pscale_pw_{w43} dapi{x32} sbp_{x40} tskey-auth-{A11}-{A32}
AGE-SECRET-KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE ops_eyJ{A250}
A3-{U6}-{U11}-{U5}-{U5}-{U5} nfp_{A36} rnd_{A32} napi_{l64} SCW{U17} sha256~{w43} LTAI{A20} AKID{A32}
AQVN{w36} NRAK-{U27} NRJS-{x19} glsa_{A32}_{x8} glc_eyJ{A80} dt0c01.{U24}.{U64} hcaik_01{l58}
sdk-{x8}-{x4}-4{x3}-{x4}-{x12} ntn_{A46} secret_{A43} pat{A14}.{x64} tfp_{w59} CFPAT-{w43}
sk.eyJ{A80}.{w22} fio-u-{w64} {A6}_{A29}_mmk {d9}:AA{w33} M{A23}.{A6}.{w27} ATATT3{w180} ATBB{A32}
EAACEdEose0cBA{A120} IGQ{A120} https://hooks.slack.com/services/T{U10}/B{U10}/{A24}
https://discord.com/api/webhooks/{d18}/{w68}
https://acme.webhook.office.com/webhookb2/{x8}-{x4}-{x4}-{x4}-{x12}@{x8}-{x4}-{x4}-{x4}-{x12}/IncomingWebhook/{x32}/{x8}-{x4}-{x4}-{x4}-{x12}
EZAK{A54} shippo_live_{x40} duffel_live_{w43} FLWSECK_TEST-{x32}-X lsv2_pt_{x32}_{x10} pcsk_{A70}
abc8Q~{w34} EAAG{A100} phc_{A43} phx_{A43} re_{A8}_{A24} tgp_v1_{w43} v1.0-{x24}-{x146} v2/{w87} cio{A32}
LWQ{A40} FlyV1#fm2_{b80} ddapp_{A40} ddp_{A36} dG9rOg{A40}== jfrt@{A24} sgp_{x40} sgp_{x16}_{x40}
ltai{l20} ABTT{A48} rzp_live_{A14} amzn.mws.{x8}-{x4}-{x4}-{x4}-{x12} amzn1.oa2-cs-v1.{x64}
apify_api_{A36} ak_live_{A30} bb_live_{A40} cal_live_{x32} cosyne_{A30} deepl_{A36}:fx lip_{A34}
mlr_{A36} ol_api_{A38} pk_live_{A24} pcu_{A40} rp_{A40} sk_prod_{A40} snyk_uat.{x8}.{A40} sp_api_{A40}
tok_live_{A30} ubio_{A40} uk_{A32} vcp_{A24} whsk_{A40} xpl_{A40} yt_{A40} zpka_{A32}_{A8} aio_{A28}
bkn_{A30} eyJrIjoi{A80}==
"""
PREFIXED = tuple(_PREFIXED_TEXT.split())

# Structural: blocks, JSON web tokens. Made with a body of their own below.


def key_block(rng: random.Random, kind: str = "RSA PRIVATE KEY", joint: str = "\n") -> str:
    dashes = "-" * 5
    body = joint.join(draw("{b64}", rng) for _ in range(rng.randint(2, 8)))
    return f"{dashes}BEGIN {kind}{dashes}{joint}MII{body}{joint}{dashes}END {kind}{dashes}"


def jwt(rng: random.Random) -> str:
    return draw("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{w60}.{w43}", rng)


# Without a form of their own; the name beside them tells.
_PLAIN_TEXT = """
{x32} {x40} {x64} {x24} {A32} {A40} {A20} {A24} {A16} {A64} {l32} {l25} {U20} {b43}= {b86}== {w43} {w32}
{L32} {l40} {a32} {x8}-{x4}-4{x3}-{x4}-{x12} {A8}-{A8}-{A8} {d16} {A22}== {w22} {A12}.{A24}
{A30}+{A9}/{A8}= {x16} {A48} {a24} {L24} {b40}
"""
PLAIN = tuple(_PLAIN_TEXT.split())

# People's passwords with something to them.
_STRONG_PASSWORDS_TEXT = """
{A8}!{A3} {L5}#{d3}{A4} {A4}-{A4}-{A4} P@ss{A4}w0rd! {L6}{d4}$ {A10} {L4}_{A6}_{d2} %{A4}^{A5}&{A2}
{A6}@{A5} (tulip){d4}X {A5}/{A5} {A7}*{d3} {L5}{d3} {A9}
"""
STRONG_PASSWORDS = tuple(_STRONG_PASSWORDS_TEXT.split())
_WEAK_TEXT = """
hunter letmein swordfish admin123 test1234 s3cr3t pass1234 qwertz99 dragon monkey123 abc123 secret1
welcome1 trustno1 master12 iloveyou sunshine princess football 123456 12345678 111111 root toor postgres
guest changeit changeme2 Passw0rd Welcome2024 Summer2023! correcthorse
"""
WEAK = tuple(_WEAK_TEXT.split())

_SERVICES_TEXT = """
acme adafruit adobe airtable algolia amplitude asana atlassian auth0 beamer bitbucket bitly branch
bugsnag buildkite clickup cloudflare cloudinary codecov cohere coinbase confluent datadog deepgram
discord dropbox dynatrace elastic etsy facebook fastly finicity finnhub flickr freshdesk github gitlab
gitter grafana hubspot instagram intercom jenkins jira kraken kucoin launchdarkly linkedin lob mailchimp
mailgun mapbox mattermost messagebird microsoft mixpanel mongodb nasa netlify newrelic nytimes okta
openai openweather opsgenie pagerduty paypal plaid postmark pusher rapidapi rollbar salesforce segment
sendbird sendgrid sentry shodan shopify slack snyk sonarqube spotify squarespace stripe sumologic
telegram telnyx tencent travis trello twilio twitch twitter typeform unsplash vercel vonage weatherstack
webflow wistia yandex zendesk zoom
"""
SERVICES = tuple(_SERVICES_TEXT.split())

_WORDS = {
    "strong": [
        "api key",
        "secret key",
        "access token",
        "auth token",
        "client secret",
        "private key",
        "api token",
        "api secret",
        "password",
        "secret",
        "app secret",
        "signing key",
        "db password",
        "access key",
        "personal access token",
        "bearer token",
        "refresh token",
        "encryption key",
        "webhook secret",
        "consumer secret",
    ],
    "fair": [
        "token",
        "key",
        "auth",
        "pat",
        "credentials",
        "session",
        "api",
        "secret id",
        "token secret",
        "app token",
    ],
    "password": [
        "password",
        "passwd",
        "pass",
        "pwd",
        "db password",
        "admin password",
        "smtp pass",
        "mysql pwd",
        "user password",
        "root password",
        "passphrase",
    ],
}


def name(kind: str, rng: random.Random) -> list[str]:
    """Words of a name: a service in front, or for strong ones sometimes nothing."""
    words = rng.choice(_WORDS[kind]).split()
    if kind == "fair" or rng.random() < 0.6:
        words = [
            rng.choice(SERVICES if kind != "password" else ["app", "mail", "svc", "ldap", "ftp"]),
            *words,
        ]
    return words


def styled(words: list[str], style: str) -> str:  # noqa: PLR0911 - a table
    match style:
        case "upper":
            return "_".join(words).upper()
        case "camel":
            return words[0] + "".join(map(str.capitalize, words[1:]))
        case "kebab":
            return "-".join(words)
        case "header":
            return "-".join(map(str.capitalize, words))
        case "dots":
            return ".".join(words)
        case "words":
            return " ".join(words).capitalize()
        case _:
            return "_".join(words)
