"""Names of the standard library's packages, and of what needs no import."""

from __future__ import annotations

import functools
from collections.abc import Mapping

_PATHS = """
archive/tar archive/zip bufio bytes cmp compress/bzip2 compress/flate compress/gzip compress/lzw
compress/zlib container/heap container/list container/ring context crypto crypto/aes crypto/cipher
crypto/des crypto/ecdh crypto/ecdsa crypto/ed25519 crypto/elliptic crypto/hmac crypto/md5 crypto/rand
crypto/rsa crypto/sha1 crypto/sha256 crypto/sha512 crypto/subtle crypto/tls crypto/x509 database/sql
database/sql/driver debug/buildinfo debug/elf embed encoding encoding/ascii85 encoding/asn1
encoding/base32 encoding/base64 encoding/binary encoding/csv encoding/gob encoding/hex encoding/json
encoding/pem encoding/xml errors expvar flag fmt go/ast go/build go/constant go/doc go/format go/importer
go/parser go/printer go/scanner go/token go/types go/version hash hash/adler32 hash/crc32 hash/crc64
hash/fnv hash/maphash html html/template image image/color image/draw image/gif image/jpeg image/png
index/suffixarray io io/fs io/ioutil iter log log/slog log/syslog maps math math/big math/bits math/cmplx
math/rand math/rand/v2 mime mime/multipart mime/quotedprintable net net/http net/http/cookiejar
net/http/httptest net/http/httputil net/http/pprof net/mail net/netip net/rpc net/smtp net/textproto
net/url os os/exec os/signal os/user path path/filepath plugin reflect regexp regexp/syntax runtime
runtime/debug runtime/metrics runtime/pprof runtime/trace slices sort strconv strings structs sync
sync/atomic syscall testing testing/fstest testing/iotest testing/quick text/scanner text/tabwriter
text/template text/template/parse time unicode unicode/utf16 unicode/utf8 unique unsafe weak
"""
_BUILTINS = """
any append bool byte cap clear close comparable complex complex128 complex64 copy delete error false
float32 float64 imag int int16 int32 int64 int8 iota len make max min new nil panic print println real
recover rune string true uint uint16 uint32 uint64 uint8 uintptr
"""
PATHS = frozenset(_PATHS.split())
BUILTINS = frozenset(_BUILTINS.split())


@functools.cache
def packages() -> Mapping[str, tuple[str, ...]]:
    """Import paths by the name of the package."""
    found = dict[str, tuple[str, ...]]()
    for path in _PATHS.split():
        parts = [part for part in path.split("/") if part != "v2"]
        found[parts[-1]] = (*found.get(parts[-1], ()), path)
    return found
