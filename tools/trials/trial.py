#!/usr/bin/env python3
"""Faults from outside, against the built binary. Each prints one JSON line and ends with 0 when it held.

  trial.py BIN kill9 ROUNDS           SIGKILL while notes are written; nothing acknowledged may be lost or doubled
  trial.py BIN kill9pg ROUNDS         the same on a PostgreSQL of its own, which is killed too in every second round
  trial.py BIN powerloss N LIMITS     N power losses rebuilt by LIMITS/powerloss.py from what strace recorded
  trial.py BIN enospc                 every write fails with ENOSPC for some seconds (F07)
  trial.py BIN full                   a small disk runs full and gets room again (F08); needs to mount a tmpfs
  trial.py BIN moments SECONDS        every second is kept while notes are written; 20 moments are brought back (F41)
  trial.py BIN readonly               a folder that cannot be written (F11); needs to mount a tmpfs

Nothing but Python's own library. Work is in a folder of its own under $TMPDIR; it goes away."""
import glob, http.client, json, os, random, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time

PASSWORD = "afterword-demo"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, binary, data, wrap=(), more=()):
        self.binary, self.data, self.port, self.wrap, self.more = binary, data, free_port(), list(wrap), list(more)
        self.up, self.process, self.token = [], None, None

    def start(self):
        began = time.perf_counter()
        command = [self.binary, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.more]
        self.process = subprocess.Popen(self.wrap + command, stdout=subprocess.DEVNULL, stderr=open(self.data + ".log", "a"))
        while True:
            try:
                self.ask("GET", "/healthz")
                self.up.append(time.perf_counter() - began)
                return self
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - began > 60:
                    how = "no answer in 60 s" if self.process.poll() is None else f"it ended with {self.process.returncode}"
                    sys.exit(f"it did not come up, {how}: " + open(self.data + ".log").read()[-800:])
                time.sleep(0.005)

    def ask(self, method, path, body=None, headers=None, timeout=10):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = dict(headers or {})
            if self.token:
                headers["authorization"] = "Bearer " + self.token
            if body is not None:
                body, headers["content-type"] = json.dumps(body), "application/json"
            c.request(method, path, body, headers)
            r = c.getresponse()
            return r.status, r.read().decode("utf-8", "replace"), dict(r.getheaders())
        except http.client.HTTPException as e:
            raise OSError(str(e))
        finally:
            c.close()

    def sign_in(self):
        status, text, _ = self.ask("POST", "/api/v1/sessions", {"email": "made-ada-1@example.org", "password": PASSWORD}, timeout=30)
        if status == 201:
            self.token = json.loads(text)["token"]
        return status

    def incident(self):
        """One that this person may write to."""
        for n in range(1, 20):
            if self.ask("POST", f"/api/v1/incidents/INC-{n}/notes", {"text": "a first note"})[0] == 201:
                return n
        sys.exit("no incident takes a note")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()


class Writer(threading.Thread):
    """Writes notes with numbers of its own, and again with the same key when it does not know what came of one."""

    def __init__(self, server, incident, first, acked, resend):
        super().__init__(daemon=True)
        self.server, self.incident, self.n, self.acked, self.resend = server, incident, first, acked, resend
        self.go, self.statuses, self.unsure = True, {}, []

    def run(self):
        while self.go:
            n, first = (self.unsure.pop(), False) if self.unsure and self.resend else (self.n, True)
            self.n += first
            try:
                key = {"idempotency-key": f"trial-{n}"}
                body = {"text": f"trial note {n}"}
                status, _, _ = self.server.ask("POST", f"/api/v1/incidents/INC-{self.incident}/notes", body, key, timeout=5)
            except OSError:
                self.unsure.append(n)
                time.sleep(0.01)
                continue
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 201:
                with self.acked[1]:
                    self.acked[0].append((n, status, int(time.time() * 1e6)))
            else:
                time.sleep(0.02)


def write(server, incident, threads=8, resend=False, start=1_000_000):
    acked = ([], threading.Lock())
    writers = [Writer(server, incident, start + 10_000_000 * i, acked, resend) for i in range(threads)]
    for w in writers:
        w.start()
    return writers, acked[0]


def end(writers):
    for w in writers:
        w.go = False
    for w in writers:
        w.join()


def tally(writers):
    statuses = {}
    for w in writers:
        for s, c in w.statuses.items():
            statuses[s] = statuses.get(s, 0) + c
    return statuses


def stored(binary, data):
    out = subprocess.run([binary, "sql", "--json", "--data", data, "select body from evidence where body like 'trial note %'"], capture_output=True, text=True)
    if out.returncode:
        sys.exit("sql: " + out.stderr)
    return [int(x) for x in re.findall(r"trial note (\d+)", out.stdout)]


def check(binary, data, more=()):
    r = subprocess.run([binary, "check", "--data", data, *more], capture_output=True, text=True)
    if r.returncode:
        print(r.stdout[-2000:] + r.stderr[-500:], file=sys.stderr)
    return r.returncode


def made(binary, data, more=()):
    subprocess.run([binary, "demo-data", "--incidents", "20", "--events", "200", "--data", data, *more], check=True, capture_output=True)


class Postgres:
    """A cluster of its own with everything that makes a commit durable left on. Its programs refuse to run as root."""

    def __init__(self, work):
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))[-1]
        self.dir, self.port, self.up = os.path.join(work, "pg"), free_port(), []
        self.lend = []
        if os.getuid() == 0:
            self.lend = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
            os.chmod(work, 0o711)
            os.mkdir(self.dir)
            shutil.chown(self.dir, "postgres", "postgres")
        subprocess.run([*self.lend, self.bin + "/initdb", "-D", self.dir, "-A", "trust", "-U", "postgres"], check=True, capture_output=True)
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self):
        """Also after it was killed: it goes through its log first."""
        command = [self.bin + "/postgres", "-D", self.dir, "-p", str(self.port), "-k", "", "-h", "127.0.0.1"]
        began = time.perf_counter()
        while True:
            process = subprocess.Popen(self.lend + command, stdout=subprocess.DEVNULL, stderr=open(self.dir + ".log", "a"), start_new_session=True)
            while process.poll() is None:
                if subprocess.run([self.bin + "/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
                    self.process = process
                    self.up.append(time.perf_counter() - began)
                    return self
                time.sleep(0.02)
            # Children of the one that was killed may be about to end.
            if time.perf_counter() - began > 60:
                sys.exit("PostgreSQL did not come up: " + open(self.dir + ".log").read()[-400:])
            time.sleep(0.1)

    def kill(self):
        """All of it at once, as if its machine were gone."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def notes(self):
        sql = "select body from evidence where body like 'trial note %'"
        out = subprocess.run([self.bin + "/psql", "-X", "-A", "-t", "-c", sql, self.url], check=True, capture_output=True, text=True)
        return [int(x) for x in re.findall(r"trial note (\d+)", out.stdout)]


def kill9(binary, work, rounds, postgres=None):
    data, rng = os.path.join(work, "data"), random.Random(1)
    more = ("--database-url", postgres.start().url) if postgres else ()
    made(binary, data, more)
    server = Server(binary, data, more=more).start()
    server.sign_in()
    incident = server.incident()
    server.stop()
    server.start()
    resend = os.environ.get("TRIAL_RESEND", "1") == "1"
    writers, acked = write(server, incident, resend=resend)
    for turn in range(rounds):
        # In the middle of work, however slow the machine is: after some acknowledgements.
        until, began = len(acked) + rng.randint(1, 25), time.perf_counter()
        while len(acked) < until and time.perf_counter() - began < 5:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.02))
        if postgres and turn % 2:
            # The server lives on and finds its way back by itself.
            postgres.kill()
            postgres.start()
        else:
            server.stop(signal.SIGKILL)
            server.start()
    time.sleep(0.5)
    end(writers)
    server.stop()
    have, want = postgres.notes() if postgres else stored(binary, data), {n for n, _, _ in acked}
    said = {"name": "kill9pg" if postgres else "kill9", "rounds": rounds, "acked": len(want), "lost": len(want - set(have)), "doubled": len(have) - len(set(have)),
            "kept_unacked": len(set(have) - want), "statuses": tally(writers), "worst_start_ms": round(max(server.up) * 1e3), "check": check(binary, data, more)}
    if postgres:
        postgres.kill()
        said["worst_postgres_start_ms"] = round(max(postgres.up) * 1e3)
    print(json.dumps(said))
    return bool(said["lost"] or (resend and said["doubled"]) or said["check"])


def powerloss(binary, work, n, limits):
    data, trace = os.path.join(work, "data"), os.path.join(work, "trace")
    tool = os.path.join(limits, "powerloss.py")
    # The folder is made under the trace, so that every byte in it is known.
    wrap = ["python3", tool, "record", trace, data, "--"]
    subprocess.run(wrap + [binary, "demo-data", "--incidents", "20", "--events", "200", "--data", data], check=True, capture_output=True)
    os.rename(trace, trace + ".1")
    # strace numbers descriptors anew in the second run, and so does the tool: one file after the other.
    server = Server(binary, data, ["python3", tool, "record", trace + ".2", data, "--"]).start()
    server.sign_in()
    incident = server.incident()
    writers, acked = write(server, incident, threads=4)
    time.sleep(float(os.environ.get("TRIAL_SECONDS", "6")))
    end(writers)
    # strace passes no signal on: end the server itself.
    pid = int(re.search(r"process (\d+)", open(os.path.join(data, "afterword.lock")).read()).group(1))
    os.kill(pid, signal.SIGTERM)
    server.process.wait()
    with open(trace, "w") as out:
        for part in (trace + ".1", trace + ".2"):
            if os.path.exists(part):
                out.write(open(part).read())
    return judge(binary, work, data, trace, acked, n, tool)


def judge(binary, work, data, trace, acked, n, tool):
    ledger, one = os.path.join(work, "acked"), os.path.join(work, "try.sh")
    with open(ledger, "w") as f:
        f.writelines(f"{i} {s} {t}\n" for i, s, t in acked)
    with open(one, "w") as f:
        f.write(f"""#!/bin/sh
{binary} check --data "$1" >"{work}/check.log" 2>&1 || {{ cat "{work}/check.log" >&2; cp -r "$1" "{work}/broken.$$"; exit 1; }}
exec {binary} sql --json --data "$1" "select body from evidence where body like 'trial note %'"
""")
    os.chmod(one, 0o755)
    r = subprocess.run(["python3", tool, "check", trace, data, ledger, str(n), one], capture_output=True, text=True)
    print(r.stdout.strip() or r.stderr[-800:])
    return r.returncode


def mounted(work, size):
    disk = os.path.join(work, "disk")
    os.makedirs(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=True)
    return disk


def said_of(server):
    pages = {path: server.ask("GET", path)[0] for path in ("/healthz", "/readyz", "/api/v1/me")}
    return {"pages": pages, "ready": server.ask("GET", "/readyz")[1].strip()[:200]}


def full(binary, work):
    disk = mounted(work, "64m")
    try:
        data, ballast = os.path.join(disk, "data"), os.path.join(disk, "ballast")
        made(binary, data)
        server = Server(binary, data)
        server.start()
        server.sign_in()
        incident = server.incident()
        writers, acked = write(server, incident, threads=4)
        time.sleep(2)
        with open(ballast, "wb") as f:
            try:
                while True:
                    f.write(b"x" * 65536)
                    f.flush()
                    left = os.statvfs(disk)
                    if left.f_bavail * left.f_frsize < 12 << 20:
                        break
            except OSError:
                pass
        time.sleep(2)
        status, text, headers = server.ask("POST", f"/api/v1/incidents/INC-{incident}/notes", {"text": "while full"})
        during = dict(said_of(server), write=status, retry_after=headers.get("retry-after"), sign_in=server.sign_in())
        os.remove(ballast)
        freed, again = time.perf_counter(), None
        while time.perf_counter() - freed < 10:
            if server.ask("POST", f"/api/v1/incidents/INC-{incident}/notes", {"text": "again"})[0] == 201:
                again = time.perf_counter() - freed
                break
            time.sleep(0.05)
        end(writers)
        server.stop()
        have, want = stored(binary, data), {n for n, _, _ in acked}
        said = {"name": "full", "during": during, "accepts_again_s": again, "acked": len(want), "lost": len(want - set(have)),
                "doubled": len(have) - len(set(have)), "statuses": tally(writers), "check": check(binary, data)}
        print(json.dumps(said))
        ok = during["write"] in (503, 507) and during["retry_after"] and during["sign_in"] == 201 and again is not None and again <= 5
        return not (ok and not said["lost"] and not said["doubled"] and said["check"] == 0)
    finally:
        subprocess.run(["umount", "-l", disk])


def enospc(binary, work):
    data = os.path.join(work, "data")
    made(binary, data)
    server = Server(binary, data).start()
    server.sign_in()
    incident = server.incident()
    writers, acked = write(server, incident, threads=4)
    time.sleep(3)
    # From now on, in every thread: `when=600+` counts each by itself, and one that is made anew begins at 0.
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC", "-p", str(server.process.pid)]
    fault = subprocess.Popen(inject, stderr=subprocess.DEVNULL)
    time.sleep(2)
    before = tally(writers)
    time.sleep(6)
    status, _, headers = server.ask("POST", f"/api/v1/incidents/INC-{incident}/notes", {"text": "while full"})
    said = dict(said_of(server), name="enospc", write=status, retry_after=headers.get("retry-after"))
    during = {s: n - before.get(s, 0) for s, n in tally(writers).items()}
    fault.send_signal(signal.SIGINT)
    fault.wait()
    freed, again = time.perf_counter(), None
    while time.perf_counter() - freed < 10 and again is None:
        if server.ask("POST", f"/api/v1/incidents/INC-{incident}/notes", {"text": "again"})[0] == 201:
            again = time.perf_counter() - freed
        time.sleep(0.05)
    end(writers)
    alive = server.process.poll() is None
    server.stop()
    have, want = stored(binary, data), {n for n, _, _ in acked}
    said.update(alive=alive, during=during, accepts_again_s=again, statuses=tally(writers), acked=len(want), lost=len(want - set(have)), doubled=len(have) - len(set(have)), check=check(binary, data))
    print(json.dumps(said))
    reads = all(code == 200 for code in said["pages"].values())
    ok = alive and reads and status in (503, 507) and said["retry_after"] and not during.get(201) and again is not None and again <= 5
    return not (ok and not said["lost"] and not said["doubled"] and said["check"] == 0)


def moments(binary, work, seconds):
    """A note every tenth of a second with a history kept, SIGKILL, then back to moments drawn by chance (F41)."""
    data, kept, rng = os.path.join(work, "data"), os.path.join(work, "kept"), random.Random(1)
    os.mkdir(kept)
    made(binary, data)
    plain = dict(os.environ)
    os.environ["AFTERWORD_HISTORY_FOLDER"] = kept
    server = Server(binary, data).start()
    server.sign_in()
    incident, told, until = server.incident(), [], time.time() + seconds
    post = lambda text: server.ask("POST", f"/api/v1/incidents/INC-{incident}/notes", {"text": text})[0]
    while time.time() < until:
        began = time.time()
        told.append((len(told) + 1, began, post(f"trial note {len(told) + 1}"), time.time()))
        if len(told) in (40, 80):
            # Plenty, so that the log is folded.
            for _ in range(300):
                post("filler " + "x" * 5000)
        time.sleep(0.1)
    server.stop(signal.SIGKILL)
    os.environ.clear()
    os.environ.update(plain)
    said = {"name": "moments", "notes": len(told), "logs": len(glob.glob(kept + "/*/log-*")), "restores": 20, "failed": 0, "later": 0, "missing": 0, "worst_restore_s": 0}
    for turn in range(20):
        at, to = rng.uniform(told[0][3] + 2, told[-1][3] + 1), os.path.join(work, f"to-{turn}")
        began = time.perf_counter()
        r = subprocess.run([binary, "restore", kept, "--at", time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1e6):06d}Z", "--to", to, "--check"], capture_output=True, text=True)
        said["worst_restore_s"] = max(said["worst_restore_s"], round(time.perf_counter() - began, 2))
        if r.returncode:
            said["failed"] += 1
            print(r.stdout[-500:] + r.stderr[-500:], file=sys.stderr)
            continue
        have = set(stored(binary, to))
        said["later"] += len({n for n, began, _, _ in told if began > at} & have)
        said["missing"] += len({n for n, _, status, ended in told if status == 201 and ended < at - 1} - have)
        shutil.rmtree(to)
    print(json.dumps(said))
    return bool(said["failed"] or said["later"] or said["missing"])


def readonly(binary, work):
    disk = mounted(work, "64m")
    try:
        data = os.path.join(disk, "data")
        made(binary, data)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        said, ok = {"name": "readonly"}, True
        for what, folder in (("read_only", data), ("cannot_be_made", os.path.join(disk, "new")), ("is_a_file", "/etc/hostname")):
            began = time.perf_counter()
            r = subprocess.run([binary, "serve", "--data", folder, "--listen", f"127.0.0.1:{free_port()}"], capture_output=True, text=True, timeout=20)
            took = time.perf_counter() - began
            said[what] = {"code": r.returncode, "ms": round(took * 1e3), "lines": r.stderr.strip().count("\n") + 1, "says": r.stderr.strip()[:300]}
            ok &= r.returncode != 0 and took <= 1 and said[what]["lines"] == 1
        print(json.dumps(said))
        return not ok
    finally:
        subprocess.run(["umount", "-l", disk])


if __name__ == "__main__":
    a = sys.argv[1:]
    if len(a) < 2 or a[1] not in ("kill9", "kill9pg", "powerloss", "enospc", "full", "moments", "readonly"):
        sys.exit(__doc__)
    binary, work = os.path.abspath(a[0]), tempfile.mkdtemp(prefix="trial-")
    try:
        if a[1] == "kill9":
            code = kill9(binary, work, int(a[2]))
        elif a[1] == "kill9pg":
            code = kill9(binary, work, int(a[2]), Postgres(work))
        elif a[1] == "moments":
            code = moments(binary, work, int(a[2]))
        elif a[1] == "powerloss":
            code = powerloss(binary, work, int(a[2]), a[3])
        else:
            code = {"enospc": enospc, "full": full, "readonly": readonly}[a[1]](binary, work)
    finally:
        if not os.environ.get("TRIAL_KEEP"):
            shutil.rmtree(work, ignore_errors=True)
        else:
            print(work, file=sys.stderr)
    sys.exit(bool(code))
