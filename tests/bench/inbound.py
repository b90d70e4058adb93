"""inbound.py - what the checks of arriving mail ask DNS in a measurement: zones for the load's
clients and senders, a server for them, and the configurations that ask.

Every client of the load has a name that leads back to it, is on no list, and may send for its
domain; so every decision takes the whole way, and ends at the greylist.
"""
import base64
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import time

from servers import Failed, START_S, redis_ask

LISTS = ["first.bl.example", "second.bl.example", "third.bl.example"]
TTL_S = 3600

# As load_tuple.c has them: 198.18.0.0/15, neighbours in different networks. 198.18.0.1 is the
# address by which a record is found out that lets everybody send: it has to be left out.
SPF = "v=spf1 mx -ip4:198.18.0.1 include:_spf.outside.example -all"
SPF_INCLUDED = "v=spf1 ip4:192.0.2.0/24 ip4:203.0.113.0/24 ip4:198.18.0.0/15 ?all"


def letters(number):
    """No digits: a name with its address in it is that of a dial-up line."""
    text = ""
    while True:
        text = chr(ord("a") + number % 26) + text
        number //= 26
        if number == 0:
            return text


def client(number):
    """(address's last three bytes, host name), as load_client_make() numbers them."""
    net, host = number % 512, 2 + number // 512 % 253
    return (18 + net // 256, net % 256, host), f"mail-{letters(number)}.outside.example"


def zone_head(origin):
    return (f"$ORIGIN {origin}.\n$TTL {TTL_S}\n"
            f"@ SOA ns.{origin}. root.{origin}. 1 3600 600 86400 {TTL_S}\n@ NS ns.{origin}.\n")


def zones(clients, more_txt):
    """Zone by origin, with names for so many clients; more_txt: name below outside.example to
    text."""
    ptr, host = [], []
    for number in range(clients):
        (a, b, c), name = client(number)
        ptr.append(f"{c}.{b}.{a} PTR {name}.")
        host.append(f"{name}. A 198.{a}.{b}.{c}")
    texts = {"mailer": SPF, "_spf": SPF_INCLUDED, **more_txt}
    host += [f"{name} TXT " + " ".join(f'"{text[i:i + 200]}"' for i in range(0, len(text), 200))
             for name, text in texts.items()]
    host += ["mailer MX 10 mx.mailer", "mx.mailer A 192.0.2.1"]
    # "example": DMARC asks it, too, and must hear that there is nothing
    found = {"198.in-addr.arpa": ptr, "outside.example": host, "example": []}
    for zone in LISTS:
        found[zone] = ["2.0.0.127 A 127.0.0.2"]  # the canary that every list has
    return {origin: zone_head(origin) + "\n".join(rows) + "\n" for origin, rows in found.items()}


def free_port():
    """One that is free for UDP and for TCP."""
    while True:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
                return tcp.getsockname()[1]
            except OSError:
                continue


def await_answer(program, port):
    """Until the server says where the first list's canary is."""
    name = b"".join(bytes([len(part)]) + part.encode() for part in
                    f"2.0.0.127.{LISTS[0]}".split(".")) + b"\0"
    question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + name + struct.pack(">2H", 1, 1)
    end = time.monotonic() + START_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.2)
        s.connect(("127.0.0.1", port))
        while time.monotonic() < end:
            program.check()
            try:
                s.send(question)
                if struct.unpack(">6H", s.recv(4096)[:12])[3] == 1:
                    return
            except OSError:
                time.sleep(0.05)
    raise Failed(f"nsd does not answer after {START_S} s:\n{program.tail()}")


def dns_server(servers, clients, more_txt=None):
    """(the running nsd, its port)"""
    nsd = shutil.which("nsd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if nsd is None:
        raise Failed("nsd is not installed (Debian: apt-get install nsd)")
    port = free_port()
    conf = [f"server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  chroot: \"\"\n"
            f"  zonesdir: \"{servers.dir}\"\n  database: \"\"\n  rrl-ratelimit: 0\n"
            + "".join(f"  {what}: \"{servers.path('nsd.' + what)}\"\n"
                      for what in ("pidfile", "xfrdfile", "zonelistfile", "xfrdir"))
            + "remote-control:\n  control-enable: no\n"]
    os.mkdir(servers.path("nsd.xfrdir"))
    for origin, text in zones(clients, more_txt or {}).items():
        conf.append(f"zone:\n  name: {origin}\n"
                    f"  zonefile: {servers.write(origin + '.zone', text)}\n")
    program = servers.run("nsd", [nsd, "-d", "-c", servers.write("nsd.conf", "".join(conf))])
    await_answer(program, port)
    return program, port


# What is measured beside the no-op filter, and what of the checks is on in it.
CHECKS_OFF = "reverse_dns { enabled = no }\nspf { enabled = no }\n"
LISTS_ON = "dnsbl { lists = { %s } }\n" % ", ".join(f'"{zone}*5"' for zone in LISTS)
END_OFF = "dkim { enabled = no }\ndmarc { enabled = no }\nauthentication_results { enabled = no }\n"


# The part "message": what the zones say more.
SELECTOR = "bench"
SIGNED = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]
DOMAIN = "mailer.outside.example"


def tool(*command, given=b""):
    try:
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failed(f"{command[0]}: {error}") from None


def relaxed(name, value):
    """A header field as DKIM signs it (RFC 6376 section 3.4.2), without the line's end."""
    return f"{name.lower()}:{' '.join(value.split())}"


def sign(servers, milterload):
    """Signs the load's message with a new key. (the DKIM-Signature's value, names and texts for the
    zone outside.example)"""
    head, body = tool(milterload, "--message").decode().split("\r\n\r\n", 1)
    fields = dict(line.split(":", 1) for line in head.replace("\r\n\t", " ").split("\r\n"))
    key = servers.path("dkim.pem")
    tool("openssl", "genrsa", "-out", key, "2048")
    public = tool("openssl", "rsa", "-in", key, "-pubout", "-outform", "DER")
    # no line of the body has blanks at its end or two in a row: relaxed leaves it as it is
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    value = (f" v=1; a=rsa-sha256; c=relaxed/relaxed; d={DOMAIN}; s={SELECTOR}; "
             f"h={':'.join(SIGNED)}; bh={digest}; b=")
    text = "".join(relaxed(name, fields[name]) + "\r\n" for name in SIGNED)
    text += relaxed("DKIM-Signature", value)
    value += base64.b64encode(
        tool("openssl", "dgst", "-sha256", "-sign", key, given=text.encode())).decode()
    return value, {
        f"{SELECTOR}._domainkey.mailer": "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode(),
        "_dmarc": "v=DMARC1; p=reject"}


def settings(port, lookups=True, end=False):
    """Of milter.conf: the checks that ask DNS, and those at the end of a message."""
    return (f"dns {{ resolver = 127.0.0.1@{port} }}\n" + (LISTS_ON if lookups else CHECKS_OFF)
            + ("" if end else END_OFF))


RCPT_FACTS = {"rdns": "pass mail-", "dnsbl": "not listed", "spf": f"pass for {DOMAIN}"}
NO_FACTS = {what: None for what in RCPT_FACTS}
MESSAGE_FACTS = {**RCPT_FACTS, "dkim": f"pass d={DOMAIN}", "dmarc": f"pass for {DOMAIN}"}


def record_fault(redis, name, facts):
    """What the newest decision record of the program of that name says otherwise; or None.
    facts: what each of its fields begins with, None: it is not there."""
    entries = redis_ask(redis, "XREVRANGE", f"{name}:verdicts", "+", "-", "COUNT", "1")
    if not entries:
        return "no decision record"
    fields = entries[0][1]
    record = dict(zip(fields[::2], fields[1::2]))
    for what, want in facts.items():
        got = record.get(what)
        if (got is None) != (want is None) or (want and not got.startswith(want)):
            return f"{what} = {got}"
    return None
