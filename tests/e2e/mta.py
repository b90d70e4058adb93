"""Private instances of real Postfix and real Sendmail, on loopback, in the world's directory."""

import glob
import grp
import os
import pwd
import shutil
import subprocess

from smtp import Client
from world import BUILD, Cannot, Failure, check, free_port, listens, program, wait_for

_POSTFIX_MAIN = """
compatibility_level = 3.6
multi_instance_name = postfix-gatepost-{unique}
queue_directory = {dir}/spool
data_directory = {dir}/data
maillog_file = {dir}/mail.log
maillog_file_prefixes = {dir}
myhostname = mx.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = all
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
relayhost = [127.0.0.1]:{sink_port}
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
relay_domains = static:every
smtpd_recipient_restrictions =
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_sasl_auth_enable = no
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 100000
smtpd_hard_error_limit = 100000
smtpd_junk_command_limit = 100000
smtpd_recipient_limit = 20000
smtpd_recipient_overshoot_limit = 20000
smtpd_timeout = 120
smtpd_authorized_verp_clients = 127.0.0.0/8
message_size_limit = 120000000
strict_rfc821_envelopes = no
smtputf8_enable = yes
default_database_type = hash
alias_maps =
alias_database =
local_recipient_maps =
smtpd_milters = {milter}
non_smtpd_milters = {milter}
milter_default_action = {default_action}
milter_connect_timeout = 10s
milter_command_timeout = 60s
{extra}
"""

_NO_MACROS = " ".join(
    "-o milter_%s_macros=" % step
    for step in ("connect", "helo", "mail", "rcpt", "data", "end_of_header", "end_of_data", "unknown_command")
)

_POSTFIX_MASTER = """
{port}        inet  n - n - - smtpd
{submission}  inet  n - n - - smtpd -o milter_macro_daemon_name=ORIGINATING
{bare}        inet  n - n - - smtpd {no_macros}
{over_inet}   inet  n - n - - smtpd -o smtpd_milters=inet:127.0.0.1:{milter_port}
pickup     unix  n - n 1 1 pickup
cleanup    unix  n - n - 0 cleanup
qmgr       unix  n - n 300 1 qmgr
rewrite    unix  - - n - - trivial-rewrite
bounce     unix  - - n - 0 bounce
defer      unix  - - n - 0 bounce
trace      unix  - - n - 0 bounce
verify     unix  - - n - 1 verify
flush      unix  n - n 1000? 0 flush
proxymap   unix  - - n - - proxymap
smtp       unix  - - n - - smtp
relay      unix  - - n - - smtp
error      unix  - - n - - error
retry      unix  - - n - - error
discard    unix  - - n - - discard
showq      unix  n - n - - showq
anvil      unix  - - n - 1 anvil
scache     unix  - - n - 1 scache
postlog    unix-dgram n - n - 1 postlogd
"""


def _postfix_main(extra):
    """The template without what extra has. Of a setting that stands twice each program of Postfix warns, postlogd to
    itself, for which it waits for ever when its socket is full; in a network of one's own ten lines fill it."""
    names = {setting.split("=")[0].strip() for setting in extra}
    return "\n".join(line for line in _POSTFIX_MAIN.split("\n") if line.split("=")[0].strip() not in names)


class Postfix:
    """A Postfix that hands everything to the sink, after asking the milter.

    port: as a mail exchanger; submission: the same, under the daemon name ORIGINATING;
    bare: sends the milter no macros unless it asks for them; over_inet: talks to a milter at the
    port milter_port instead.
    """

    def __init__(self, world, sink, milter, default_action="tempfail", extra=()):
        self.world = world
        self.directory = world.path("postfix")
        self.config = os.path.join(self.directory, "etc")
        self.port, self.submission, self.bare, self.over_inet = (free_port() for _ in range(4))
        self.milter_port = free_port()
        for name in ("etc", "spool"):
            os.makedirs(os.path.join(self.directory, name))
        data = os.path.join(self.directory, "data")
        os.makedirs(data, 0o700)
        os.chown(data, pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
        self._write("main.cf", _postfix_main(extra).format(
            unique=os.path.basename(world.directory), dir=self.directory, sink_port=sink.port,
            milter=milter, default_action=default_action, extra="\n".join(extra)))
        self._write("master.cf", _POSTFIX_MASTER.format(
            port="127.0.0.1:%d" % self.port, submission="127.0.0.1:%d" % self.submission,
            bare="127.0.0.1:%d" % self.bare, no_macros=_NO_MACROS,
            over_inet="127.0.0.1:%d" % self.over_inet, milter_port=self.milter_port))
        self._run("postfix", "-c", self.config, "check")
        # master in the foreground, as `postfix start` would run it, so that its pid is ours.
        master = program("master", "/usr/lib/postfix/sbin", "/usr/libexec/postfix")
        self.process = world.start("postfix", [master, "-c", self.config, "-d"], new_session=True)
        wait_for("postfix listens", lambda: self._alive() and listens(self.port), 20)

    def _write(self, name, text):
        path = os.path.join(self.config, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, 0o644)

    def _alive(self):
        check(self.process.running(), "postfix did not start", self.process.tail(), self.log()[-2000:])
        return True

    def log(self):
        path = os.path.join(self.directory, "mail.log")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="surrogateescape") as f:
            return f.read()

    def tail(self, lines=12):
        return "\n".join("  postfix| " + line for line in self.log().split("\n")[-lines:])

    def client(self, address="203.0.113.7", name="mx.example", **options):
        port = options.pop("port", self.port)
        return Client(port, address=address, name=name, **options)

    def _run(self, name, *arguments, text=""):
        argv = [program(name, "/usr/sbin"), *arguments]
        done = subprocess.run(argv, input=text.encode(), capture_output=True, timeout=60, check=False)
        check(done.returncode == 0, "%s failed" % name, done.stderr.decode(), self.log()[-2000:])
        return done.stdout.decode()

    def sendmail(self, sender, rcpt, text):
        """Hands a message to sendmail(1), as cron and scripts do."""
        self._run("sendmail", "-C", self.config, "-f", sender, rcpt, text=text)

    def queue(self):
        """The messages that wait in the queue, as postqueue -j says."""
        return self._run("postqueue", "-c", self.config, "-j").splitlines()

    def drain(self, seconds=10):
        """Waits until everything accepted so far has gone to the sink; gives up silently."""
        try:
            wait_for("the queue is empty", lambda: not self.queue(), seconds)
        except Failure:
            pass


_SENDMAIL_MC = """
divert(0)dnl
VERSIONID(`gatepost test')
OSTYPE(`linux')
define(`_USE_ETC_MAIL_')dnl
define(`confDOMAIN_NAME', `mx.example.org')dnl
define(`confPID_FILE', `{dir}/sendmail.pid')dnl
define(`QUEUE_DIR', `{dir}/queue')dnl
define(`STATUS_FILE', `{dir}/statistics')dnl
define(`HELP_FILE', `{dir}/helpfile')dnl
define(`ALIAS_FILE', `{dir}/aliases')dnl
define(`confCW_FILE', `{dir}/local-host-names')dnl
define(`confCT_FILE', `{dir}/trusted-users')dnl
define(`confTO_IDENT', `0s')dnl
define(`confTO_ICONNECT', `5s')dnl
define(`confMAX_RCPTS_PER_MESSAGE', `20000')dnl
define(`confBAD_RCPT_THROTTLE', `0')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`confBIND_OPTS', `')dnl
define(`confSERVICE_SWITCH_FILE', `{dir}/service.switch')dnl
define(`confHOSTS_FILE', `{dir}/hosts')dnl
define(`confLOG_LEVEL', `14')dnl
define(`confMILTER_LOG_LEVEL', `14')dnl
define(`confDELIVERY_MODE', `interactive')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {sink_port}')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h {sink_port}')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port={port}, Family=inet')dnl
{more}
MAILER(`local')dnl
MAILER(`smtp')dnl
"""

_SENDMAIL_MORE = """
FEATURE(`promiscuous_relay')dnl
INPUT_MAIL_FILTER(`gatepost', `S={milter}, F=T, T=C:10s;S:10s;R:60s;E:60s')dnl
"""

_SENDMAIL_PACKAGES = ("sendmail-bin", "sendmail-base", "sendmail-cf")


def unpack_sendmail():
    """Unpacks Debian's Sendmail beside the installed MTA (the packages conflict), once."""
    cache = os.path.join(BUILD, "sendmail")
    if os.path.exists(os.path.join(cache, "complete")):
        return cache
    shutil.rmtree(cache, ignore_errors=True)
    os.makedirs(cache)
    apt = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3"]
    got = subprocess.run([*apt, "download", *_SENDMAIL_PACKAGES], cwd=cache, capture_output=True, timeout=300,
                         check=False)
    if got.returncode != 0:
        raise Cannot("apt-get download %s: %s" % (" ".join(_SENDMAIL_PACKAGES), got.stderr.decode().strip()))
    for package in glob.glob(os.path.join(cache, "*.deb")):
        subprocess.run(["dpkg", "-x", package, cache], check=True, timeout=60)
    with open(os.path.join(cache, "complete"), "w", encoding="ascii"):
        pass
    return cache


class Sendmail:
    """A Sendmail that hands everything to the sink.

    Sendmail has no XCLIENT, so it lives in a network of its own, where the clients' addresses are
    real; sink must have been made `with network`. more: lines of sendmail.mc instead of those that
    relay for everybody and name the milter.
    """

    def __init__(self, world, network, sink, milter, more=None, port=None):
        self.world = world
        self.network = network
        self.directory = world.path("sendmail")
        self.cache = unpack_sendmail()
        with network:
            self.port = port or free_port()
        os.makedirs(os.path.join(self.directory, "queue"), 0o700, exist_ok=True)
        for name, text in (("aliases", ""), ("local-host-names", ""), ("trusted-users", "root\n"),
                           ("service.switch", "hosts files\naliases files\n"), ("helpfile", ""),
                           ("hosts", "127.0.0.1 mx.example.org mx localhost\n")):
            world.write("sendmail/" + name, text)
        self._configure(sink, more or _SENDMAIL_MORE.format(milter=milter))
        binary = os.path.join(self.cache, "usr/libexec/sendmail/sendmail")
        if not os.path.exists(binary):
            raise Cannot("no sendmail in the unpacked package: %s" % binary)
        self.process = network.start("sendmail", [
            binary, "-bD", "-q1s", "-C", os.path.join(self.directory, "sendmail.cf"),
            "-X", world.path("sendmail-traffic.log")])
        wait_for("sendmail listens", lambda: self._alive() and network.listens(self.port), 40)

    def _configure(self, sink, more):
        cf = os.path.join(self.cache, "usr/share/sendmail/cf")
        mc = self.world.write("sendmail/sendmail.mc", _SENDMAIL_MC.format(
            dir=self.directory, port=self.port, sink_port=sink.port, more=more))
        done = subprocess.run([program("m4"), "-D_CF_DIR_=%s/" % cf, os.path.join(cf, "m4/cf.m4"), mc],
                              capture_output=True, timeout=60, check=False)
        check(done.returncode == 0, "m4 could not make sendmail.cf", done.stderr.decode())
        self.world.write("sendmail/sendmail.cf", done.stdout.decode())

    def _alive(self):
        check(self.process.running(), "sendmail did not start", self.process.tail())
        return True

    def client(self, address="203.0.113.7", **options):
        """A client at one of the network's addresses."""
        with self.network:
            return Client(self.port, source=address, **options)

    def tail(self):
        """The last words of the SMTP traffic."""
        with open(self.world.path("sendmail-traffic.log"), encoding="utf-8", errors="replace") as f:
            return "".join("  sendmail| " + line for line in f.readlines()[-40:])
