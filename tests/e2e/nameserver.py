"""A DNS of the tests' own: nsd with one zone, the root, and a relay in front that can be slow or mute.

The module is not called dns, since that is the name of a package that others import.
"""

import heapq
import ipaddress
import os
import select
import signal
import socket
import struct
import threading
import time

from world import check, free_port, program, wait_for

_CONF = """server:
	ip-address: 127.0.0.1@{port}
	username: ""
	server-count: 1
	database: ""
	zonesdir: "{dir}"
	xfrdir: "{dir}"
	xfrdfile: "{dir}/xfrd.state"
	zonelistfile: "{dir}/zone.list"
	pidfile: ""
	rrl-ratelimit: 0
	rrl-whitelist-ratelimit: 0
	zonefiles-check: yes
remote-control:
	control-enable: no
zone:
	name: "."
	zonefile: "root.zone"
zone:
	name: "{broken}"
	zonefile: "missing.zone"
"""

_HEAD = """$ORIGIN .
$TTL {ttl}
@ {ttl} IN SOA ns.example. hostmaster.example. {serial} 3600 600 86400 1
@ IN NS ns.example.
ns.example. IN A 127.0.0.1
"""

_SOA, _TXT_BYTES = 6, 255
_NEVER = float("inf")


def reverse(address, zone=None):
    """Where an address stands in a zone: of a DNS list, or (None) of the host names."""
    pointer = ipaddress.ip_address(address).reverse_pointer
    return "%s.%s." % (pointer.rsplit(".", 2)[0], zone) if zone else pointer + "."


def txt(name, text):
    """A TXT record, in strings that are short enough."""
    parts = [text[i:i + _TXT_BYTES] for i in range(0, len(text), _TXT_BYTES)] or [""]
    return "%s. IN TXT %s" % (name, " ".join('"%s"' % part.replace('"', '\\"') for part in parts))


def host(address, name):
    """A confirmed host name: the address leads to it, and it leads back."""
    return "%s IN PTR %s.\n%s. IN A %s" % (reverse(address), name, name, address)


def listed(zone, address, code="127.0.0.2"):
    """One address in a DNS list."""
    return "%s IN A %s" % (reverse(address, zone), code)


def dns_list(zone, *addresses):
    """A DNS list as it should be: its test entry (RFC 5782), and these addresses."""
    return "\n".join(listed(zone, a) for a in ("127.0.0.2", *addresses))


class Nameserver:
    """`where` is what dns.resolver wants. Zones below `broken` answer SERVFAIL.

    load(text): from now on the root zone has these records, and no others.
    """

    broken = "broken.example"
    ttl = 1

    def __init__(self, world):
        self._world = world
        self._serial = 0
        self._directory = "nsd"
        self._port = free_port()
        self._write("")
        conf = world.write("nsd/nsd.conf", _CONF.format(port=self._port, dir=world.path("nsd"), broken=self.broken))
        self._process = world.start("nsd-server", [program("nsd", "/usr/sbin"), "-d", "-c", conf])
        wait_for("nsd answers", self._current, 20)
        self._relay = _Relay(self._port)
        world.closers.append(self._relay.close)
        self.where = "127.0.0.1@%d" % self._relay.port

    def _write(self, text):
        self._serial += 1
        self._world.write("nsd/root.zone", _HEAD.format(ttl=self.ttl, serial=self._serial) + text + "\n")

    def _current(self):
        """Does nsd serve what was written last?"""
        check(self._process.running(), "nsd did not start", self._process.tail())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            s.connect(("127.0.0.1", self._port))
            try:
                s.send(b"\1\2\0\0\0\1\0\0\0\0\0\0\0" + struct.pack("!HH", _SOA, 1))
                answer = s.recv(4096)
            except OSError:
                return False
        # the five numbers of the SOA record: behind the names, in the first answer
        return struct.pack("!IIIII", self._serial, 3600, 600, 86400, 1) in answer

    def load(self, text=""):
        self._write(text)
        stamp = time.time() + self._serial  # nsd looks whether the time of the file has changed
        os.utime(self._world.path("nsd/root.zone"), (stamp, stamp))
        self._process.signal(signal.SIGHUP)
        wait_for("nsd has the zone", self._current, 10)
        self._relay.reset()

    def slow(self, suffix, seconds):
        """Questions for names that end so are answered so much later; "" is every name."""
        self._relay.delays[suffix] = seconds

    def mute(self, *suffixes):
        """Questions for names that end so are not answered at all."""
        for suffix in suffixes:
            self._relay.delays[suffix] = _NEVER

    def speak(self):
        """Neither slow nor mute any more."""
        self._relay.delays.clear()

    def asked(self, suffix=""):
        """The names that were asked for and end so, in order."""
        return [name for name in list(self._relay.names) if name.endswith(suffix)]


def serve(stage, records=""):
    """The stage's nameserver, begun when first asked for, with these records and no others."""
    if not hasattr(stage, "nameserver"):
        stage.nameserver = Nameserver(stage.world)
    stage.nameserver.load(records)
    return stage.nameserver


def _name_of(packet):
    labels, at = [], 12
    while at < len(packet) and packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
        at += 1 + packet[at]
    return ".".join(labels)


class _Relay:
    """Hands questions on to nsd, over UDP alone, under numbers of its own."""

    def __init__(self, upstream):
        self.delays = {}
        self.names = []
        self._clients = {}
        self._later = []
        self._number = 0
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._front.bind(("127.0.0.1", 0))
        self._back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._back.connect(("127.0.0.1", upstream))
        self.port = self._front.getsockname()[1]
        self._open = True
        threading.Thread(target=self._run, daemon=True).start()

    def close(self):
        self._open = False

    def reset(self):
        self.delays.clear()
        self.names.clear()

    def _run(self):
        while self._open:
            wait = max(0.0, self._later[0][0] - time.monotonic()) if self._later else 0.2
            for ready in select.select([self._front, self._back], [], [], min(wait, 0.2))[0]:
                try:
                    self._question() if ready is self._front else self._answer()
                except OSError:
                    pass  # nsd is about to start, or a client is gone
            while self._later and self._later[0][0] <= time.monotonic():
                _, _, client, packet = heapq.heappop(self._later)
                self._front.sendto(packet, client)

    def _question(self):
        packet, client = self._front.recvfrom(4096)
        name = _name_of(packet)
        self.names.append(name)
        delay = max((d for s, d in list(self.delays.items()) if name.endswith(s)), default=0)
        self._number = (self._number + 1) % 65536
        self._clients[self._number] = client, packet[:2], delay
        if delay < _NEVER:
            self._back.send(struct.pack("!H", self._number) + packet[2:])

    def _answer(self):
        packet = self._back.recv(65535)
        client, number, delay = self._clients[struct.unpack("!H", packet[:2])[0]]
        heapq.heappush(self._later, (time.monotonic() + delay, id(packet), client, number + packet[2:]))
