"""Who is measured: each a server on core SERVER with a cable of its own to this namespace, where the clients run on core CLIENT.
All are up at once, so that they can be measured in turns; an idle one sleeps in poll(2). All of it goes before what else the machine does
(Preferred), as far as that is allowed."""
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

BENCH = Path(os.environ.get("BENCH", "build/release/bench"))
CORES = os.cpu_count() or 1
CLIENT, SERVER = 0, 1 if CORES > 1 else 0
FILE_SIZE = 512  # bytes of the answer, as in service.h
WORK = Path("build/bench")


def run(*command, **options):
    return subprocess.run([str(it) for it in command], check=True, capture_output=True, text=True, **options).stdout


def pinned(core, *command):
    return ["taskset", "-c", str(core), *map(str, command)]


class Preferred:
    """The bench before other programs, for a `with`: by nice, which its children inherit, and where the kernel first shares a core among
    sessions (sched(7), autogroups) by that of the session. Without the right to it, it is measured beside them."""
    AUTOGROUP = Path("/proc/self/autogroup")

    def __enter__(self):
        self.nice, self.session = os.getpriority(os.PRIO_PROCESS, 0), None
        try:
            os.setpriority(os.PRIO_PROCESS, 0, -20)
            self.session = self.AUTOGROUP.read_text(encoding="ascii").split()[-1]
            self.AUTOGROUP.write_text("-20", encoding="ascii")
        except (OSError, IndexError):
            pass
        return self

    def __exit__(self, *_):
        try:
            os.setpriority(os.PRIO_PROCESS, 0, self.nice)
            if self.session is not None:
                self.AUTOGROUP.write_text(self.session, encoding="ascii")
        except OSError:
            pass


class Peer:
    """A server process and its address."""

    def __init__(self, name, number, *command, cores=SERVER):
        self.name = name
        self.address, self.host = f"10.{number}.0.2", f"10.{number}.0.1"
        self.interface = f"bench{number}"
        self.log = open(WORK / f"{name}.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(pinned(cores, *(str(it).format(tap=self.interface, address=self.address, host=self.host)
                                                         for it in command)), stdout=self.log, stderr=self.log)

    def schedule(self, which):
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(it.read_text(encoding="ascii").split()[which]) for it in threads)

    def cpu(self):
        """Nanoseconds that the process has run."""
        return self.schedule(0)

    def waited(self):
        """Nanoseconds that it could have run, and its core was another's."""
        return self.schedule(1)

    def resident(self):
        """Bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")

    def await_answer(self):
        for _ in range(100):
            if self.process.poll() is not None:
                self.log.seek(0)
                raise RuntimeError(f"{self.name} has ended: {self.log.read().strip()}")
            if subprocess.run(["ping", "-q", "-c", "1", "-W", "1", self.address], capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not answer")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def tap_peer(name, number, *command, queue=1000):
    """One that does not bring its interface up itself."""
    peer = Peer(name, number, *command)
    for _ in range(100):
        if peer.interface in (name for _, name in socket.if_nameindex()) or peer.process.poll() is not None:
            break
        time.sleep(0.02)
    run("ip", "address", "add", f"{peer.host}/16", "dev", peer.interface)
    run("ip", "link", "set", peer.interface, "up", "txqueuelen", queue)
    return peer


class Veth:
    """A second namespace at the other end of a veth pair, for servers on the kernel's TCP."""

    def __init__(self, number):
        self.number = number
        self.keeper = subprocess.Popen(["unshare", "--net", "sleep", "3600"])
        own = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{self.keeper.pid}/ns/net") == own:
            time.sleep(0.01)
        self.enter = ["nsenter", "--preserve-credentials", "-t", str(self.keeper.pid), "-n"]
        near, far = f"bench{number}", f"far{number}"
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", self.keeper.pid)
        run("ip", "address", "add", f"10.{number}.0.1/16", "dev", near)
        run("ip", "link", "set", near, "up")
        run(*self.enter, "ip", "address", "add", f"10.{number}.0.2/16", "dev", far)
        run(*self.enter, "ip", "link", "set", far, "up")

    def end(self):
        self.keeper.kill()
        self.keeper.wait()


NGINX = """daemon off; user root; master_process off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/nginx.error;
events {{ worker_connections 16000; multi_accept on; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=10;
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3; uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
  server {{ listen 80 backlog=4096; root {work}/www; }} }}
"""


def start_nginx(veth):
    """It serves from a file what the others serve from memory."""
    work = WORK.resolve()
    (WORK / "www").mkdir(exist_ok=True)
    (WORK / "www/file").write_text("x" * FILE_SIZE, encoding="ascii")
    (WORK / "nginx.conf").write_text(NGINX.format(work=work), encoding="utf-8")
    return Peer("nginx", veth.number, *veth.enter, shutil.which("nginx"), "-e", f"{work}/nginx.error", "-c", f"{work}/nginx.conf")


class Peers(dict):
    """All of them by name, for a `with`; those whose packages are missing are not among them."""

    def __enter__(self):
        WORK.mkdir(parents=True, exist_ok=True)
        self.veths = []
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def add(self, peer):
        self[peer.name] = peer

    def start(self):
        rill = [BENCH / "server", "--tap", "{tap}", "--address", "{address}/16", "--host-address", "{host}/16"]
        self.add(Peer("rill", 1, *rill))
        self.add(tap_peer("null", 2, BENCH / "null", "{tap}", "{address}", queue=30000))  # as rill has it
        self.veths.append(Veth(3))
        self.add(Peer("kernel", 3, *self.veths[0].enter, BENCH / "kernel"))
        if shutil.which("nginx"):
            self.veths.append(Veth(7))
            self.add(start_nginx(self.veths[1]))
        self.add(Peer("rill-plain", 4, *rill, "--no-offload"))
        self.add(tap_peer("null-plain", 5, BENCH / "null", "{tap}", "{address}", "plain"))
        if (BENCH / "lwip").exists():
            self.add(tap_peer("lwip", 6, BENCH / "lwip", "{tap}", "{address}"))
        self.add(Peer("rill-crowd", 8, *rill))
        if CORES > 1:
            self.add(Peer("rill-2-cores", 9, *rill, "--cores", "2", cores=f"{CLIENT},{SERVER}"))
        for peer in self.values():
            peer.await_answer()

    def __exit__(self, *_):
        for peer in self.values():
            peer.end()
        for veth in self.veths:
            veth.end()
