"""The daemon dies: no mail is lost, none delivered twice, and a restart is enough."""

import time

from harness import *

SENDER = "alice@sender.example"
RCPT = "postmaster@example.org"


def test_killed_inside_message(stage):
    """killed in the middle of a message: the client hears 4xx, and its retry is delivered once"""
    for step in ("before MAIL", "before RCPT", "before DATA", "inside the message"):
        daemon = stage.gatepostd()
        with stage.postfix.client() as c:
            if step == "before MAIL":
                daemon.process.kill()
            reply = c.mail(SENDER)
            if step == "before RCPT":
                daemon.process.kill()
            if reply.ok:
                reply = c.rcpt(RCPT)
            if step == "before DATA":
                daemon.process.kill()
            if reply.ok:
                reply = c.data()
            if reply.code == 354:
                c.smtp.send(b"Subject: half\r\n")
                daemon.process.kill()
                reply = c.message("\r\nbody\r\n")
        check(400 <= reply.code < 500, "the client hears 4xx (%s)" % step, reply)
    equal(stage.sink.messages, [], "nothing was delivered")
    stage.gatepostd()
    with stage.postfix.client() as c:
        check(c.send(SENDER, RCPT).delivered, "the retry")
    stage.sink.wait(1)
    time.sleep(0.5)
    equal(len(stage.sink.messages), 1, "deliveries")


def test_file_descriptors(stage):
    """more sessions than file descriptors: none gets a wrong answer, and it recovers"""
    daemon = stage.gatepostd(start=False)
    limited = ["sh", "-c", "ulimit -n 64 && exec \"$0\" \"$@\"", *Gatepostd.argv("-f", "-c", daemon.conf)]
    daemon.process = stage.world.start(daemon.name, limited)
    wait_for("it listens", daemon.ready, 20)
    peers = []
    for _ in range(100):
        peer = Peer(daemon.address, timeout=0.3, negotiate=False)
        peers.append(peer)
    served = 0
    for peer in peers:
        try:
            peer.negotiate()
            answers, _ = peer.open().transaction(SENDER, ["new%d@example.org" % served])
            check(answers[0].kind in ("reply", "continue", "tempfail"), "an answer", answers)
            served += 1
        except OSError:
            pass
    for peer in peers:
        peer.close()
    check(served > 10, "sessions that were served", served)

    def serves():
        with Peer(daemon.address, timeout=5) as peer:
            return peer.open().transaction(SENDER, [RCPT])[1].kind in ("accept", "continue")

    wait_for("it serves again", serves, 20, 0.5)
    daemon.alive()
