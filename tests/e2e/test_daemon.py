"""The daemon as a program: options, sockets, signals, privileges, its log."""

import grp
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import threading
import time

from harness import *

EX_USAGE, EX_UNAVAILABLE, EX_CONFIG = 64, 69, 78
SENDER = "alice@sender.example"
RCPT = "bob@example.org"


def run(*arguments, seconds=20):
    """Runs gatepostd to its end: (status, standard output, standard error)."""
    done = subprocess.run(Gatepostd.argv(*arguments), capture_output=True, timeout=seconds, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def ask(address, rcpt=RCPT, sender=SENDER, **client):
    """The answer to one recipient, over the milter protocol."""
    with Peer(address) as peer:
        peer.open(**client)
        answers, _ = peer.transaction(sender, [rcpt])
        peer.quit()
    return answers[0]


def wait_s(answer):
    found = re.search(r"try again in (\d+) seconds", answer.text)
    return int(found.group(1)) if found else None


def conf(stage, text):
    return stage.world.write("trial.conf", text)


def test_options(stage):
    """-V prints the version; a bad option and a stray argument print the usage, status 64"""
    status, out, _ = run("-V")
    equal(status, 0, "status of -V")
    matches(r"^gatepostd \d\S*\n$", out, "output of -V")
    for arguments in (["-x"], ["-c"], ["stray"]):
        status, out, err = run(*arguments)
        equal(status, EX_USAGE, "status of %s" % arguments)
        equal(out, "", "standard output of %s" % arguments)
        matches(r"usage: gatepostd .*-c FILE.*-t", err, "message of %s" % arguments)


def test_check(stage):
    """-t says ok to a good file, and neither listens nor asks Redis"""
    path = conf(stage, 'milter { listen = "unix:%s" }\nredis { server = "unix:/nonexistent" }\n'
                % stage.world.path("never.sock"))
    status, out, err = run("-t", "-c", path)
    equal((status, err), (0, ""), "status and messages")
    matches("ok", out, "output")
    check(not os.path.exists(stage.world.path("never.sock")), "no socket is made")
    equal(run("-t", "-c", conf(stage, ""))[0], 0, "status of an empty file: all defaults")


def test_check_bad(stage):
    """-t names file, line, option, value and what is allowed; status 78"""
    for text, want in (
            ("greylist {\n\tblock = 4x\n}\n", r":2: greylist\.block = 4x"),
            ("greylist {\n\n\tmode = some\n}\n", r":3: greylist\.mode = some.*all.*suspicious.*off"),
            ("greylist {\n\tblok = 4m\n}\n", r":2:.*blok.*block"),
            ("greylst {\n}\n", r":1:.*greylst.*greylist"),
            ("greylist { block = 4m\n", r"\.conf:\d+: "),
            ("greylist {\n\tblock = 7h\n\tpass = 6h\n}\n", r"pass must be longer than block"),
            ("inbound {\n\tsubmit_networks = { 10.0.0.0/33 }\n}\n", r":2:.*10\.0\.0\.0/33"),
            ("milter {\n\tlisten = \"tcp:25\"\n}\n", r":2:.*listen.*unix:"),
            ("milter {\n\tuser = \"no-such-user\"\n}\n", r":2: milter.user = no-such-user: there is no such name"),
            ("greylist {\n\toptout = { /nonexistent/list }\n}\n", r"/nonexistent/list"),
    ):
        path = conf(stage, text)
        status, _, err = run("-t", "-c", path)
        equal(status, EX_CONFIG, "status of %r (%s)" % (text, err))
        matches(want, err, "message for %r" % text)
        check(path in err, "the message names the file", err)
        equal(err.count("\n"), 1, "one line for %r: %s" % (text, err))
        equal(run("-f", "-c", path)[0], EX_CONFIG, "it does not start with %r" % text)


def test_missing_file(stage):
    """a configuration that is not there, or a folder, is named"""
    for path in (stage.world.path("absent.conf"), stage.world.directory):
        status, _, err = run("-t", "-c", path)
        equal(status, EX_CONFIG, "status for %s" % path)
        check(path in err, "the message names the file", err)


def test_mode_and_group(stage):
    """the socket has the mode and the group of the configuration"""
    group = grp.getgrnam("postfix")
    daemon = stage.gatepostd({"milter": {"socket_mode": "0620", "socket_group": "postfix"}})
    found = os.stat(daemon.address)
    check(stat.S_ISSOCK(found.st_mode), "it is a socket")
    equal(oct(stat.S_IMODE(found.st_mode)), oct(0o620), "mode")
    equal(found.st_gid, group.gr_gid, "group")
    with stage.postfix.client() as c:
        c.send(SENDER, RCPT).rcpt.must_be_greylisted("Postfix, by its group")
    daemon.stop()
    check(not os.path.exists(stage.socket), "the socket is gone after the end")
    check(not os.path.exists(stage.socket + ".lock"), "and the lock, which another user might not open")


def test_unprivileged(stage):
    """started as root with milter.user, it runs as that user, with no root rights left"""
    user = pwd.getpwnam("nobody")
    home = stage.world.path("run")
    os.makedirs(home, exist_ok=True)
    os.chown(home, user.pw_uid, user.pw_gid)
    daemon = stage.gatepostd({"milter": {"user": "nobody"}}, listen="unix:" + os.path.join(home, "gp.sock"))
    with open("/proc/%d/status" % daemon.pid, encoding="ascii") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    equal(status["Uid"].split(), [str(user.pw_uid)] * 4, "user ids")
    equal(status["Gid"].split(), [str(user.pw_gid)] * 4, "group ids")
    check("0" not in status["Groups"].split(), "not in root's group", status["Groups"])
    equal(int(status["CapEff"], 16), 0, "capabilities")
    check(wait_s(ask(daemon.address)), "it serves")
    equal(os.stat(daemon.address + ".lock").st_uid, user.pw_uid, "whose the lock is")
    daemon.stop()
    check(not os.path.exists(daemon.address), "and removes its socket")


def test_inet(stage):
    """an inet socket serves, and a second instance on it is refused"""
    port = free_port()
    daemon = stage.gatepostd(listen="inet:%d@127.0.0.1" % port)
    check(wait_s(ask(port)), "it serves")
    status, _, err = run("-f", "-c", daemon.conf)
    equal(status, EX_UNAVAILABLE, "status of the second instance")
    matches(str(port), err, "its message names the port")
    check(wait_s(ask(port, rcpt="x@example.org")), "the first still serves")


def test_second_instance(stage):
    """a second instance on the same socket is refused, and names the first; the first goes on"""
    daemon = stage.gatepostd()
    inode = os.stat(stage.socket).st_ino
    status, _, err = run("-f", "-c", daemon.conf)
    equal(status, EX_UNAVAILABLE, "status")
    equal(matches(ALREADY_SERVING, err, "message").group(1), str(daemon.pid), "the pid in the message")
    equal(os.stat(stage.socket).st_ino, inode, "the socket is the first one's")
    check(wait_s(ask(stage.socket)), "the first still serves")


def test_stale_socket(stage):
    """a socket that a crash left behind is replaced"""
    daemon = stage.gatepostd()
    daemon.process.kill()
    check(os.path.exists(stage.socket), "the crash leaves the socket")
    stage.gatepostd()
    check(wait_s(ask(stage.socket)), "the new instance serves")


def test_not_a_socket(stage):
    """a file in the socket's place is left alone, and named"""
    path = stage.world.write("precious", "data\n")
    daemon = stage.gatepostd(listen="unix:" + path, start=False)
    status, _, err = run("-f", "-c", daemon.conf)
    check(status != 0 and path in err, "refused, with the path", status, err)
    with open(path, encoding="ascii") as f:
        equal(f.read(), "data\n", "the file's content")


def test_no_directory(stage):
    """a socket in a folder that is not there: the message names it"""
    daemon = stage.gatepostd(listen="unix:/tmp/no-such-folder-of-gatepost/gp.sock", start=False)
    status, _, err = run("-f", "-c", daemon.conf)
    check(status != 0, "refused", status)
    matches(r"/tmp/no-such-folder-of-gatepost", err, "message")


def test_reload(stage):
    """SIGHUP with a good file: new sessions have the new settings, open ones keep theirs"""
    daemon = stage.gatepostd()
    with Peer(stage.socket) as old:
        old.open()
        daemon.write_conf(greylist={"block": "100s"})
        daemon.reload()
        daemon.wait_record(RELOADED)
        answers, _ = old.transaction(SENDER, ["old@example.org"])
        check(wait_s(answers[0]) <= 3, "the open session keeps block = 3s", answers)
        old.quit()
    equal(wait_s(ask(stage.socket)), 100, "a new session has block = 100s")


def test_reload_broken(stage):
    """SIGHUP with a broken file: the old one stays in force, and the log says what is wrong"""
    daemon = stage.gatepostd()
    good = daemon.conf
    with open(good, encoding="utf-8") as f:
        text = f.read()
    for broken, want in ((text + "greylist {\n", r"milter|\.conf:\d+"), (text.replace("block = 3s", "block = 3y"), "block"),
                         ("nonsense", r"\.conf:\d+"), (None, re.escape(good))):
        before = len(daemon.records(**RELOAD_REFUSED))
        if broken is None:
            os.rename(good, good + ".away")
        else:
            stage.world.write(os.path.basename(good), broken)
        daemon.reload()
        line = daemon.wait_record(RELOAD_REFUSED, count=before + 1)
        matches(want, line.get("reason", ""), "the reason in %s" % line)
        equal(wait_s(ask(stage.socket, rcpt="r%d@example.org" % before)), 3, "block of the old file")
    os.rename(good + ".away", good)
    stage.world.write(os.path.basename(good), text)
    daemon.reload()
    daemon.wait_record(RELOADED)


def test_reload_denied(stage):
    """SIGHUP with a file that only root may read: the log says who may not, and what to do"""
    home = stage.world.path("denied")
    os.makedirs(home, exist_ok=True)
    user = pwd.getpwnam("nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    daemon = stage.gatepostd({"milter": {"user": "nobody"}}, listen="unix:" + os.path.join(home, "gp.sock"), start=False)
    os.chmod(daemon.conf, 0o600)
    daemon.start()
    daemon.reload()
    line = daemon.wait_record(RELOAD_REFUSED)
    matches(r"%s: Permission denied: this runs as nobody, who may not read it \(0600 root:root\); chgrp %s, chmod g\+rX"
            % (re.escape(daemon.conf), grp.getgrgid(user.pw_gid).gr_name), line["reason"], "the reason")
    os.chown(daemon.conf, 0, user.pw_gid)
    os.chmod(daemon.conf, 0o640)
    daemon.reload()
    daemon.wait_record(RELOADED)


def test_reload_redis(stage):
    """Redis down, and a reload with another section redis: the log tells down again, or up"""
    wrong = "unix:" + stage.world.path("no-redis.sock")
    daemon = stage.gatepostd({"redis": {"server": wrong}})
    daemon.wait_record(REDIS_DOWN)
    daemon.write_conf(redis={"server": wrong + "2"})
    daemon.reload()
    matches(r"redis\.sock2", daemon.wait_record(REDIS_DOWN, count=2)["reason"], "the new reason")
    equal(daemon.records(**REDIS_UP), [], "lines redis=up")
    daemon.write_conf(redis={"server": "unix:" + stage.redis.socket})
    daemon.reload()
    matches(r"works again after", daemon.wait_record(REDIS_UP)["reason"], "the reason")
    daemon.wait_record(RELOADED, count=2)
    equal(wait_s(ask(stage.socket)), 3, "it serves")
    equal((len(daemon.records(**REDIS_DOWN)), len(daemon.records(**REDIS_UP))), (2, 1), "lines down and up")


def test_redis_reason(stage):
    """Redis comes back wanting a password: said once; what was counted meanwhile outlives two reloads"""
    daemon = stage.gatepostd()
    stage.redis.kill()
    equal(ask(stage.socket).kind, "continue", "mail while Redis is away")
    daemon.wait_record(REDIS_DOWN, 10)
    stage.redis.start("secret")
    matches("NOAUTH", daemon.wait_record(REDIS_DOWN, 10, count=2)["reason"], "the new reason")
    time.sleep(2.5)  # two probes more
    equal(len(daemon.records(**REDIS_DOWN)), 2, "lines redis=down")
    ask(stage.socket)
    daemon.write_conf(redis={"password": "wrong"})
    daemon.reload()
    matches("WRONGPASS", daemon.wait_record(REDIS_DOWN, 10, count=3)["reason"], "the reason now")
    daemon.write_conf(redis={"password": "secret"})
    daemon.reload()
    daemon.wait_record(REDIS_UP, 10)
    wait_for("the counts of both messages", lambda: sum(
        int(stage.redis.hash(key).get("in_messages") or 0) for key in stage.redis.keys("gp:stat:*")) == 2)
    equal(daemon.records(event="redis"), [], "nothing is missing")


def test_reload_redis_moved(stage):
    """a session that began before a reload keeps its Redis, whose end is no news then"""
    daemon = stage.gatepostd()
    with Peer(stage.socket) as old:
        old.open()
        daemon.write_conf(redis={"server": "tcp:127.0.0.1:%d" % stage.redis.port})
        daemon.reload()
        daemon.wait_record(RELOADED)
        stage.redis.kill()
        daemon.wait_record(REDIS_DOWN, 10)
        time.sleep(1)
        equal(old.transaction(SENDER, [RCPT])[0][0].kind, "continue", "the old session, by on_error")
        old.quit()
        equal(len(daemon.records(**REDIS_DOWN)), 1, "lines redis=down")
        stage.redis.start()
        daemon.wait_record(REDIS_UP, 10)
        time.sleep(1.5)
        equal(len(daemon.records(**REDIS_UP)), 1, "lines redis=up")


def certificate(stage, name):
    """A key, and a certificate for 127.0.0.1 that vouches for itself, by these names."""
    paths = stage.world.path(name + ".crt"), stage.world.path(name + ".key")
    subprocess.run([program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0] + ".new",
                    "-keyout", paths[1]], check=True, capture_output=True, timeout=60)
    os.rename(paths[0] + ".new", paths[0])
    return paths


def test_reload_tls(stage):
    """a certificate that was renewed under its old name is read by a reload"""
    port = free_port()
    cert, key = certificate(stage, "redis-tls")
    server = [program("redis-server"), "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", "",
              "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no"]
    redis = stage.world.start("redis-tls", server)
    wait_for("redis listens", lambda: listens(port))
    daemon = stage.gatepostd({"redis": {"server": "tcp:127.0.0.1:%d" % port, "tls": "yes", "tls_ca": cert}}, start=False)
    if "has no TLS" in run("-t", "-c", daemon.conf)[2]:
        return  # hiredis without TLS
    daemon.start()
    equal(wait_s(ask(stage.socket)), 3, "it serves")
    redis.stop()
    certificate(stage, "redis-tls")
    redis = stage.world.start("redis-tls", server)
    wait_for("redis listens", lambda: listens(port))
    matches("self-signed|certificate", daemon.wait_record(REDIS_DOWN, 10)["reason"], "the old one vouches no more")
    time.sleep(1.5)
    equal(daemon.records(**REDIS_UP), [], "lines redis=up")
    daemon.reload()
    daemon.wait_record(REDIS_UP, 10)
    equal(wait_s(ask(stage.socket, rcpt="renewed@example.org")), 3, "it serves again")
    before = len(daemon.records(**RELOADED))
    daemon.reload()
    daemon.wait_record(RELOADED, count=before + 1)
    equal(len(daemon.records(**REDIS_UP)), 1, "a reload without a change")
    daemon.stop()
    redis.stop()


def test_reload_storm(stage):
    """fifty reloads under load lose no session and keep no memory"""
    daemon = stage.gatepostd()
    stop = threading.Event()
    trouble = []

    def sessions(number):
        count = 0
        while not stop.is_set():
            try:
                check(ask(stage.socket, rcpt="u%d.%d@example.org" % (number, count)).kind in ("reply", "continue"),
                      "an answer")
            except Exception as e:  # reported below, in the test's own thread
                trouble.append(e)
                return
            count += 1

    threads = [threading.Thread(target=sessions, args=(n,), daemon=True) for n in range(4)]
    for thread in threads:
        thread.start()
    for n in range(50):
        daemon.write_conf(greylist={"block": "%ds" % (3 + n % 2)})
        daemon.reload()
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join(30)
    equal(trouble, [], "sessions that failed")
    daemon.wait_record(RELOADED)
    equal(daemon.records(**RELOAD_REFUSED), [], "refused reloads")


def test_sigterm_finishes(stage):
    """SIGTERM lets an open session finish its message, and takes no new one"""
    daemon = stage.gatepostd({"greylist": {"mode": "all", "learning": "yes"}})
    peer = Peer(stage.socket)
    peer.open()
    peer.macros("M", i="4OPEN")
    peer.mail(SENDER)
    daemon.process.signal(signal.SIGTERM)
    daemon.wait_record(STOPPING)
    wait_for("the socket is gone", lambda: not os.path.exists(stage.socket), 5)
    check(daemon.running(), "it waits for the session")
    equal(peer.rcpt(RCPT).kind, "continue", "RCPT after SIGTERM")
    check(peer.content().kind in ("accept", "continue"), "the end of the message")
    peer.quit()
    daemon.clean(daemon.process.wait(10))
    equal(len(daemon.messages(id="4OPEN", action=ACCEPT)), 1, "the message's line")


def test_sigterm_limit(stage):
    """SIGTERM waits for an idle session no longer than stop_timeout"""
    daemon = stage.gatepostd({"milter": {"stop_timeout": "2s"}})
    with Peer(stage.socket) as peer:
        peer.open()
        begin = time.monotonic()
        daemon.process.signal(signal.SIGTERM)
        daemon.clean(daemon.process.wait(10))
        took = time.monotonic() - begin
    check(1.5 <= took <= 5, "it waits for about stop_timeout = 2s", took)


def test_restart_overlap(stage):
    """an old instance that is still stopping does not take the new one's socket away"""
    old = stage.gatepostd({"greylist": {"learning": "yes"}})
    peer = Peer(stage.socket)
    peer.open()
    peer.macros("M", i="4OLD")
    peer.mail(SENDER)
    old.process.signal(signal.SIGTERM)
    old.wait_record(STOPPING)
    new = stage.gatepostd()
    check(old.running(), "the old one still has a session")
    inode = os.stat(stage.socket).st_ino
    check(wait_s(ask(stage.socket, rcpt="new@example.org")), "the new one serves at once")
    equal(peer.rcpt(RCPT).kind, "continue", "the old one still answers")
    check(peer.content().kind in ("accept", "continue"), "and finishes the message")
    peer.quit()
    old.clean(old.process.wait(15))
    time.sleep(0.5)
    equal(os.stat(stage.socket).st_ino, inode, "the socket is still the new one's")
    check(wait_s(ask(stage.socket, rcpt="later@example.org")), "the new one still serves")
    new.alive()


def refused(port):
    """Whether nobody accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return False
    except ConnectionRefusedError:
        return True


def test_inet_sigterm_finishes(stage):
    """inet: SIGTERM refuses connections at once, and lets an open session finish its message"""
    port = free_port()
    daemon = stage.gatepostd({"greylist": {"learning": "yes"}}, listen="inet:%d@127.0.0.1" % port)
    peer = Peer(port)
    peer.open()
    peer.macros("M", i="4INET")
    peer.mail(SENDER)
    daemon.process.signal(signal.SIGTERM)
    daemon.wait_record(STOPPING)
    wait_for("connections are refused", lambda: refused(port), 2)
    check(daemon.running(), "it waits for the session")
    equal(peer.rcpt(RCPT).kind, "continue", "RCPT after SIGTERM")
    check(peer.content().kind in ("accept", "continue"), "the end of the message")
    peer.quit()
    daemon.clean(daemon.process.wait(10))
    equal(len(daemon.messages(id="4INET", action=ACCEPT)), 1, "the message's line")


def test_inet_restart_overlap(stage):
    """inet: a successor takes the port while the old instance still finishes a session"""
    port = free_port()
    listen = "inet:%d@127.0.0.1" % port
    old = stage.gatepostd({"greylist": {"learning": "yes"}}, listen=listen)
    peer = Peer(port)
    peer.open()
    peer.macros("M", i="4OLDI")
    peer.mail(SENDER)
    old.process.signal(signal.SIGTERM)
    old.wait_record(STOPPING)
    wait_for("connections are refused", lambda: refused(port), 2)
    new = stage.gatepostd(listen=listen)
    check(old.running(), "the old one still has a session")
    equal(wait_s(ask(port, rcpt="new@example.org")), 3, "the new one serves at once")
    equal(peer.rcpt(RCPT).kind, "continue", "the old one still answers")
    check(peer.content().kind in ("accept", "continue"), "and finishes the message")
    peer.quit()
    old.clean(old.process.wait(15))
    equal(len(old.messages(id="4OLDI", action=ACCEPT)), 1, "the message's line")
    equal(wait_s(ask(port, rcpt="later@example.org")), 3, "the new one still serves")
    new.alive()


def test_notify(stage):
    """systemd is told READY, RELOADING with a time, READY again, STOPPING"""
    path = stage.world.path("notify.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        os.chmod(path, 0o777)
        notify.settimeout(10)
        daemon = stage.gatepostd(start=False)
        daemon.start(env={"NOTIFY_SOCKET": path})
        told = []

        def until(word):
            while not told or word not in told[-1]:
                told.append(notify.recv(4096).decode())

        until("READY=1")
        check(listens(stage.socket), "READY means that it listens")
        daemon.reload()
        until("RELOADING=1")
        matches(r"MONOTONIC_USEC=\d+", told[-1], "RELOADING comes with the time")
        until("READY=1")
        stage.world.write(os.path.basename(daemon.conf), "nonsense")
        daemon.reload()
        until("RELOADING=1")
        until("READY=1")
        daemon.process.signal(signal.SIGTERM)
        until("STOPPING=1")
        daemon.clean(daemon.process.wait(10))


def test_detach(stage):
    """without -f it returns when it is ready, and serves in the background"""
    daemon = stage.gatepostd({"log": {"target": "syslog"}}, start=False)
    status, _, err = run("-c", daemon.conf)
    equal((status, err), (0, ""), "status and messages")
    _, _, err = run("-f", "-c", daemon.conf)
    pid = int(matches(ALREADY_SERVING, err, "the pid of the background process").group(1))
    try:
        check(wait_s(ask(stage.socket)), "it serves as soon as the command has returned")
        equal(os.getsid(pid), pid, "it leads a session of its own")
        equal(os.readlink("/proc/%d/cwd" % pid), "/", "its folder")
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_for("it ends", lambda: not os.path.exists("/proc/%d" % pid) or _zombie(pid), 15)
    check(not os.path.exists(stage.socket), "and takes its socket with it")
    status, _, err = run("-c", conf(stage, "milter { listen = \"unix:/nonexistent/x.sock\" }\n"))
    check(status != 0 and "/nonexistent" in err, "a failed start says so and fails", status, err)


def _zombie(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as f:
        return f.read().rsplit(")", 1)[1].split()[0] == "Z"


def test_log_line(stage):
    """each message has one line, with the queue id, and nothing else is said about it"""
    daemon = stage.gatepostd({"greylist": {"learning": "yes"}})
    with stage.postfix.client() as c:
        for n in range(5):
            check(c.send(SENDER, ["r%d@example.org" % n, "s%d@example.org" % n]).delivered, "message %d" % n)
    wait_for("five lines", lambda: len(daemon.messages()) >= 5)
    ids = [m.get("id") for m in daemon.messages()]
    equal(len(daemon.messages()), 5, "lines about messages")
    equal(len(set(ids)), 5, "queue ids are all different")
    for queue_id in ids:
        check(re.fullmatch(r"[0-9A-Za-z]{6,}", queue_id or ""), "a queue id", ids)
        check(queue_id in stage.postfix.log(), "it is Postfix's", queue_id)


def test_log_hostile(stage):
    """hostile bytes in addresses, names and macros cannot forge or break log lines"""
    daemon = stage.gatepostd()
    evil = b"a\n2026-01-01T00:00:00Z error redis=down reason=\"x\" \x1b[31m\x00\xff\xc3\xa4\\\" action=accept"
    with Peer(stage.socket) as peer:
        peer.macros("C", j=evil, daemon_name=evil)
        peer.connect(name=evil.replace(b"\0", b""))
        peer.helo(evil)
        peer.macros("M", i=b"4X\nid=5Y", auth_authen=b"")
        peer.mail(evil.replace(b"\0", b"") + b"@sender.example")
        peer.rcpt(evil.replace(b"\0", b"") + b"@example.org")
        peer.abort()
        peer.quit()
    line = daemon.wait_message()
    time.sleep(0.2)
    equal(len(daemon.messages()), 1, "lines about messages")
    equal(daemon.records(**REDIS_DOWN), [], "no line is forged")
    text = [t for t in daemon.log().split("\n") if "action=" in t][0]
    check(re.fullmatch(r"[\x20-\x7e]+", text), "the line is printable ASCII", repr(text))
    check("\\x" in line.get("from", ""), "odd bytes are escaped", line)


def test_log_level(stage):
    """level = warning: no lines about messages; a reload changes it"""
    daemon = stage.gatepostd({"log": {"level": "warning"}})
    ask(stage.socket)
    daemon.write_conf(log={"level": "info"})
    daemon.reload()
    daemon.wait_record(RELOADED)
    equal(daemon.messages(), [], "lines at level warning")
    ask(stage.socket)
    daemon.wait_message()


def test_log_journal(stage):
    """under journald the lines carry their level as <N>, and no time"""
    daemon = stage.gatepostd(start=False)
    daemon.start(env={"JOURNAL_STREAM": "8:1"})
    ask(stage.socket)
    daemon.wait_message()
    for line in daemon.log().rstrip("\n").split("\n"):
        matches(r"^<[3-7]>\w+=", line, "a line for journald")


def test_log_syslog(stage):
    """target = syslog: facility, level, program name and pid; nothing on stderr"""
    # /dev of a mount namespace, with a /dev/log of ours
    dev = stage.world.path("dev")
    os.makedirs(dev)
    subprocess.run(["cp", "-a", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", dev], check=True, timeout=10)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(os.path.join(dev, "log"))
        log.settimeout(10)
        daemon = stage.gatepostd({"log": {"target": "syslog", "facility": "local3"}}, start=False)
        enter = ["unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /dev && exec \"$@\"", dev]
        daemon.process = stage.world.start(daemon.name, [*enter, *Gatepostd.argv("-f", "-c", daemon.conf)], append=True)
        wait_for("it listens", daemon.ready, 20)
        ask(stage.socket)
        lines = []
        while not lines or "action=" not in lines[-1]:
            lines.append(log.recv(8192).decode())
        matches(r"^<%d>.*gatepostd\[%d\]: .*\baction=defer\b" % (19 * 8 + 6, daemon.pid), lines[-1], "the line")
        equal(daemon.log(), "", "standard error")


def test_secret_warning(stage):
    """a password in a file that everybody may read is worth a warning; it is never logged"""
    stage.redis("CONFIG", "SET", "requirepass", "tops3cret")
    stage.redis.password = "tops3cret"
    try:
        daemon = stage.gatepostd({"redis": {"password": "tops3cret"}})
        check(wait_s(ask(stage.socket)), "it serves with the password")
        check("password" in daemon.wait_record({"event": "config"})["reason"], "the warning")
        check("tops3cret" not in daemon.log(), "the password is not in the log")
    finally:
        stage.redis("CONFIG", "SET", "requirepass", "")
        stage.redis.password = None


def test_redis_absent(stage):
    """without a Redis it starts, says so once, and mail follows on_error = accept"""
    daemon = stage.gatepostd({"redis": {"server": "unix:/nonexistent/redis.sock"}})
    begin = time.monotonic()
    for n in range(20):
        equal(ask(stage.socket, rcpt="u%d@example.org" % n).kind, "continue", "RCPT without Redis")
    check(time.monotonic() - begin < 10, "nobody waits long", time.monotonic() - begin)
    equal(len(daemon.records(**REDIS_DOWN)), 1, "lines redis=down")
