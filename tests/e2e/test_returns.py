"""What comes back: a Postfix that sends, a second one at the far end, and what becomes of it in between."""

import os
import re
import signal
import time

from harness import *
from test_ctl import Ctl

ACCOUNT = {"match": ["login:ann"], "bounce_domain": "b.shop.example", "list_unsubscribe": True}
SENDER = "news@shop.example"

# Loopback, and yet no submitter: the far end.
FAR = "127.0.0.5"


class Corner:
    """A part of the world with a directory of its own, for a second Postfix."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.directory = world.path(name)
        os.mkdir(self.directory)
        os.chmod(self.directory, 0o755)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def start(self, name, argv, **options):
        return self.world.start("%s-%s" % (self.name, name), argv, **options)


class Ends:
    """home, to which gatepostd belongs; far, which has no `gone`, and takes mail for `later` to bounce it; and
    dead.example, where nobody listens. What home delivers elsewhere is at the sink."""

    def __init__(self, stage):
        dead = free_port()
        way = stage.world.write("transport", "")
        self.home = Postfix(stage.world, stage.sink, "unix:" + stage.socket, extra=[
            "internal_mail_filter_classes = bounce", "transport_maps = texthash:" + way,
            "minimal_backoff_time = 1s", "maximal_backoff_time = 1s", "queue_run_delay = 1s"])
        self.far = Postfix(Corner(stage.world, "far"), stage.sink, "", extra=[
            "relayhost =", "smtp_bind_address = " + FAR,
            "transport_maps = inline:{{later@far.example=error:5.1.1 mailbox unknown} "
            "{b.shop.example=smtp:[127.0.0.1]:%d}}" % self.home.port,
            "default_transport = discard:", "relay_transport = discard:", "smtpd_reject_unlisted_recipient = no",
            "smtpd_recipient_restrictions = check_recipient_access inline:{{gone@far.example=550 5.1.1 no such user here}"
            " {full@far.example=552 5.2.2 mailbox full}}",
            "minimal_backoff_time = 1s", "maximal_backoff_time = 1s", "queue_run_delay = 1s",
            "bounce_queue_lifetime = 1d"])
        stage.world.write("transport", "far.example smtp:[127.0.0.1]:%d\ndead.example smtp:[127.0.0.1]:%d\n" % (
            self.far.port, dead))
        self.home._run("postfix", "-c", self.home.config, "reload")


def ends(stage):
    if not hasattr(stage, "ends"):
        stage.ends = Ends(stage)
    return stage.ends


def daemon(stage, env=None, **sections):
    where = stage.world.path("keyring")
    settings = {"outbound": {"keyring": where, "keys": stage.world.path("keys")}, "account shop": dict(ACCOUNT),
                "inbound": {"submit_networks": ["127.0.0.1/32"]}}
    for section, options in sections.items():
        settings.setdefault(section.replace("_", " "), {}).update(options)
    made = stage.gatepostd(settings, start=False)
    if not os.path.exists(where):
        Ctl(stage, conf=made.conf)("keyring", "new").must()
    return made.start(env)


def send(stage, rcpts, postfix=None, parameters=()):
    """One message of the account; what each recipient was told."""
    rcpts = [rcpts] if isinstance(rcpts, str) else rcpts
    with (postfix or ends(stage).home).client(address="127.0.0.1", name="localhost", login="ann") as c:
        c.mail(SENDER, *parameters).must_be_ok("MAIL")
        told = [c.rcpt(r) for r in rcpts]
        if any(r.ok for r in told):
            equal(c.data().code, 354, "DATA")
            c.message(message(SENDER, rcpts)).must_be_ok("the message")
        return told


def events(stage, kind=None, account="shop"):
    """The events of the account, as dicts, oldest first."""
    found = [dict(zip(flat[::2], flat[1::2])) for _, flat in stage.redis("XRANGE", "gp:ev:{%s}" % account, "-", "+")]
    return [e for e in found if kind is None or e["type"] == kind]


def wait_event(stage, kind, count=1, seconds=30):
    def found():
        there = events(stage, kind)
        return there if len(there) >= count else None

    try:
        return wait_for("%d event(s) %s" % (count, kind), found, seconds)
    except Failure as e:
        raise Failure("%s\n%s\n%s\n%s" % (e, events(stage), ends(stage).home.tail(), ends(stage).far.tail())) from None


def suppressed(stage, rcpt):
    return stage.redis("HGET", "gp:supp:{shop}", rcpt)


def counted(stage, name):
    return sum(int(stage.redis.hash(key).get(name, 0)) for key in stage.redis.keys("gp:stat:*"))


def refused(stage, rcpt, word):
    """The next message to him is refused, with the reason."""
    told, = send(stage, rcpt)
    equal(told.code, 550, "the next message to %s: %s" % (rcpt, told.text))
    matches(word, told.text, "the reason")


# --- a real far end ---


def test_refused_at_rcpt(stage):
    """the far end refuses the recipient: Postfix's own bounce is an event, he is suppressed, and nothing is delivered"""
    running = daemon(stage)
    send(stage, "gone@far.example")[0].must_be_ok("the first one")
    event, = wait_event(stage, "bounced")
    equal([event.get(k) for k in ("rcpt", "class", "strength", "status", "by")],
          ["gone@far.example", "recipient", "hard", "5.1.1", "return"], "the event")
    matches("no such user here", event["reason"], "what the far end said")
    matches(r"^bounced 1 \d+ \d+ 0 .*no such user here.*%s" % event["msg"], suppressed(stage, "gone@far.example"),
            "the suppression")
    equal(stage.redis("HGET", "gp:msg:{shop}:" + event["msg"], "rcpt:gone@far.example"), "bounced", "the message's record")
    known_s = int(stage.redis("TTL", "gp:bounce:{shop}:gone@far.example"))
    check(known_s > 30 * 86400, "it is forgotten in %d s, before its return path has expired" % known_s)
    ends(stage).home.drain()
    equal([m.rcpts for m in stage.sink.messages], [], "what was delivered")
    equal(running.wait_message(action="discard")["dir"], "in", "it does not leave, though Postfix submits it")
    wait_for("its counter", lambda: counted(stage, "bounced_hard") == 1)
    equal([counted(stage, "out_rcpts"), counted(stage, "out_messages")], [1, 1], "what left")
    refused(stage, "gone@far.example", r"recipient suppressed: bounced on \d{4}-")


def test_bounced_later(stage):
    """the far end takes it and bounces later: the same"""
    running = daemon(stage)
    send(stage, "later@far.example")[0].must_be_ok("the first one")
    event, = wait_event(stage, "bounced")
    equal([event.get(k) for k in ("rcpt", "class", "strength")], ["later@far.example", "recipient", "hard"], "the event")
    line = running.wait_message(action="discard")
    equal((line["dir"], line["client"], line["returns"]), ("in", FAR, "bounced"), "the log")
    ends(stage).home.drain()
    ends(stage).far.drain()
    equal([m.rcpts for m in stage.sink.messages], [], "what was delivered")
    refused(stage, "later@far.example", r"recipient suppressed: bounced on \d{4}-")


def test_dead(stage):
    """nobody listens there: an event in the end, and nobody is suppressed"""
    daemon(stage)
    home = ends(stage).home
    home._run("postconf", "-c", home.config, "maximal_queue_lifetime=0")
    home._run("postfix", "-c", home.config, "reload")
    try:
        send(stage, "ann@dead.example")[0].must_be_ok("the first one")
        event, = wait_event(stage, "bounced")
    finally:
        home._run("postconf", "-c", home.config, "maximal_queue_lifetime=5d")
        home._run("postfix", "-c", home.config, "reload")
    equal([event.get(k) for k in ("rcpt", "class", "strength")], ["ann@dead.example", "infrastructure", "soft"], "the event")
    equal(suppressed(stage, "ann@dead.example"), None, "the suppression")
    equal(stage.redis.keys("gp:supp:*"), [], "suppressions")


def test_soft(stage):
    """a full mailbox: three times, then for a day"""
    daemon(stage)
    for n in range(1, 4):
        send(stage, "full@far.example")[0].must_be_ok("number %d" % n)
        event = wait_event(stage, "bounced", n)[-1]
        equal([event.get(k) for k in ("class", "strength")], ["mailbox-full", "soft"], "the event")
    entry = suppressed(stage, "full@far.example").split()
    equal((entry[0], entry[1], int(entry[4]) - int(entry[3])), ("bounced", "3", 86400), "the suppression")
    refused(stage, "full@far.example", "bounced 3 times")


def test_several(stage):
    """one message to three, expanded: who is there is not touched"""
    daemon(stage)
    for reply in send(stage, ["gone@far.example", "fine@far.example", "later@far.example"], parameters=["XVERP"]):
        reply.must_be_ok("RCPT")
    found = wait_event(stage, "bounced", 2)
    equal(sorted(e["rcpt"] for e in found), ["gone@far.example", "later@far.example"], "who bounced")
    equal([e["strength"] for e in found], ["hard"] * 2, "how hard")
    equal(sorted(stage.redis.hash("gp:supp:{shop}")), ["gone@far.example", "later@far.example"], "suppressed")


def test_passed_on(stage):
    """bounces = pass: recorded, and then delivered as the MTA has it"""
    daemon(stage, account_shop={"bounces": "pass"})
    send(stage, "later@far.example")[0].must_be_ok("the first one")
    wait_event(stage, "bounced")
    mail = stage.sink.wait()[0]
    matches(r"^b-[a-z2-7]{48}@b\.shop\.example$", mail.rcpts[0], "to whom")
    matches("mailbox unknown", mail.data.decode(), "what")


def test_passed_to(stage):
    """bounces_to: an own bounce and one from afar go to that address, also from an address that is an alias"""
    daemon(stage, account_shop={"bounces": "both", "bounces_to": "care@shop.example"})
    home = ends(stage).home
    home._run("postconf", "-c", home.config, "virtual_alias_domains=b.shop.example",
              "virtual_alias_maps=inline:{{@b.shop.example=postmaster@mx.example.org}}")
    home._run("postfix", "-c", home.config, "reload")
    try:
        path = sent_path(stage)
        arrive(stage, path, message("fine@far.example", path, subject="Re: news"), sender="fine@far.example").must_be_ok("a reply")
        mail = stage.sink.wait()[0]
        equal(mail.rcpts, ["care@shop.example"], "who gets the reply")
        arrive(stage, path, dsn("fine@far.example")).must_be_ok("a bounce")
        send(stage, "gone@far.example")[0].must_be_ok("to nobody")
        wait_event(stage, "bounced", 2)
        home.drain()
        equal([m.rcpts for m in stage.sink.messages], [["care@shop.example"]], "what was delivered")
    finally:
        home._run("postconf", "-c", home.config, "virtual_alias_domains=", "virtual_alias_maps=")
        home._run("postfix", "-c", home.config, "reload")


# --- strangers ---


def sent_path(stage, rcpt="fine@far.example"):
    """The return path of a message that left."""
    before = len(events(stage, "sent"))
    send(stage, rcpt)[0].must_be_ok("the message")
    return wait_event(stage, "sent", before + 1)[-1]["return"].strip("<>")


def dsn(rcpt, status="5.1.1", text="550 5.1.1 user unknown"):
    return ("From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
            "Message-ID: <1@mx.example>\nDate: Sat, 21 Nov 2026 11:00:00 +0000\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
            "Final-Recipient: rfc822; %s\nAction: failed\nStatus: %s\nDiagnostic-Code: smtp; %s\n\n--b--\n" % (
                rcpt, status, text))


def arrive(stage, rcpt, text, sender="", address="203.0.113.9"):
    """A message from outside to one recipient; what it was told last."""
    with ends(stage).home.client(address=address) as c:
        c.mail(sender).must_be_ok("MAIL")
        told = c.rcpt(rcpt)
        if not told.ok:
            return told
        equal(c.data().code, 354, "DATA")
        return c.message(text)


def test_patterns(stage):
    """the example of gatepost-bounces(5) as patterns; a mistake refuses the start, -t, a reload, and check, and says the line"""
    with open(os.path.join(TOP, "doc/gatepost-bounces.5"), encoding="ascii") as f:
        example = f.read().split(".Bd -literal -offset indent\n", 1)[1].split(".Ed\n", 1)[0]
    rules = stage.world.write("bounces.txt", example)
    running = daemon(stage, returns={"patterns": rules})
    ctl = Ctl(stage, conf=running.conf)
    check("ok\tbounces\t%s is right" % rules in ctl("check").out, "check", ctl("check"))
    said = "550 5.1.1 account under maintenance"

    def class_of(rcpt):
        path, before = sent_path(stage, rcpt), len(events(stage, "bounced"))
        arrive(stage, path, dsn(rcpt, text=said)).must_be_ok("the bounce")
        return [wait_event(stage, "bounced", before + 1)[-1].get(k) for k in ("class", "category")]

    equal(class_of("a@far.example"), ["infrastructure", "maintenance"], "by the file")
    stage.world.write("bounces.txt", example + "recipient hard oops\n")
    running.reload()
    line = running.wait_record(RELOAD_REFUSED)
    wrong = "%s:%d: five words are wanted" % (rules, example.count("\n") + 1)
    check(wrong in line["reason"], "the log", line)
    equal(class_of("b@far.example"), ["infrastructure", "maintenance"], "what was in force stays")
    row = [row for row in ctl("check").out.splitlines() if row.startswith("fault\tbounces\t")]
    check(len(row) == 1 and wrong in row[0], "check", row)
    stage.world.write("bounces.txt", "content soft words * under maintenance\n")
    running.reload()
    running.wait_record(RELOADED)
    equal(class_of("c@far.example"), ["content", "words"], "by the new file")
    equal(stage.redis.keys("gp:supp:*"), [], "suppressions")
    running.stop()
    stage.world.write("bounces.txt", "nonsense\n")
    failed = running.spawn("-f", "-c", running.conf, name="refused")
    wait_for("it ends", lambda: not failed.running(), 10)
    check("returns.patterns: %s:1: five words are wanted" % rules in failed.log(), "the start", failed.log())
    tried = running.spawn("-t", "-c", running.conf, name="tried")
    wait_for("it ends", lambda: not tried.running(), 10)
    check("returns.patterns: %s:1: five words are wanted" % rules in tried.log(), "-t", tried.log())


def test_unsubscribe(stage):
    """mail to the address in List-Unsubscribe: whose message it was gets no more"""
    daemon(stage)
    send(stage, "bob@elsewhere.example")[0].must_be_ok("the message")
    mail = stage.sink.wait()[0]
    address = re.search(r"mailto:(u-[^?>]+)", mail.header("List-Unsubscribe")[0]).group(1)
    arrive(stage, address, message("robert@private.example", address, subject="unsubscribe"),
           sender="robert@private.example").must_be_ok("the wish")
    event, = wait_event(stage, "unsubscribed")
    equal(event["rcpt"], "bob@elsewhere.example", "who")
    refused(stage, "bob@elsewhere.example", "unsubscribed")


def test_complaint(stage):
    """a complaint with nothing but our id in the header of the message, at the address for them"""
    daemon(stage, account_shop={"feedback": "fbl@shop.example"}, greylist={"mode": "off"})
    send(stage, "bob@elsewhere.example")[0].must_be_ok("the message")
    mail = stage.sink.wait()[0]
    header = mail.header("X-Gatepost-ID")[0]
    report = ("From: fbl@provider.example\nMIME-Version: 1.0\nMessage-ID: <2@provider.example>\n"
              "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n"
              "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: p/1\nVersion: 1\n"
              "Original-Rcpt-To: redacted@provider.example\n\n"
              "--b\nContent-Type: message/rfc822\n\nFrom: %s\nX-Gatepost-ID: %s\nSubject: x\n\nx\n--b--\n" % (SENDER, header))
    arrive(stage, "fbl@shop.example", report, sender="fbl@provider.example").must_be_ok("the report")
    event, = wait_event(stage, "complained")
    equal((event["rcpt"], event["category"], event["by"]), ("bob@elsewhere.example", "abuse", "id"), "the event")
    refused(stage, "bob@elsewhere.example", "complained")
    equal(len(stage.sink.messages), 1, "what was delivered")


def test_same_again(stage):
    """the same bounce twice, and once more after a restart, counts once"""
    running = daemon(stage)
    path = sent_path(stage)
    text = dsn("fine@far.example", "5.2.2", "552 5.2.2 mailbox full")
    for _ in range(2):
        arrive(stage, path, text).must_be_ok("the bounce")
    running.stop()
    running.start()
    arrive(stage, path, text).must_be_ok("the bounce")
    equal(len(events(stage, "bounced")), 1, "events")
    matches(r"^1 ", stage.redis("HGET", "gp:bounce:{shop}:fine@far.example", "soft"), "soft failures")


def test_wrong_recipient(stage):
    """a good token with another recipient behind it, or in the text, touches nobody"""
    daemon(stage)
    local, domain = sent_path(stage).split("@")
    arrive(stage, "%s+victim=far.example@%s" % (local, domain), dsn("victim@far.example")).must_be_ok("XVERP's part was forged")
    event, = wait_event(stage, "bounced")
    equal([event.get(k) for k in ("rcpt", "to", "skipped")], [None, "victim@far.example", "not-among-recipients"], "the event")
    arrive(stage, "%s@%s" % (local, domain), dsn("victim@far.example")).must_be_ok("he is in the text only")
    event = wait_event(stage, "bounced", 2)[-1]
    equal([event.get(k) for k in ("rcpt", "strength")], ["fine@far.example", "soft"], "of whom it is, who forwards his mail perhaps")
    equal(stage.redis.keys("gp:supp:*") + stage.redis.keys("gp:bounce:*victim*"), [], "suppressions, failures of strangers")


# --- guessing ---


def cpu_s(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def flood(running, rcpts):
    """One transaction each, as bounces come; CPU seconds of the daemon, and the answers' first words."""
    told = set()
    with Peer(running.address) as peer:
        peer.open(address="203.0.113.66")
        start = cpu_s(running.pid)
        for rcpt in rcpts:
            answers, _ = peer.transaction("", [rcpt])
            told.add(answers[0].text[:9] if answers[0].kind == "reply" else answers[0].kind)
        used = cpu_s(running.pid) - start
        peer.quit()
    return used, told


def commands(stage):
    return int(stage.redis.info("stats", "total_commands_processed"))


@limit(180)
def test_forged(stage):
    """10,000 forged: guessed, of another domain, another letter: refused, counted, nothing changes, little CPU"""
    running = daemon(stage, account_other={"match": ["login:bob"], "bounce_domain": "b.other.example"})
    local, _ = sent_path(stage).split("@")
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    guess = lambda i: "b-" + "".join(alphabet[(i * 7919 + k * k * 31 + (i >> k % 13)) % 32] for k in range(48))
    swap = lambda i: local[:20 + i % 28] + alphabet[(alphabet.index(local[20 + i % 28]) + 1 + i // 28 % 31) % 32] + \
        local[21 + i % 28:]
    forged = [guess(i) + "@b.shop.example" for i in range(4000)]
    forged += [swap(i) + "@b.shop.example" for i in range(4000)]
    forged += [local + "@b.other.example", "u" + local[1:] + "@b.shop.example"] * 1000
    time.sleep(1)
    before = {key: stage.redis("DUMP", key) for key in stage.redis.keys() if ":stat:" not in key}
    asked = commands(stage)
    used, told = flood(running, forged)
    equal(told, {"550 5.1.1"}, "what they were told")
    time.sleep(1.5)
    asked = commands(stage) - asked
    after = {key: stage.redis("DUMP", key) for key in stage.redis.keys() if ":stat:" not in key}
    check(asked < 300, "Redis was asked %d times" % asked)
    equal(sorted(after), sorted(before), "keys")
    equal([k for k in before if before[k] != after[k]], [], "keys that changed")
    counted = sum(int(stage.redis.hash(k).get("refused_returns", 0)) for k in stage.redis.keys("gp:stat:*"))
    equal(counted, len(forged), "how many were counted")
    with Peer(running.address) as peer:
        peer.open(address="127.0.0.1")
        start = cpu_s(running.pid)
        for i in range(1000):
            peer.transaction("someone@shop.example", ["x%d@far.example" % i], body=b"x" * 2000)
        accepted = (cpu_s(running.pid) - start) / 1000
        peer.quit()
    print("# CPU: %.1f us for each forged one, %.1f us for accepting a message of 2 kB" % (
        used / len(forged) * 1e6, accepted * 1e6))
    check(used / len(forged) < accepted, "a forged one costs more than a message that is accepted")


# --- Redis away ---


@limit(180)
def test_redis_down(stage):
    """Redis is down while bounces arrive: 451, nothing lost, and all recorded once when it is back"""
    running = daemon(stage)
    paths = [sent_path(stage, "r%d@elsewhere.example" % i) for i in range(5)]
    send(stage, "fine@far.example")[0].must_be_ok("the message")
    local = ["gone@far.example", "later@far.example"]
    stage.redis.stall()
    try:
        for i, path in enumerate(paths):
            told = arrive(stage, path, dsn("r%d@elsewhere.example" % i))
            equal(told.code, 451, "while it is down")
        send(stage, local)
        time.sleep(3)
        running.alive()
    finally:
        stage.redis.resume()
    running.wait_record(REDIS_UP, seconds=20)
    for i, path in enumerate(paths):
        arrive(stage, path, dsn("r%d@elsewhere.example" % i)).must_be_ok("when it is back")
    home, far = ends(stage).home, ends(stage).far
    for postfix in (home, far):
        postfix._run("postqueue", "-c", postfix.config, "-f")
    found = wait_event(stage, "bounced", 7, 60)
    time.sleep(2)
    equal(sorted(e.get("rcpt") for e in events(stage, "bounced")),
          sorted(local + ["r%d@elsewhere.example" % i for i in range(5)]), "each once")
    equal(len(found), 7, "events")
    equal(sorted(stage.redis.hash("gp:supp:{shop}")), ["r%d@elsewhere.example" % i for i in range(5)], "suppressions")
    for rcpt in local:  # of one message, with one return path: soft
        matches("^1 ", stage.redis("HGET", "gp:bounce:{shop}:" + rcpt, "soft"), "soft failures")


# --- gatepostd dies ---


def dies(stage, answered):
    """A soft bounce, during which gatepostd is killed; it comes again, as its server tries it again."""
    running = daemon(stage)
    path = sent_path(stage)
    text = dsn("fine@far.example", "5.2.2", "552 5.2.2 mailbox full")
    running.stop()
    between = Between(stage.redis, b"\r\nput\r\n", lambda: running.process.signal(signal.SIGKILL), answered)
    running.write_conf(redis={"server": "unix:" + between.socket, "timeout": "5s"})
    running.start()
    told = arrive(stage, path, text)
    check(told.code // 100 == 4, "when it is killed", told)
    wait_for("it is dead", lambda: not running.running(), 10)
    equal(len(events(stage, "bounced")), int(answered), "what was recorded then")
    running.write_conf(redis={"server": "unix:" + stage.redis.socket})
    running.start()
    for _ in range(2):
        arrive(stage, path, text).must_be_ok("once more")
    equal(len(events(stage, "bounced")), 1, "events")
    matches(r"^1 ", stage.redis("HGET", "gp:bounce:{shop}:fine@far.example", "soft"), "soft failures")
    between.close()


def test_killed_before_answer(stage):
    """kill -9 when a bounce is recorded and not acknowledged yet: it comes again, and counts once"""
    dies(stage, True)


def test_killed_before_record(stage):
    """kill -9 when it is about to be recorded: it comes again, and counts"""
    dies(stage, False)
