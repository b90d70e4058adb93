"""DKIM signatures by another implementation than ours: the package python3-dkim."""

import base64
import functools
import subprocess
import sys

from world import Cannot, program

SELECTOR = "sel"


@functools.cache
def _dkim():
    try:
        import dkim
    except ImportError:
        sys.path.append("/usr/lib/python3/dist-packages")  # when this is not the system's Python
        try:
            import dkim
        except ImportError:
            raise Cannot("the Python module dkim is not here (package python3-dkim)") from None
    return dkim


def _openssl(*words, data=None):
    return subprocess.run([program("openssl"), *words], input=data, capture_output=True, check=True, timeout=60).stdout


@functools.cache
def key(bits=2048):
    """A private RSA key, as PEM."""
    return _openssl("genrsa", "-traditional", str(bits))


def key_record(bits=2048):
    """The text of the TXT record at SELECTOR._domainkey."""
    public = _openssl("rsa", "-pubout", "-outform", "DER", data=key(bits))
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()


FIELDS = ("from", "to", "subject", "date", "message-id")


def sign(text, domain, canonicalize="relaxed/simple", bits=2048, fields=FIELDS, **options):
    """The message with a DKIM-Signature field on top; lines end in CRLF. A field that is not there is signed as missing."""
    data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")
    forms = tuple(form.encode() for form in canonicalize.split("/"))
    return _dkim().sign(data, SELECTOR.encode(), domain.encode(), key(bits), canonicalize=forms,
                        include_headers=[name.encode() for name in fields], **options) + data
