"""What is answered at RCPT: DNS lists and their safety, sender pools, shadow mode, and why."""

import signal
import threading
import time

from harness import *
from nameserver import dns_list, host, listed, reverse, serve, txt
from test_ctl import Ctl

SENDER = "alice@sender.example"
RCPT = "bob@example.org"
OPEN = "carol@example.org"  # opted out of everything
LISTED, CLEAN = "198.51.100.2", "203.0.113.7"
BLOCK = 3

# The one place that knows what a refused client reads, and where its code stands.
REFUSED = r"^554 5\.7\.\d+ Sending address not accepted due to spam filter \(%s; ([0-9A-Z]{10})\)"
DNSBL = ("zone", "state", "reason", "since", "asked", "listed", "decided", "errors", "timeouts", "ms", "error",
         "error_at", "host", "seen")


def begin(stage, records, settings=None, **options):
    """A daemon that asks a DNS with these records; greylisting is off unless settings turn it on."""
    names = serve(stage, records)
    base = {"dns": {"resolver": names.where}, "greylist": {"mode": "off"}}
    for section, values in (settings or {}).items():
        base[section] = {**base.get(section, {}), **values}
    return stage.gatepostd(base, **options), names


def lists(*zones, **options):
    return {"dnsbl": {"lists": list(zones), **options}}


def attempt(stage, address, rcpts=RCPT, sender=SENDER):
    with stage.postfix.client(address=address, name=None) as c:
        return c.send(sender, rcpts)


def must_refuse(reply, reason):
    """The code in the text."""
    return matches(REFUSED % reason, str(reply), "refused for %s" % reason).group(1)


def timed(call):
    begin_s = time.monotonic()
    return call(), time.monotonic() - begin_s


# --- one answer per recipient ---


def test_listed(stage):
    """a listed client is refused at RCPT with the cause in words; an unlisted one passes"""
    daemon, _ = begin(stage, dns_list("bl.example", LISTED), lists("bl.example*40"))
    must_refuse(attempt(stage, LISTED).rcpt, "listed by bl.example")
    line = daemon.wait_message(action=REJECT)
    equal((line.get("client"), line.get("dnsbl"), line.get("score")), (LISTED, "listed", "40"), "the log line")
    check(attempt(stage, CLEAN).delivered, "an unlisted client")
    check(attempt(stage, LISTED, "postmaster@example.org").delivered, "to postmaster")


def test_listed_block(stage):
    """a list with `block` refuses whatever the score, IPv6 clients too"""
    begin(stage, dns_list("bl.example", LISTED, "2001:db8::7"), lists("bl.example*1 block"))
    for address in (LISTED, "2001:db8::7"):
        matches(r"^554 5\.7\.1 Sending address not accepted, listed by bl\.example", str(attempt(stage, address).rcpt),
                "the answer to %s" % address)
    check(attempt(stage, "2001:db8::8").delivered, "an IPv6 client that is not listed")


def test_listed_recipients(stage):
    """the same session twice: 554 for one recipient, 250 for the one who opted out, whose mail arrives"""
    daemon, _ = begin(stage, dns_list("bl.example", LISTED),
                      {**lists("bl.example*40"), "inbound": {"optout": [OPEN]}})
    for rcpts in ([RCPT, OPEN], [RCPT, OPEN], [OPEN, RCPT], [OPEN, RCPT]):
        tried = attempt(stage, LISTED, rcpts)
        must_refuse(tried.rcpts[RCPT], "listed by bl.example")
        tried.rcpts[OPEN].must_be_ok("opted out")
        check(tried.delivered, "the message to the one who opted out", tried)
        mail = stage.sink.of(tried)
        equal(mail.rcpts, [OPEN], "recipients at the sink")
    wait_for("four lines", lambda: len(daemon.messages()) == 4)
    equal({m["action"] for m in daemon.messages()}, {MIXED}, "action=")
    for message in daemon.messages():
        why = dict(zip(message["to"].split(","), message["why"].split(",")))
        equal(why[OPEN], "opted_out", "why= of the one who opted out")


def test_allowed(stage):
    """a client that is allowed is not judged, and the log says so; what is accepted clean has no code there"""
    daemon, _ = begin(stage, dns_list("bl.example", LISTED),
                      {**lists("bl.example*40"), "inbound": {"allow_networks": [LISTED]}})
    for client, why in ((LISTED, "allowed_client"), (CLEAN, "-")):
        check(attempt(stage, client).delivered, client)
        line = daemon.wait_message(client=client)
        equal((line.get("action"), line.get("why"), line.get("code")), (ACCEPT, why, None), "action=, why=, code=")
    equal(daemon.wait_record(STARTED).get("shadow"), "-", "shadow= at the start")


def test_marked_code(stage):
    """what is only marked has its code in the log, too"""
    daemon, _ = begin(stage, dns_list("bl.example", LISTED), lists("bl.example*12"))
    tried = attempt(stage, LISTED)
    check(tried.delivered and stage.sink.of(tried).header("X-Gatepost-Score"), "it is marked", tried)
    matches(r"^[0-9A-Z]{10}$", daemon.wait_message(action=ACCEPT).get("code", ""), "code=")


def test_sums(stage):
    """what is found adds up: two lists, no name, softfail; an allowlist takes some off"""
    records = [dns_list("one.example", LISTED, "198.51.100.3"), dns_list("two.example", LISTED, "198.51.100.3"),
               dns_list("good.example", "198.51.100.3"), txt("sender.example", "v=spf1 ~all")]
    begin(stage, "\n".join(records), {
        **lists("one.example*9", "two.example*8", "good.example*-100"), "spf": {"enabled": True},
        "reverse_dns": {"enabled": True}, "score": {"low": 0, "medium": 0, "high": 0}})
    tried = attempt(stage, LISTED)
    must_refuse(tried.rcpt, r"the sender's SPF record does not vouch for your address, listed by one\.example, .*")
    matches(r"^554 5\.7\.23 ", str(tried.rcpt), "the code of the heaviest cause")
    check(attempt(stage, "198.51.100.3").delivered, "the same with an allowlist")
    check(attempt(stage, CLEAN).delivered, "without the lists")


def test_names(stage):
    """domain lists are asked about HELO, MAIL FROM and the confirmed name"""
    records = ["test.dbl.example. IN A 127.0.1.2", "bad.example.dbl.example. IN A 127.0.1.2",
               host("203.0.113.8", "mail.bad.example"), "mail.bad.example.dbl.example. IN A 127.0.1.2",
               "%s IN PTR mail.bad.example." % reverse("203.0.113.9")]
    begin(stage, "\n".join(records), {"dnsbl": {"domain_lists": ["dbl.example=127.0.1.[2..99]*40"]},
                                      "reverse_dns": {"enabled": True, "mismatch": 0, "no_ptr": 0}})
    must_refuse(attempt(stage, CLEAN, sender="x@bad.example").rcpt, "listed by dbl.example")
    must_refuse(attempt(stage, "203.0.113.8").rcpt, "listed by dbl.example")
    check(attempt(stage, "203.0.113.9").delivered, "a name that is not confirmed is not asked about")
    with stage.postfix.client(address=CLEAN, name=None, helo="mail.bad.example") as c:
        must_refuse(c.send(SENDER, RCPT).rcpt, "listed by dbl.example")


def test_suspicious(stage):
    """greylist.mode = suspicious: who has a score waits, the others do not"""
    begin(stage, dns_list("bl.example", LISTED),
          {**lists("bl.example*6"), "greylist": {"mode": "suspicious", "score": 5}})
    attempt(stage, LISTED).rcpt.must_be_greylisted("a client with a score of 6", BLOCK)
    check(attempt(stage, CLEAN).delivered, "one without")


# --- the safety of the lists ---

WRONG = {"quota.example": "error", "wild.example": "lies", "lies.example": "lies", "gone.example": "dead",
         "bl.broken.example": "silent", "mute.example": "silent"}
WRONG_RECORDS = "\n".join([
    dns_list("bl.example", LISTED), "*.quota.example. IN A 127.255.255.254", "*.wild.example. IN A 127.0.0.2",
    dns_list("lies.example", "127.0.0.1"), listed("gone.example", LISTED)])


@limit(120)
def test_lists_wrong(stage):
    """lists that answer 127.255.255.254, everything, nothing, or lie about canaries are suspended; mail flows"""
    names = serve(stage, WRONG_RECORDS)
    names.mute("mute.example")
    daemon = stage.gatepostd({"dns": {"resolver": names.where}, "greylist": {"mode": "off"},
                              "dnsbl": {"lists": ["bl.example*40", *("%s*40" % zone for zone in WRONG)]}})
    daemon.wait_record(STARTED)  # it listens before, and waits a second for the zones to be tested
    for _ in range(2):
        tried, took = timed(lambda: attempt(stage, CLEAN))
        check(tried.delivered, "an unlisted client while they are tested", tried)
        check(took < 1.5, "and nobody waits for them", "%.1f s" % took)
    must_refuse(attempt(stage, LISTED).rcpt, "listed by bl.example")
    for zone, reason in WRONG.items():
        line = daemon.wait_record({"dnsbl": "suspended", "zone": zone}, seconds=10)
        equal(line.get("reason"), reason, "why %s is suspended" % zone)
    equal(daemon.records(dnsbl="suspended", zone="bl.example"), [], "the good one is not suspended")
    check(daemon.records(dnsbl="ok", zone="bl.example"), "it is ok", daemon.log()[-2000:])
    check(attempt(stage, CLEAN).delivered, "an unlisted client")
    must_refuse(attempt(stage, LISTED).rcpt, "listed by bl.example")

    want = {"bl.example": ("ok", "-"), **{zone: ("suspended", reason) for zone, reason in WRONG.items()}}
    ctl = Ctl(stage, conf=daemon.conf)

    def told():
        return {r["zone"]: (r["state"], r["reason"]) for r in ctl("dnsbl").must().rows(DNSBL)}

    wait_for("gatepostctl dnsbl tells the states %s" % want, lambda: told() == want, 20, 0.5)


def test_list_turns(stage):
    """a list that begins to complain in the midst of mail is suspended with the first complaint"""
    good = dns_list("bl.example", LISTED)
    daemon, names = begin(stage, good, lists("bl.example*40", "ok.example*40"))
    must_refuse(attempt(stage, LISTED).rcpt, "listed by bl.example")
    names.load(good + "\n" + listed("bl.example", "198.51.100.9", "127.255.255.254"))
    check(attempt(stage, "198.51.100.9").delivered, "the client who got the complaint for an answer")
    line = daemon.wait_record({"dnsbl": "suspended", "zone": "bl.example"})
    equal((line.get("reason"), line.get("detail")), ("error", "127.255.255.254"), "the log line")
    check(attempt(stage, LISTED).delivered, "what it lists does not count now")


def test_list_breaker(stage):
    """a list that lists nearly everybody suspends itself, though its canaries are right"""
    daemon, _ = begin(stage, dns_list("bl.example") + "\n*.51.198.bl.example. IN A 127.0.0.2", lists("bl.example*40"))
    kinds = []
    for n in range(60):
        with Peer(stage.socket) as peer:
            kinds.append(peer.open("198.51.%d.1" % n).transaction(SENDER, [RCPT])[0][0].kind)
            peer.quit()
    equal(daemon.wait_record({"dnsbl": "suspended"}).get("reason"), "breaker", "why")
    refused = kinds.count("reply")
    check(45 <= refused <= 50 and "reply" not in kinds[refused:], "fifty are refused at most, and none after", kinds)


@limit(120)
def test_lists_all_dead(stage):
    """all lists stop answering: mail flows within dns.timeout, and after ten questions at once"""
    zones = ["one.example", "two.example", "three.example"]
    daemon, names = begin(stage, "\n".join(dns_list(z) for z in zones),
                          {**lists(*("%s*40" % z for z in zones)), "dns": {"timeout": "1s"}})
    check(attempt(stage, CLEAN).delivered, "while they answer")
    names.mute(*zones)
    took = []
    for n in range(12):
        with Peer(stage.socket) as peer:
            peer.open("198.51.100.%d" % (n + 10))
            (answers, _), seconds = timed(lambda p=peer: p.transaction(SENDER, [RCPT, "x@example.org"]))
            peer.quit()
        equal([a.kind for a in answers], ["continue", "continue"], "the answers")
        took.append(seconds)
    print("# seconds: " + " ".join("%.2f" % s for s in took), flush=True)
    check(0.9 < max(took) < 1.5, "none waits longer than dns.timeout = 1 s", took)
    for zone in zones:
        equal(daemon.wait_record({"dnsbl": "suspended", "zone": zone}).get("reason"), "silent", "why " + zone)
    check(max(took[10:]) < 0.3, "nobody waits for suspended lists", took)
    check(attempt(stage, CLEAN).delivered, "through Postfix")


def test_list_switch(stage):
    """gatepostctl dnsbl off ZONE acts within 3 seconds, and on as well"""
    daemon, _ = begin(stage, dns_list("bl.example", LISTED),
                      {**lists("bl.example*40"), "redis": {"lists_refresh": "2s"}})
    ctl = Ctl(stage, conf=daemon.conf)
    must_refuse(attempt(stage, LISTED).rcpt, "listed by bl.example")
    ctl("dnsbl", "off", "bl.example").must()
    _, seconds = timed(lambda: wait_for("it is off", lambda: attempt(stage, LISTED).delivered, 5, 0.1))
    check(seconds < 3.2, "off acts within 3 seconds", seconds)
    equal(daemon.wait_record({"dnsbl": "off", "zone": "bl.example"}).get("reason"), "operator", "the log line")
    ctl("dnsbl", "on", "bl.example").must()
    wait_for("it is on", lambda: not attempt(stage, LISTED).delivered, 5, 0.1)


def test_list_off_survives(stage):
    """what is switched off stays off over a reload and a restart"""
    daemon, _ = begin(stage, dns_list("bl.example", LISTED), lists("bl.example*40"))
    Ctl(stage, conf=daemon.conf)("dnsbl", "off", "bl.example").must()
    daemon.wait_record({"dnsbl": "off"})
    daemon.reload()
    daemon.wait_record(RELOADED)
    check(attempt(stage, LISTED).delivered, "after a reload")
    daemon.stop()
    daemon.start()
    check(attempt(stage, LISTED).delivered, "after a restart")


# --- sender pools ---

POOL = 20


def pool_story(stage, daemon, addresses, sender, identity):
    """The first try waits; a retry from any address passes, and then mail from all of them."""
    first, early, retry, *others = addresses
    seconds = attempt(stage, first, sender=sender).rcpt.must_be_greylisted("first try", BLOCK)
    attempt(stage, early, sender=sender).rcpt.must_be_greylisted("too early, from another address", BLOCK)
    time.sleep(seconds + 0.05)
    check(attempt(stage, retry, sender=sender).delivered, "the retry, from a third address")
    for address in (*others, first, early):
        tried = attempt(stage, address, sender=sender)
        check(tried.delivered, "mail from %s" % address, tried)
    wait_for("a line for each", lambda: len(daemon.messages()) == POOL + 2)
    equal([m["why"] for m in daemon.messages()], ["new", "early", "passed"] + ["repeat"] * (POOL - 1), "why=")
    keys = stage.redis.keys("gp:grey:*")
    check(len(keys) == 1 and identity in keys[0], "one tuple, of " + identity, keys)


def test_pool_spf(stage):
    """a pool of 20 addresses in as many networks with one SPF record pays one retry"""
    addresses = ["198.51.%d.5" % n for n in range(POOL)]
    record = txt("big.example", "v=spf1 %s -all" % " ".join("ip4:" + a for a in addresses))
    daemon, _ = begin(stage, record, {"spf": {"enabled": True}, "greylist": {"mode": "all"}})
    pool_story(stage, daemon, addresses, "news@big.example", "{big.example")


def test_pool_names(stage):
    """a pool of 20 addresses in as many networks with confirmed names alone pays one retry"""
    pool = {"198.51.%d.5" % n: "relay-%s.out.big.example" % "abcdefghijklmnopqrst"[n] for n in range(POOL)}
    daemon, _ = begin(stage, "\n".join(host(*item) for item in pool.items()),
                      {"reverse_dns": {"enabled": True}, "spf": {"enabled": True}, "greylist": {"mode": "all"}})
    pool_story(stage, daemon, list(pool), "news@bulk.example", "{.out.big.example")


def test_pool_none(stage):
    """without SPF and names, and with names that only claim to be the pool's, each network pays for itself"""
    claims = "%s IN PTR relay-a.out.big.example.\n" % reverse("198.51.2.5")
    everybody = txt("open.example", "v=spf1 +all")
    begin(stage, claims + everybody, {"reverse_dns": {"enabled": True}, "spf": {"enabled": True},
                                      "greylist": {"mode": "all"}, "score": {"smtp_block": 0}})
    for address in ("198.51.1.5", "198.51.2.5", "198.51.3.5"):
        for sender in ("news@big.example", "news@open.example"):
            equal(attempt(stage, address, sender=sender).rcpt.must_be_greylisted(address), BLOCK, "the whole wait")
    equal(len(stage.redis.keys("gp:grey:*")), 6, "tuples")


# --- shadow mode, and why ---


def test_shadow(stage):
    """score.shadow and dnsbl.shadow: accepted, and the log says what would have been"""
    for settings in ({"score": {"shadow": True}}, {"dnsbl": {"shadow": True}}):
        name, = settings
        both = {**lists("bl.example*40"), **settings}
        both["dnsbl"] = {**lists("bl.example*40")["dnsbl"], **settings.get("dnsbl", {})}
        daemon, _ = begin(stage, dns_list("bl.example", LISTED), both)
        tried = attempt(stage, LISTED)
        check(tried.delivered, "%s in shadow mode" % name, tried)
        line = daemon.wait_message(action=ACCEPT)
        equal((line.get("would"), line.get("dnsbl")), ("reject:score", "listed"), "would=, dnsbl= with %s in shadow mode" % name)
        equal(stage.sink.of(tried).header("Subject")[0][:4], "test", "the subject is not touched")
        daemon.stop()


def test_explain_refusal(stage):
    """gatepostctl explain CODE, of the code that the client was told, tells the cause"""
    daemon, _ = begin(stage, dns_list("bl.example", LISTED) + "\n" + txt("sender.example", "v=spf1 -all"),
                      {**lists("bl.example*10"), "spf": {"enabled": True}, "reverse_dns": {"enabled": True}})
    code = must_refuse(attempt(stage, LISTED).rcpt, ".*")
    equal(daemon.wait_message(action=REJECT).get("code"), code, "the code in the log")
    ctl = Ctl(stage, conf=daemon.conf)
    wait_for("the record is there", lambda: ctl("explain", code).code == 0, 5, 0.2)
    for words in (code, code.lower(), LISTED, RCPT, SENDER):
        said = ctl("explain", words).must().out
        for part in (code, "bl.example", "listed", "fail for sender.example", "no_ptr", LISTED, RCPT):
            check(part in said, "%r in what explain %s says" % (part, words), said)


def test_explain_block(stage):
    """what is refused without a sum can be explained, too"""
    daemon, _ = begin(stage, dns_list("bl.example", LISTED), lists("bl.example*1 block"))
    equal(attempt(stage, LISTED).rcpt.code, 554, "the answer")
    code = daemon.wait_message(action=REJECT).get("code")
    ctl = Ctl(stage, conf=daemon.conf)
    said = wait_for("the record is there", lambda: ctl("explain", LISTED).out, 5, 0.2)
    check("bl.example listed 127.0.0.2" in said and code in said, "the cause, and the code of the log", said)


# --- slow DNS, many at once ---

SESSIONS = 50


@limit(120)
def test_slow_dns(stage):
    """50 sessions at once while every answer takes 0.3 s: all answers are right, and come in time"""
    clients = {"198.51.%d.5" % n: n for n in range(SESSIONS)}
    records = [host(a, "relay-%s.h%s.example" % ("x" * (n + 1), "y" * (n % 9))) for a, n in clients.items()]
    records += [dns_list("bl.example", *(a for a, n in clients.items() if n % 3 == 0)),
                txt("sender.example", "v=spf1 -all")]
    daemon, names = begin(stage, "\n".join(records), {
        **lists("bl.example*40"), "reverse_dns": {"enabled": True}, "spf": {"enabled": True, "fail": 0}})
    names.slow("", 0.3)
    answers, trouble = {}, []

    def story(address):
        try:
            with Peer(stage.socket) as peer:
                peer.open(address)
                (replies, _), seconds = timed(lambda: peer.transaction(SENDER, [RCPT, "x@example.org"]))
                answers[address] = [r.kind for r in replies], seconds
                peer.quit()
        except Exception as e:
            trouble.append((address, e))

    threads = [threading.Thread(target=story, args=(a,), daemon=True) for a in clients]
    _, total = timed(lambda: [t.start() for t in threads] + [t.join(60) for t in threads])
    equal(trouble, [], "sessions that failed")
    for address, n in clients.items():
        equal(answers[address][0], ["reply" if n % 3 == 0 else "continue"] * 2, "the answers to " + address)
    slowest = max(seconds for _, seconds in answers.values())
    print("# slowest %.2f s, all %.2f s" % (slowest, total), flush=True)
    check(slowest < 2.5, "three answers one after the other take 0.9 s", slowest)
    daemon.alive()


BURST, ROUNDS = 64, 4


def burst(daemon, number):
    """All RCPTs are there when the daemon next looks; the seconds until the last of them is answered."""
    peers = [Peer(daemon.address).open("198.51.100.%d" % (n + 1)) for n in range(BURST)]
    for n, peer in enumerate(peers):
        peer.mail("x@r%d-%d.example" % (number, n))  # a question that nobody has asked before
    daemon.process.signal(signal.SIGSTOP)
    for peer in peers:
        peer.send("R", b"<%s>\0" % RCPT.encode())
    daemon.process.signal(signal.SIGCONT)
    answers, seconds = timed(lambda: {peer.answer().kind for peer in peers})
    equal(answers, {"continue"}, "the answers")
    for peer in peers:
        peer.quit()
    return seconds


@limit(120)
def test_burst(stage):
    """64 sessions that wait for a mute DNS in the same moment do not wait for each other"""
    names = serve(stage)
    names.mute("")
    settings = {"dns": {"resolver": names.where, "timeout": "1s"}, "greylist": {"mode": "off"},
                "spf": {"enabled": True}}
    # as another user, who may connect nevertheless; and by a port
    for ways in ({"milter": {"user": "nobody", "socket_mode": "0600"}}, {}):
        options = {} if ways else {"listen": "inet:%d@127.0.0.1" % free_port()}
        daemon = stage.gatepostd({**settings, **ways}, **options)
        took = [burst(daemon, number) for number in range(ROUNDS)]
        daemon.reload()
        daemon.wait_record(RELOADED)
        took.append(burst(daemon, ROUNDS))
        print("# %s: seconds until the last had its answer: %s" % (
            daemon.listen, " ".join("%.2f" % s for s in took)), flush=True)
        check(max(took) < 1.9, "dns.timeout = 1 s is for all; who waits for others takes 2 s", took)
        equal(daemon.records(event="listen"), [], "it may connect to itself")
        daemon.stop()


def test_dns_away(stage):
    """no DNS at all: every check gives up within dns.timeout, and nothing scores"""
    daemon, names = begin(stage, "", {"dns": {"timeout": "1s"}, "reverse_dns": {"enabled": True, "block": True},
                                      "spf": {"enabled": True, "block": True, "none": 50},
                                      "dkim": {"enabled": True}, "dmarc": {"enabled": True}})
    names.mute("")
    tried, took = timed(lambda: attempt(stage, CLEAN))
    check(tried.delivered, "mail flows", tried)
    check(took < 3.5, "within two deadlines, at RCPT and at the end of the message", took)
    line = daemon.wait_message(action=ACCEPT)
    equal(line.get("score"), "0", "score")
    equal(line.get("on_error"), "rdns,spf,dmarc", "on_error=")
    equal([line.get(name) for name in ("rdns", "spf", "dkim", "dmarc")], ["temperror", "temperror", "none", "temperror"],
          "what each says")
