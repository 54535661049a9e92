"""Tokens of code hosts, package registries and build services."""

from __future__ import annotations

from lsp_debugger.policy.rule import Groups, is_issued, token
from lsp_debugger.policy.rules import checksums, shapes

_D = "0a1b2c3d4e5f6789" * 8
_M = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zL" * 5


def _is_checked(group: Groups) -> bool:
    """With the checksum of the real ones; without it, it has to look like one."""
    value = (group("") or "").partition("_")[2]
    if checksums.crc32_base62(value[:30], value[30:36]):
        return True
    return is_issued(group) and shapes.looks_random(value, named=True)


RULES = (
    token(
        "github-token",
        "github_token",
        r"gh[pousr]_[A-Za-z0-9]{36,255}",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        "ghp_" + _M[:36],
        accepts=_is_checked,
        misses=("ghp_ThisIsNotARealTokenButAnExampleOfOneHere",),
    ),
    token(
        "github-fine-grained",
        "github_token",
        r"github_pat_[A-Za-z0-9_]{50,255}",
        ("github_pat_",),
        "github_pat_" + _M[:82],
    ),
    token(
        "gitlab-token",
        "gitlab_token",
        r"(?:gl(?:pat|dt|rt|rtr|ptt|ft|imt|agent|oas|soat|ffct|cbt|wt)-[A-Za-z0-9_.=\-]{20,}|GR1348941[A-Za-z0-9_\-]{20,}|_gitlab_session=[a-f0-9]{32})",
        (
            "glpat-",
            "gldt-",
            "glrt-",
            "glrtr-",
            "glptt-",
            "glft-",
            "glimt-",
            "glagent-",
            "gloas-",
            "glsoat-",
            "glffct-",
            "glcbt-",
            "glwt-",
            "gr1348941",
            "_gitlab_session=",
        ),
        "glpat-" + _M[:20],
    ),
    token("bitbucket-token", "bitbucket_token", r"ATBB[A-Za-z0-9_=.\-]{24,}", ("atbb",), "ATBB" + _M[:32]),
    token(
        "atlassian-token",
        "atlassian_token",
        r"AT[AC]TT3[A-Za-z0-9_\-=]{60,}",
        ("atatt3", "atctt3"),
        "ATATT3" + _M[:150],
    ),
    token(
        "npm-token",
        "npm_token",
        r"npm_[A-Za-z0-9]{36}",
        ("npm_",),
        "npm_" + _M[:36],
        accepts=_is_checked,
        misses=("npm_installsAllOfYourDependenciesForYouNow0",),
    ),
    token(
        "pypi-token", "pypi_token", r"pypi-[A-Za-z0-9_\-]{50,}", ("pypi-",), "pypi-AgEIcHlwaS5vcmc" + _M[:100]
    ),
    token("rubygems-key", "rubygems_key", r"rubygems_[a-f0-9]{48}", ("rubygems_",), "rubygems_" + _D[:48]),
    token("crates-token", "crates_token", r"cio[A-Za-z0-9]{32}", ("cio[a-z0-9]{16}",), "cio" + _M[:32]),
    token("nuget-key", "nuget_key", r"oy2[a-z0-9]{43}", ("oy2[a-z0-9]{8}",), "oy2" + _D[:43]),
    token(
        "docker-token", "docker_token", r"dckr_[po]at_[A-Za-z0-9_\-]{27,}", ("dckr_",), "dckr_pat_" + _M[:27]
    ),
    token("clojars-token", "clojars_token", r"CLOJARS_[A-Za-z0-9]{60}", ("clojars_",), "CLOJARS_" + _D[:60]),
    token(
        "artifactory-key",
        "artifactory_key",
        r"(?:AKCp[A-Za-z0-9]{60,}|cmVmd[A-Za-z0-9]{59,})",
        ("akcp[a-z0-9]{8}", "cmvmd[a-z0-9]{8}"),
        "AKCp" + _M[:69],
    ),
    token("sonar-token", "sonar_token", r"sq[pua]_[a-z0-9]{40}", ("sqp_", "squ_", "sqa_"), "sqp_" + _D[:40]),
    token(
        "circleci-token",
        "circleci_token",
        r"CCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_[A-Fa-f0-9]{40}",
        ("ccipat_", "cciprj_"),
        "CCIPAT_" + _M[:22] + "_" + _D[:40],
    ),
    token(
        "buildkite-token",
        "buildkite_token",
        r"bk(?:ua|aj|ct|at|rt)_[A-Za-z0-9]{40,}",
        ("bkua_", "bkaj_", "bkct_", "bkat_", "bkrt_"),
        "bkua_" + _D[:40],
    ),
    token(
        "harness-token",
        "harness_token",
        r"[ps]at\.[A-Za-z0-9_\-]{22}\.[a-f0-9]{24}\.[A-Za-z0-9]{20}",
        (r"[ps]at\.[a-z0-9_-]{16}",),
        f"pat.{_M[:22]}.{_D[:24]}.{_M[:20]}",
    ),
    token(
        "octopus-key",
        "octopus_key",
        r"API-[A-Z0-9]{25,32}",
        ("api-[0-9a-z]{12}",),
        "API-0A1B2C3D4E5F6G7H8I9J0K1L2M",
    ),
    token(
        "sentry-token",
        "sentry_token",
        r"sntry[su]_[A-Za-z0-9+/=_\-]{60,}",
        ("sntrys_", "sntryu_"),
        "sntrys_" + _M[:120],
    ),
    token(
        "linear-key",
        "linear_key",
        r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}",
        ("lin_api_", "lin_oauth_"),
        "lin_api_" + _M[:40],
    ),
    token(
        "postman-key",
        "postman_key",
        r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}",
        ("pmak-",),
        "PMAK-" + _D[:24] + "-" + _D[:34],
    ),
    token("prefect-key", "prefect_key", r"pn[ub]_[A-Za-z0-9]{36}", ("pnu_", "pnb_"), "pnu_" + _M[:36]),
    token("readme-key", "readme_key", r"rdme_[a-z0-9]{70}", ("rdme_",), "rdme_" + _D[:70]),
    token(
        "figma-token",
        "figma_token",
        r"fig[dour]_[A-Za-z0-9_\-]{36,}",
        ("figd_", "figo_", "figu_", "figr_"),
        "figd_" + _M[:40],
    ),
    token("infracost-key", "infracost_key", r"ico-[A-Za-z0-9]{32}", ("ico-",), "ico-" + _M[:32]),
    token(
        "asana-token",
        "asana_token",
        r"[12]/\d{12,20}(?:/\d{12,20})?:[a-f0-9]{32}",
        ("[12]/[0-9]{12}",),
        "1/1234567890123456:" + _D[:32],
    ),
)
