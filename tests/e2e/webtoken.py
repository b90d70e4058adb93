"""Tokens as lib/policy/token.h has them, made a second time, so that the tests share no code with what they test."""

import base64
import hashlib
import hmac
import os
import struct
import time

OPEN, CLICK, UNSUBSCRIBE = 1, 2, 3
TRAP_LINK = 65535
_DAY = 86400


def siphash(key, data):
    """SipHash-2-4; key: two integers."""
    mask = (1 << 64) - 1
    rotate = lambda x, b: ((x << b) | (x >> (64 - b))) & mask
    v = [key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D, key[0] ^ 0x6C7967656E657261,
         key[1] ^ 0x7465646279746573]

    def rounds(n):
        for _ in range(n):
            v[0] = (v[0] + v[1]) & mask
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & mask
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & mask
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & mask
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    tail = len(data) % 8
    for i in range(0, len(data) - tail, 8):
        m = int.from_bytes(data[i:i + 8], "little")
        v[3] ^= m
        rounds(2)
        v[0] ^= m
    m = int.from_bytes(data[len(data) - tail:], "little") | (len(data) & 255) << 56
    v[3] ^= m
    rounds(2)
    v[0] ^= m
    v[2] ^= 255
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def account_id(name):
    return siphash((0x6761746570677431, 0x6163636F756E7431), name.encode()) >> 16 or 1


def message_text(message):
    """As it stands in keys and events."""
    return base64.b32encode(message.to_bytes(8, "big")).decode().rstrip("=").lower()


def message_id(random, sent=None):
    """An id that tells when the message was accepted."""
    second = int(sent if sent is not None else time.time()) % _DAY
    return second << 47 | (random & ((1 << 47) - 1))


class Keyring:
    """A keyring's file with one key, or several (the last is the current one)."""

    def __init__(self, path, keys=((7, bytes(range(32))),)):
        self.keys = dict(keys)
        self.current = keys[-1][0]
        with open(path, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o640)) as f:
            for number, key in keys:
                state = "current" if number == self.current else "previous"
                f.write("%d 2026-11-01T00:00:00Z %s %s\n" % (number, state, base64.b64encode(key).decode()))

    def token(self, account, kind, message, rcpt=1, link=0, target="", day=None, key=None, account_number=None):
        number = key or self.current
        day = int(time.time()) // _DAY if day is None else day
        target = target.encode() if isinstance(target, str) else target
        ids = (account_id(account) if account_number is None else account_number).to_bytes(6, "big")
        head = bytes([1, number, kind]) + ids + struct.pack(">QHHH", message, rcpt, day, link)
        mac = hmac.new(self.keys[number], b"gatepost web token" + head + target, hashlib.sha256).digest()[:16]
        return base64.urlsafe_b64encode(head + target + mac).decode().rstrip("=")

    def open(self, account, message, **more):
        return "/o/" + self.token(account, OPEN, message, **more)

    def click(self, account, message, target, link=1, **more):
        return "/c/" + self.token(account, CLICK, message, target=target, link=link, **more)

    def unsubscribe(self, account, message, address, **more):
        return "/u/" + self.token(account, UNSUBSCRIBE, message, target=address, **more)
