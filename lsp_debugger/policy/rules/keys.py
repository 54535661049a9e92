"""Keys and tokens with a form of their own: key blocks, JSON web tokens, password hashes."""

from __future__ import annotations

from lsp_debugger.policy.rule import Groups, Rule
from lsp_debugger.policy.rules import checksums, shapes

_B = "-" * 5  # apart, so that no other scanner takes these lines for keys
_VPN = "OpenVPN Static key V1"
_BODY = "MIIEpAIBAAKCAQEA" + "x9Kd/3Lq+" * 5
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


def _is_web_token(group: Groups) -> bool:
    """Its header says how it is signed or sealed; of a damaged one, the rest still looks like a token."""
    header, _, rest = (group("") or "").partition(".")
    said = checksums.json_object(header)
    if said is not None and not said.keys().isdisjoint(("alg", "typ", "kid", "enc")):
        return True
    return len(rest) >= 32 and shapes.looks_random(rest)


RULES = (
    Rule(
        id="private-key",
        label="private_key",
        # To the end of the block; without one, as long as lines look like its body.
        pattern=r"-{4,5} ?BEGIN (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1) ?-{4,5}"
        r"(?:[^-]*(?:-{1,3}[^-]+)*"
        r"-{4,5} ?END (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1) ?-{4,5}"
        r"|[A-Za-z0-9+/=\s\\#*>\"',:.+-]*)",
        keywords=("private key", "openvpn static key"),
        hits=(
            f"«{_B}BEGIN {_VPN}{_B}\n0a1b2c3d4e5f60718293a4b5c6d7e8f9\n{_B}END {_VPN}{_B}»",
            f"a\n«{_B}BEGIN RSA PRIVATE KEY{_B}\n{_BODY}\n{_BODY}\n{_B}END RSA PRIVATE KEY{_B}»\nb",
            f'k = "«{_B}BEGIN PRIVATE KEY{_B}\\n{_BODY}\\n{_B}END PRIVATE KEY{_B}»\\n"',
            f"«{_B}BEGIN OPENSSH PRIVATE KEY{_B}\n{_BODY}»",
        ),
        misses=(f"{_B}BEGIN PUBLIC KEY{_B}\n{_BODY}\n{_B}END PUBLIC KEY{_B}", "a private key is needed"),
    ),
    Rule(
        id="private-key-end",
        label="private_key",
        pattern=r"(?:[A-Za-z0-9+/=]{16,}[\s\\nr\"',+]{1,12})+"
        r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----",
        keywords=("private key",),
        hits=(f"«{_BODY}\n{_BODY}\n{_B}END EC PRIVATE KEY{_B}»",),
        misses=(f"{_B}END CERTIFICATE{_B}",),
    ),
    Rule(
        id="private-key-der",
        label="private_key",
        # How PKCS#1, PKCS#8, SEC1 and OpenSSH private keys start in base64, without the lines around them.
        pattern=r"(?:MII[A-Za-z0-9+/]{2,3}[IJ]B(?:AAK|ADAN)|MHcCAQEEI|MIG[A-Za-z0-9]AgEAM|MC4CAQAw|b3BlbnNzaC1rZXktdjE)"
        r"(?:[A-Za-z0-9+/=]|\s{1,4}|\\n){40,}",
        keywords=(
            "mii[a-z0-9+/]{2,3}[ij]b",
            "mhccaqeei",
            "mig[a-z0-9]agea",
            "mc4caqaw",
            "b3blbnnzac1rzxktdje",
        ),
        hits=(f'key = "«{_BODY}»"',),
        misses=("MIICertificateBodyThatIsPublic" * 3,),
    ),
    Rule(
        id="putty-key",
        label="private_key",
        pattern=r"Private-Lines: \d{1,3}\r?\n(?P<value>(?:[A-Za-z0-9+/=]{1,80}\r?\n)+)",
        keywords=("private-lines:",),
        hits=(f"Private-Lines: 2\n«{_BODY}\n{_BODY}\n»Private-MAC: 0",),
        misses=("Private-Lines: many",),
    ),
    Rule(
        id="json-web-key",
        label="private_key",
        pattern=r"\"(?:d|p|q|dp|dq|qi|k)\"\s{0,3}:\s{0,3}\"(?P<value>[A-Za-z0-9_\-]{20,})\"",
        keywords=(r"\"kty\"",),
        hits=(f'{{"kty":"RSA","e":"AQAB","d":"«{_BODY[:40].replace("/", "_").replace("+", "-")}»"}}',),
        misses=('{"kty":"RSA","n":"' + "a" * 40 + '"}',),
    ),
    Rule(
        id="jwt",
        label="jwt",
        pattern=r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}",
        keywords=("eyj",),
        hits=(
            f"Cookie: s=«{_JWT}»; path=/",
            f'"«{_JWT}»"',
            "«eyJsb3N0IjoiYSBwaWVjZSBvZiBpdCI.q8Zr3LmX0vT5bN7cW2yK9dPfA1hS6jGe.x0Vk2LmQ8rT4bN6c»",
        ),
        misses=(
            "eyJhbGciOiJIUzI1NiJ9",
            "eyJ.x.y",
            "keyJoin.value.other",
            "eyJoinedTable.columns.all",
            "eyJhbGxvd2VkIjp0cnVlfQ.settings.value",
        ),
        accepts=_is_web_token,
    ),
    Rule(
        id="password-hash",
        label="password_hash",
        # What crypt(3) and its heirs write, frameworks and directories; short passwords are guessed from it.
        pattern=r"\$(?:1|2[abxy]?|5|6|7|y|apr1|argon2(?:id|i|d)|scrypt|pbkdf2[a-z0-9-]*)\$[A-Za-z0-9./+=,$_-]{20,}"
        r"|\$[PH]\$[A-Za-z0-9./]{31}|\b(?:pbkdf2_sha\d{1,3}|bcrypt(?:_sha256)?|argon2|scrypt|md5|sha1)\$[A-Za-z0-9./+=,$_-]{24,}"
        r"|\{(?:S?SHA(?:256|512)?|SMD5|CRYPT)\}[A-Za-z0-9./+=$]{12,}",
        keywords=(
            r"\$(?:1|2[abxy]?|5|6|7|y|apr1|argon2i?d?|scrypt|pbkdf2[a-z0-9-]*|[ph])\$",
            r"(?:pbkdf2_sha[0-9]+|bcrypt|argon2|scrypt|md5|sha1)\$",
            r"\{(?:s?sha|smd5|crypt)",
        ),
        hits=(
            "root:«$6$usesomesalt$" + "Ab3." * 16 + "»:15000::",
            '"«$2b$12$' + "aB3dE5gH7jK9mN1pQ2rS4t" * 2 + '»"',
            "«pbkdf2_sha256$260000$Ab3dE5gH7jK9$" + "aB3dE5gH7jK9mN1pQ2rS4t=" + "»",
            "userPassword: «{SSHA}aB3dE5gH7jK9mN1pQ2rS4tU6»",
            "'«$P$B" + "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z"[:30] + "»'",
        ),
        misses=("$1$short", "costs $6$ or so", "echo md5$(cat x)", "{SHA} of it"),
    ),
    Rule(
        id="account-hash",
        label="password_hash",
        # As tools write them out of an account database of Windows.
        pattern=r"\b[\w.$-]{1,40}:\d{3,6}:(?P<value>[0-9a-fA-F]{32}:[0-9a-fA-F]{32}):::",
        keywords=(":::",),
        hits=("bob:1001:«aad3b435b51404eeaad3b435b51404ee:0a1b2c3d4e5f60718293a4b5c6d7e8f9»:::",),
        misses=("std::x:::y", "bob:1001:none:::"),
    ),
    Rule(
        id="seed-phrase",
        label="seed_phrase",
        pattern=r"(?i)(?:mnemonic|(?:seed|recovery|secret)[ _-]?phrase)[\"']?\s{0,3}(?:=>|[:=])\s{0,3}[\"'`]?"
        r"(?P<value>[a-z]{3,8}(?: [a-z]{3,8}){11,23})(?:[\"'`]|\s*$|\s*\n)",
        keywords=("mnemonic", "phrase"),
        hits=('MNEMONIC="«' + " ".join(["orbit", "lemon", "canyon"] * 4) + '»"',),
        misses=(
            'mnemonic = "short words only"',
            "a mnemonic: it helps to remember what the letters of it stand for\n",
        ),
    ),
)
