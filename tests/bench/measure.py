"""What the bench's scripts share: folders, waiting for quiet, running a
command with its time and memory, statistics, and what the machine is."""
import importlib.metadata
import os
import platform
import resource
import statistics
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BENCH = os.environ.get("BERTUTILS_BENCH", os.path.join(ROOT, ".bench"))
BIN = os.environ.get("BERTUTILS_BIN", os.path.join(ROOT, "bin"))
GEMM_LIMIT = os.environ.get(
    "BERTUTILS_GEMM_LIMIT", os.path.join(ROOT, "build", "bench", "gemm_limit"))
MODEL = os.path.join(BENCH, "models", "minilm")
PEERS = MODEL + "-peers"
TICKS = os.sysconf("SC_CLK_TCK")

median = statistics.median


def spread(values):
    """(largest - smallest) / median."""
    return (max(values) - min(values)) / median(values)


def texts(name):
    return os.path.join(BENCH, "texts", name + ".txt")


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as f:
        return f.read().split("\n")[:-1]


# ---- quiet -----------------------------------------------------------------

def busy_seconds():
    """CPU seconds that the whole machine has used."""
    with open("/proc/stat") as f:
        v = [int(x) for x in f.readline().split()[1:9]]
    return (v[0] + v[1] + v[2] + v[5] + v[6] + v[7]) / TICKS


def own_seconds(who=resource.RUSAGE_SELF):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def wait_for_quiet(seconds):
    """Until others use little, or `seconds` have passed; then the CPUs that
    others used at the last look."""
    end = time.monotonic() + seconds
    while True:
        busy, own, t = busy_seconds(), own_seconds(), time.monotonic()
        time.sleep(0.25)
        others = (busy_seconds() - busy - own_seconds() + own) \
            / (time.monotonic() - t)
        if others < 0.12 or time.monotonic() > end:
            return max(0.0, others)


# ---- commands --------------------------------------------------------------

class Failed(Exception):
    pass


def run(argv, stdin=os.devnull, stdout=os.devnull, env=None):
    """Seconds of one whole process, from start to end."""
    with open(stdin, "rb") as i, open(stdout, "wb") as o:
        t = time.perf_counter()
        p = subprocess.Popen(argv, stdin=i, stdout=o, env=env,
                             stderr=subprocess.PIPE)
        message = p.stderr.read()
        status = p.wait()
        t = time.perf_counter() - t
    p.stderr.close()
    if status:
        raise Failed(f"{argv[0]}: exit status {status}: "
                     + message[-300:].decode("utf-8", "replace").strip())
    return t


def peak_memory(argv, stdin=os.devnull, stdout=os.devnull):
    """Kilobytes that polling /proc saw at most: of all pages (VmHWM, pages of
    mapped files included) and of the process's own (RssAnon). getrusage()
    would not do: a child inherits the peak of the parent that forked it."""
    peak = {"VmHWM": 0, "RssAnon": 0}
    with open(stdin, "rb") as i, open(stdout, "wb") as o:
        p = subprocess.Popen(argv, stdin=i, stdout=o,
                             stderr=subprocess.DEVNULL)
        path = f"/proc/{p.pid}/status"
        while p.poll() is None:
            with open(path) as f:
                status = f.read()
            for name in peak:
                at = status.find(name + ":")
                if at >= 0:
                    value = status[at:].split(None, 2)[1]
                    peak[name] = max(peak[name], int(value))
            time.sleep(1e-4)  # at real-time priority p may wait for us
        if p.wait():
            raise Failed(f"{argv[0]}: exit status {p.returncode}")
    return peak["VmHWM"], peak["RssAnon"]


# ---- the machine -----------------------------------------------------------

def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def tool_version(tool):
    done = subprocess.run([os.path.join(BIN, tool), "--version"],
                          capture_output=True, text=True)
    return " ".join(done.stdout.split("\n", 1)[0].split())


def commit():
    done = subprocess.run(["git", "-C", ROOT, "describe", "--always",
                           "--dirty"], capture_output=True, text=True)
    return done.stdout.strip() or "no git"


def machine():
    """One line: processor, its vector instructions, cores, system."""
    model, flags = platform.machine(), ""
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
            elif line.startswith("flags"):
                flags = line
    names = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16")
    have = [n for n in names if f" {n} " in flags + " "]
    return (f"{model} ({' '.join(have)}), {len(os.sched_getaffinity(0))} "
            f"cores, Linux {platform.release()}")


def heading(title, packages):
    found = [f"{p} {version(p)}" for p in packages if version(p)]
    print(f"# {title}")
    print(f"# {time.strftime('%Y-%m-%d')}, {machine()}")
    print(f"# bertutils {commit()}; Python {platform.python_version()}, "
          + ", ".join(found))
