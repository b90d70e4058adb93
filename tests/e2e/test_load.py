"""Many sessions at once: 500 open, 20,000 messages, every answer right, and nothing kept."""

import threading
import time

from harness import *

SESSIONS = 500
MESSAGES = 20000
THREADS = 25


def converse(address, number, tally, lock):
    """One thread's share: its sessions stay open together, and take turns."""
    peers = [Peer(address).open("203.0.%d.%d" % (number, n + 1)) for n in range(SESSIONS // THREADS)]
    rounds = MESSAGES // SESSIONS
    kinds = {}
    for turn in range(rounds):
        for n, peer in enumerate(peers):
            # every second message goes to an address that is never put off
            rcpt = "postmaster@example.org" if turn % 2 else "u%d.%d.%d@example.org" % (number, n, turn)
            answers, end = peer.transaction("s%d.%d@sender.example" % (number, n), [rcpt], "4L%d.%d" % (n, turn))
            key = (turn % 2, answers[0].kind, end.kind if end else None)
            kinds[key] = kinds.get(key, 0) + 1
    for peer in peers:
        peer.quit()
    with lock:
        for key, count in kinds.items():
            tally[key] = tally.get(key, 0) + count


@limit(600)
def test_sessions(stage):
    """500 sessions open at once, 20,000 messages: each gets its answer and its line"""
    daemon = stage.gatepostd()
    tally, lock = {}, threading.Lock()
    threads = [threading.Thread(target=converse, args=(daemon.address, n, tally, lock), daemon=True)
               for n in range(THREADS)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(500)
    took = time.monotonic() - begin
    half = MESSAGES // 2
    ends = {k: v for k, v in tally.items() if k[0] == 1}
    equal(tally.get((0, "reply", None)), half, "messages put off (%s)" % tally)
    equal(sum(ends.values()), half, "messages to postmaster (%s)" % tally)
    check(all(k[1] == "continue" and k[2] in ("accept", "continue") for k in ends), "they are accepted", tally)
    daemon.alive()
    wait_for("a line for each", lambda: len(daemon.messages()) == MESSAGES, 10)
    print("# %d messages in %.1f s, %d KiB at the end" % (MESSAGES, took, daemon.rss_kib()), flush=True)
    daemon.stop(60)


@limit(300)
def test_postfix_sessions(stage):
    """40 SMTP sessions at once through Postfix, first try and retry, none lost, none doubled"""
    stage.gatepostd()
    trouble = []

    def story(number):
        try:
            rcpt = "u%d@example.org" % number
            with stage.postfix.client(address="198.51.%d.1" % number) as c:
                seconds = c.send("s@sender.example", rcpt).rcpt.must_be_greylisted("first try")
                time.sleep(seconds + 0.1)
                again = c.send("s@sender.example", rcpt)
                check(again.delivered, "the retry", again)
        except Exception as e:
            trouble.append(e)

    threads = [threading.Thread(target=story, args=(n,), daemon=True) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    equal(trouble, [], "sessions that failed")
    got = stage.sink.wait(40)
    equal(sorted(r for m in got for r in m.rcpts), sorted("u%d@example.org" % n for n in range(40)), "deliveries")
