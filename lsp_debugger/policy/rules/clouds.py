"""Keys of cloud and infrastructure providers, by the shapes that their own documentation gives."""

from __future__ import annotations

from lsp_debugger.policy.rule import Rule, is_issued, token

_D = "0a1b2c3d4e5f6789" * 8  # digits for examples that no provider ever issued
_M = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zL" * 4

RULES = (
    Rule(
        "aws-access-key-id",
        "aws_key",
        r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16,32}",
        ("akia", "asia", "abia", "acca", "agpa", "aida", "aroa", "anpa", "a3t[a-z0-9]{8}"),
        hits=("«AKIA" + "QZ7X" * 4 + "»", "key=«ASIA" + "7Q2R" * 4 + "»;"),
        misses=(
            "AKIA" + "Q7Z" * 5,
            "the AKIA prefix",
            "akia" + "q7z2" * 4,
            "xAKIA" + "Q7Z2" * 4,
            "AKIA" + "X" * 16,
        ),
        accepts=is_issued,
        bounded=True,
    ),
    Rule(
        "aws-secret-key",
        "aws_secret",
        r"(?i)aws[a-z0-9_.\- ]{0,20}[\"']?\s{0,3}(?:=>|:=|=|:|,)\s{0,3}[\"']?"
        r"(?P<value>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|\z)",
        ("aws",),
        hits=(f"aws_secret_access_key = «{_M[:38]}/+»\n",),
        misses=("aws_secret_access_key = ${X}", f"aws_secret = {_M[:39]}"),
    ),
    token("aws-bedrock-key", "aws_key", r"ABSK[A-Za-z0-9+/]{60,}={0,2}", ("absk",), "ABSK" + _M[:80]),
    token("google-api-key", "google_key", r"AIza[A-Za-z0-9_\-]{35}", ("aiza",), "AIza" + _M[:35]),
    token(
        "google-oauth-secret", "google_key", r"GOCSPX-[A-Za-z0-9_\-]{20,}", ("gocspx-",), "GOCSPX-" + _M[:28]
    ),
    token("google-access-token", "google_key", r"ya29\.[A-Za-z0-9_\-]{20,}", (r"ya29\.",), "ya29." + _M[:60]),
    token("google-refresh-token", "google_key", r"1//0[A-Za-z0-9_\-]{30,}", ("1//0",), "1//0" + _M[:60]),
    token(
        "firebase-key",
        "google_key",
        r"AAAA[A-Za-z0-9_\-]{7}:[A-Za-z0-9_\-]{100,}",
        ("aaaa[a-z0-9_-]",),
        f"AAAA{_M[:7]}:{_M[:120]}",
    ),
    Rule(
        "azure-storage-key",
        "azure_key",
        r"(?i)(?:AccountKey|SharedAccessKey|SharedSecretValue)\s{0,2}=\s{0,2}(?P<value>[A-Za-z0-9+/]{20,}={0,2})",
        ("accountkey", "sharedaccesskey", "sharedsecretvalue"),
        hits=(f"AccountName=a;AccountKey=«{_M[:86]}==»;EndpointSuffix=x",),
        misses=("AccountKey={0};", "AccountKey=short"),
    ),
    Rule(
        "azure-client-secret",
        "azure_key",
        r"[A-Za-z0-9_~.\-]{3}[78]Q~[A-Za-z0-9_~.\-]{31,34}",
        ("q~",),
        hits=("«abc8Q~" + _M[:34] + "»",),
        misses=("abc8Q~" + _M[:20],),
        bounded=True,
    ),
    Rule(
        "azure-sas-signature",
        "azure_key",
        r"[?&]sig=(?P<value>[A-Za-z0-9%+/_\-]{20,}={0,2})",
        ("sig=",),
        hits=("https://a.blob.core/x?sv=2023&sig=«" + _M[:40] + "%3D»&se=1",),
        misses=("?sig=1&x=2",),
    ),
    Rule(
        "signed-address",
        "signature",
        # Whoever has the address may fetch what is behind it.
        r"(?i)[?&](?:X-(?:Amz|Goog)-(?:Signature|Security-Token)|Signature)=(?P<value>[A-Za-z0-9%+/_~\-]{28,}={0,2})",
        ("-signature=", "-security-token=", "[?&]signature="),
        hits=(
            "https://b.s3.example.org/k?X-Amz-Expires=60&X-Amz-Signature=«" + _D[:64] + "»",
            "https://d.example.net/f?Expires=1&Signature=«" + _M[:60] + "__»&Key-Pair-Id=x",
        ),
        misses=("?signature=none", "def f(signature=inspect.Signature(x)):"),
    ),
    token(
        "swarm-token",
        "swarm_token",
        r"SWMTKN-1-[a-z0-9]{40,60}-[a-z0-9]{20,30}",
        ("swmtkn-",),
        "SWMTKN-1-" + _D[:50] + "-" + _D[:25],
    ),
    Rule(
        "one-time-password",
        "otp_secret",
        r"(?i)otpauth://[^\s\"'<>]{1,200}?[?&]secret=(?P<value>[A-Z2-7]{8,})",
        ("otpauth://",),
        hits=("otpauth://totp/Acme:bob?secret=«JBSWYDPEHPKPXPJB»&issuer=Acme",),
        misses=("otpauth://totp/Acme:bob?issuer=Acme",),
    ),
    token(
        "azure-devops-token",
        "azure_key",
        r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
        ("azdo",),
        _M[:76] + "AZDO" + _M[:4],
    ),
    token("alibaba-key", "alibaba_key", r"LTAI[A-Za-z0-9]{12,24}", ("ltai",), "LTAI" + _M[:20]),
    token("tencent-key", "tencent_key", r"AKID[A-Za-z0-9]{32}", ("akid",), "AKID" + _M[:32]),
    token(
        "yandex-key",
        "yandex_key",
        r"(?:AQVN[A-Za-z0-9_\-]{34,}|YCAJE[A-Za-z0-9_\-]{20}|t1\.[A-Z0-9a-z_-]{80,})",
        ("aqvn", "ycaje", r"t1\.[a-z0-9_-]{16}"),
        "AQVN" + _M[:36],
    ),
    token(
        "digitalocean-token",
        "digitalocean_token",
        r"do[opr]_v1_[a-f0-9]{64}",
        ("doo_v1_", "dop_v1_", "dor_v1_"),
        "dop_v1_" + _D[:64],
    ),
    token("heroku-key", "heroku_key", r"HRKU-[A-Za-z0-9_\-]{36,}", ("hrku-",), "HRKU-" + _M[:60]),
    token(
        "fly-token",
        "fly_token",
        r"(?:fo1_[A-Za-z0-9_\-]{43}|fm[12][ar]?_[A-Za-z0-9+/]{60,}={0,3})",
        ("fo1_", "fm1", "fm2"),
        "fo1_" + _M[:43],
    ),
    token(
        "doppler-token",
        "doppler_token",
        r"dp\.(?:pt|st|ct|scim|audit|sa)\.[A-Za-z0-9_.\-]{20,}",
        (r"dp\.[a-z]{2,5}\.",),
        "dp.pt." + _M[:43],
    ),
    token("vault-token", "vault_token", r"hv[sbr]\.[A-Za-z0-9_\-]{24,}", (r"hv[sbr]\.",), "hvs." + _M[:90]),
    token(
        "terraform-token",
        "terraform_token",
        r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=\-]{60,70}",
        (r"\.atlasv1\.",),
        _M[:14] + ".atlasv1." + _M[:64],
    ),
    token("pulumi-token", "pulumi_token", r"pul-[a-f0-9]{40}", ("pul-",), "pul-" + _D[:40]),
    token(
        "planetscale-token",
        "planetscale_token",
        r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.\-]{32,64}",
        ("pscale_",),
        "pscale_tkn_" + _M[:43],
    ),
    token(
        "databricks-token",
        "databricks_token",
        r"dapi[a-f0-9]{32}(?:-\d)?",
        ("dapi[0-9a-f]{8}",),
        "dapi" + _D[:32],
    ),
    token(
        "supabase-token",
        "supabase_token",
        r"sb(?:p|_secret)_[A-Za-z0-9_\-]{30,}",
        ("sbp_", "sb_secret_"),
        "sbp_" + _D[:40],
    ),
    token(
        "tailscale-key",
        "tailscale_key",
        r"tskey-[a-z]{2,10}-[A-Za-z0-9_]{8,}(?:-[A-Za-z0-9_]{8,})?",
        ("tskey-",),
        "tskey-auth-" + _M[:11] + "-" + _M[:32],
    ),
    token(
        "age-key",
        "age_key",
        r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
        ("age-secret-key-",),
        "AGE-SECRET-KEY-1" + "QPZRY9X8GF" * 5 + "QPZRY9X8",
    ),
    token(
        "onepassword-token",
        "onepassword_token",
        r"ops_eyJ[A-Za-z0-9+/_\-]{100,}={0,3}",
        ("ops_eyj",),
        "ops_eyJ" + _M[:120],
    ),
    token(
        "onepassword-key",
        "onepassword_token",
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
        ("a3-[a-z0-9]{6}-",),
        "A3-ASWWYB-798JRYLJVD4-23DC2-86TVM-H43EB",
    ),
    token(
        "vercel-token",
        "vercel_token",
        r"(?:vc[pkira]|vercel_blob_rw)_[A-Za-z0-9_]{24,}",
        ("vcp_", "vck_", "vci_", "vcr_", "vca_", "vercel_blob_rw_"),
        "vcp_" + _M[:56],
    ),
    token(
        "netlify-token",
        "netlify_token",
        r"nf[pcoub]_[A-Za-z0-9]{36,}",
        ("nf[pcoub]_[a-z0-9]{16}",),
        "nfp_" + _M[:36],
    ),
    token("render-key", "render_key", r"rnd_[A-Za-z0-9]{28,}", ("rnd_",), "rnd_" + _M[:32]),
    token("neon-key", "neon_key", r"napi_[a-z0-9]{40,}", ("napi_",), "napi_" + _D[:64]),
    token("scaleway-key", "scaleway_key", r"SCW[A-Z0-9]{17}", ("scw[a-z0-9]{12}",), "SCW0A1B2C3D4E5F6G7H8"),
    token(
        "openshift-token", "openshift_token", r"sha256~[A-Za-z0-9_\-]{43}", ("sha256~",), "sha256~" + _M[:43]
    ),
)
