#!/usr/bin/env python3
"""web.py - requests per second: gatepost-web beside nginx's empty_gif and a bare evhttp answer.

The servers take turns under the same client (wrk, keep-alive connections, paths in turn out of a
list of tokens that are all different), on the same cores, which the client and Redis share. Machines
are busy with other things: what counts is the ratio of two servers of the same round. gatepost-web
checks each token and records each hit, and the run says what became of them: what the queue had no room
for was dropped, and is counted. verdict_delay is short, so that recording falls into the time that is
measured.

    tests/bench/web.py [--rounds N] [--seconds S] [--bin DIR] [--json FILE] [PART ...]

Parts: pixel, click, off (pixels of an account that records nothing: what recording costs).
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))

import webtoken
from world import Cannot, World, free_port, listens, program, wait_for

TOKENS = 20000
THREADS = 2
CONNECTIONS = 64
TARGET = "https://shop.example/articles/%d?source=newsletter&campaign=autumn"

WRK = """
local paths = {}
for line in io.lines("%s") do
	paths[#paths + 1] = wrk.format("GET", line, {["User-Agent"] =
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.3",
		["Host"] = "t.shop.example"})
end
local i = math.random(#paths)
function request()
	i = i %% #paths + 1
	return paths[i]
end
"""

NGINX = """
daemon off;
worker_processes %d;
pid %s/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
	access_log off;
	client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s; uwsgi_temp_path %s; scgi_temp_path %s;
	keepalive_requests 100000000;
	server { listen 127.0.0.1:%d reuseport; location / { empty_gif; } }
}
"""


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("parts", nargs="*", default=["pixel", "click", "off"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--bin", type=os.path.abspath, default=os.path.join(ROOT, "build"))
    parser.add_argument("--json")
    return parser.parse_args()


class Bench:
    def __init__(self, args):
        self.args = args
        self.world = World()
        self.ports = {name: free_port() for name in ("nginx", "evhttp", "gatepost-web", "status")}
        self.nginx()
        self.evhttp()
        self.gatepost()
        for name in ("nginx", "evhttp", "gatepost-web"):
            wait_for(name + " listens", lambda n=name: listens(self.ports[n]))

    def nginx(self):
        d = self.world.directory
        conf = self.world.write("nginx.conf", NGINX % ((THREADS, d) + (d,) * 5 + (self.ports["nginx"],)))
        self.world.start("nginx", [program("nginx"), "-c", conf, "-p", d, "-e", "stderr"])

    def evhttp(self):
        bare = program("bare_evhttp", os.path.join(self.args.bin, "tests", "bench"), self.args.bin)
        self.world.start("evhttp", [bare, str(self.ports["evhttp"]), str(THREADS)])

    def gatepost(self):
        self.redis = self.world.path("redis.sock")
        self.world.start("redis", [program("redis-server"), "--port", "0", "--unixsocket", self.redis, "--save", "",
                                   "--appendonly", "no", "--dir", self.world.directory, "--loglevel", "warning"])
        wait_for("redis listens", lambda: listens(self.redis))
        ring = self.world.path("keyring")
        self.keyring = webtoken.Keyring(ring)
        conf = self.world.write("milter.conf", """
redis { server = "unix:%s" queue = 64M }
outbound { keyring = "%s" events_keep = 100000 }
account shop {
	match = { login:shop }
	track_domain = t.shop.example
}
account quiet {
	match = { login:quiet }
	track_domain = t.shop.example
	privacy = off
}
web {
	listen = { "127.0.0.1:%d" }
	status = "127.0.0.1:%d"
	threads = %d
	verdict_delay = 300ms
}
""".replace("redis { server = \"unix:%s\" queue = 64M }", "redis {\n\tserver = \"unix:%s\"\n\tqueue = 64M\n}").replace(
            "outbound { keyring = \"%s\" events_keep = 100000 }",
            "outbound {\n\tkeyring = \"%s\"\n\tevents_keep = 100000\n}") % (
                self.redis, ring, self.ports["gatepost-web"], self.ports["status"], THREADS))
        self.web = self.world.start("gatepost-web", [program("gatepost-web", self.args.bin), "-f", "-c", conf])

    def paths(self, part):
        sent = time.time() - 3600
        lines = []
        for i in range(TOKENS):
            message = webtoken.message_id(i + 1, sent)
            if part == "click":
                lines.append(self.keyring.click("shop", message, TARGET % i))
            else:
                lines.append(self.keyring.open("quiet" if part == "off" else "shop", message))
        return self.world.write("paths-" + part, "\n".join(lines) + "\n")

    def load(self, server, script):
        """Requests per second, as wrk says."""
        done = subprocess.run([program("wrk"), "-t1", "-c%d" % CONNECTIONS, "-d%ds" % self.args.seconds, "-s", script,
                               "http://127.0.0.1:%d" % self.ports[server]], capture_output=True, text=True, check=True)
        if "Non-2xx" in done.stdout and server == "gatepost-web" and "3xx" not in done.stdout:
            raise Cannot("wrong answers:\n" + done.stdout)
        if "Socket errors" in done.stdout:
            raise Cannot("errors:\n" + done.stdout)
        return float(re.search(r"Requests/sec:\s*([\d.]+)", done.stdout).group(1))

    def metrics(self):
        text = urllib.request.urlopen("http://127.0.0.1:%d/metrics" % self.ports["status"], timeout=5).read().decode()
        return {name: float(value) for name, value in re.findall(r"^(gatepost_\S+) (\S+)$", text, re.M)}

    def recorded(self, before, after):
        """What became of the hits of a round."""
        total = lambda m: sum(v for k, v in m.items() if k.startswith("gatepost_web_hits_total"))
        dropped = after["gatepost_web_events_dropped_total"] - before["gatepost_web_events_dropped_total"]
        hits = total(after) - total(before)
        return {"hits": hits, "dropped": dropped}


def settle(bench):
    """All that is held is recorded, and all that waits is written."""
    wait_for("the queue is empty", lambda: bench.metrics()["gatepost_web_hits_held"] == 0 and
             bench.metrics()["gatepost_web_queue_bytes"] == 0, 60, 0.1)


def run_part(bench, part):
    script = bench.world.write("wrk-%s.lua" % part, WRK % bench.paths(part))
    rates = {"nginx": [], "evhttp": [], "gatepost-web": []}
    fates = []
    for _ in range(bench.args.rounds):
        for server in rates:
            before = bench.metrics()
            rates[server].append(bench.load(server, script))
            if server == "gatepost-web":
                settle(bench)
                fates.append(bench.recorded(before, bench.metrics()))
    ratio = lambda other: statistics.median(g / o for g, o in zip(rates["gatepost-web"], rates[other]))
    return {"part": part, "rates": rates, "of_nginx": ratio("nginx"), "of_evhttp": ratio("evhttp"), "fates": fates}


def main():
    args = options()
    bench = Bench(args)
    results = []
    print("%-6s %12s %12s %14s %9s %10s %10s" % ("part", "nginx/s", "evhttp/s", "gatepost-web/s", "of nginx", "of evhttp",
                                                   "dropped"))
    try:
        for part in args.parts:
            r = run_part(bench, part)
            results.append(r)
            median = {name: statistics.median(v) for name, v in r["rates"].items()}
            hits = sum(f["hits"] for f in r["fates"])
            print("%-6s %12.0f %12.0f %14.0f %9.2f %10.2f %9.1f%%" % (
                part, median["nginx"], median["evhttp"], median["gatepost-web"], r["of_nginx"], r["of_evhttp"],
                100 * sum(f["dropped"] for f in r["fates"]) / hits if hits else 0), flush=True)
    finally:
        bench.world.close()
    if args.json:
        with open(args.json, "w", encoding="ascii") as f:
            json.dump(results, f, indent=1)


if __name__ == "__main__":
    main()
