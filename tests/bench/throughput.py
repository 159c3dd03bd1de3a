#!/usr/bin/env python3
"""Texts a second of bert-embed and of its f32 peers, interleaved in one run.

    throughput.py [--threads 1,2] [--rounds 9] [--sets sentences,paragraphs,mix]
                  [--engines LIST] [--json FILE]

Every round runs the GEMM limit, bert-embed and each peer once on each set, in
an order that turns; the figure is the median over the rounds. A peer is a
process that is loaded already and gets its best batch size, tried beforehand.
bert-embed is a new process each time: its start-up, taken from a run on one
line, is taken off. Its vectors are compared with the peer's: a run that is
wrong counts for nothing. `share` is the FLOP/s of the texts' own tokens
(products and attention, no padding) over the GEMM limit of the same round.
"""
import argparse
import json
import os
import subprocess
import sys

import measure
import peers

TOKENS = 512
BATCHES = (4, 8, 16, 32, 64)


class Peer:
    """One engine in its own process."""

    def __init__(self, name, threads, log):
        n = str(threads)
        env = dict(os.environ, OMP_NUM_THREADS=n, MKL_NUM_THREADS=n,
                   RAYON_NUM_THREADS=n, HF_HUB_OFFLINE="1",
                   TOKENIZERS_PARALLELISM="true" if threads > 1 else "false",
                   TRANSFORMERS_VERBOSITY="error")
        self.name, self.batch = name, {}
        self.process = subprocess.Popen(
            [sys.executable, peers.__file__, name, n, str(TOKENS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            text=True, env=env)
        if self.process.stdout.readline() != "ready\n":
            raise measure.Failed(f"{name} did not start")

    def ask(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        reply = self.process.stdout.readline()
        if not reply:
            raise measure.Failed(f"{self.name} died")
        return json.loads(reply)

    def tune(self, name, path, tries=2):
        """Try each batch size on a quarter of the texts; keep the best."""
        best = {}
        for _ in range(tries):
            for b in BATCHES:
                s = self.ask(texts=path, batch=b, step=4)["seconds"]
                best[b] = min(best.get(b, s), s)
        self.batch[name] = min(best, key=best.get)

    def seconds(self, name, path, count):
        return self.ask(texts=path, batch=self.batch[name])["seconds"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Ours:
    """bert-embed, a whole process a run."""

    def __init__(self, threads, reference, folder):
        self.name, self.folder, self.reference = "bert-embed", folder, reference
        self.batch = {}
        self.argv = [os.path.join(measure.BIN, "bert-embed"), "-m",
                     measure.MODEL, "-j", str(threads), "-i", "text",
                     "-f", "f32", "--max-length", str(TOKENS)]
        self.one = os.path.join(folder, "one.txt")
        self.worst = {}

    def check(self, name, out, count):
        import numpy
        want = self.reference[name]
        got = numpy.fromfile(out, "<f4")
        if got.size != count * want.shape[1]:
            raise measure.Failed(f"{got.size} numbers for {count} texts")
        got = got.reshape(count, -1)[:len(want)]
        worst = float(numpy.abs(got - want).max())
        self.worst[name] = max(worst, self.worst.get(name, 0.0))
        if not worst <= 1e-5:
            raise measure.Failed(f"{name}: {worst} from the reference")

    def seconds(self, name, path, count):
        with open(path) as f, open(self.one, "w") as o:
            o.write(f.readline())
        out = os.path.join(self.folder, "vectors")
        start = measure.run(self.argv, self.one)
        whole = measure.run(self.argv, path, out)
        self.check(name, out, count)
        if whole < 1.5 * start:
            raise measure.Failed(f"{name}: {whole:.3f} s, of which start-up "
                                 f"{start:.3f}: too few texts to tell")
        return (whole - start) * count / (count - 1)

    def close(self):
        pass


def gemm_limit(config, threads):
    """GFLOP/s over the model's linear shapes at 512 rows, by their work."""
    h, f = config["hidden_size"], config["intermediate_size"]
    env = dict(os.environ, OMP_NUM_THREADS=str(threads))
    out = subprocess.run([measure.GEMM_LIMIT, "512", "0.1", f"{h}x{h}",
                          f"{f}x{h}", f"{h}x{f}"], env=env, text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    rate = [float(line.split()[2]) for line in out.splitlines()]
    work = [4 * h * h, h * f, h * f]
    return sum(work) / sum(w / r for w, r in zip(work, rate))


def flop(config, lengths):
    """Of the encoder: products 2 n (4 h^2 + 2 h f), attention 4 n^2 h."""
    h, f = config["hidden_size"], config["intermediate_size"]
    return config["num_hidden_layers"] * sum(
        2.0 * n * (4 * h * h + 2 * h * f) + 4.0 * n * n * h for n in lengths)


def load_sets(names, config):
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(
        os.path.join(measure.MODEL, "tokenizer.json"))
    tokenizer.enable_truncation(TOKENS)
    tokenizer.no_padding()
    sets = {}
    for name in names:
        path = measure.texts(name)
        lengths = [len(e.ids) for e in
                   tokenizer.encode_batch(measure.lines(path))]
        sets[name] = {"path": path, "count": len(lengths),
                      "tokens": sum(lengths), "flop": flop(config, lengths)}
    return sets


def start(args, threads, sets, folder):
    """The racers, tuned, and what is missing said."""
    racers = []
    for name in args.engines.split(","):
        if measure.version(peers.ENGINES[name][1]) is None:
            print(f"left out: {name} (not installed)")
            continue
        log = open(os.path.join(folder, name + ".log"), "w")
        try:
            racers.append(Peer(name, threads, log))
        except measure.Failed as e:
            print(f"left out: {e}; see {log.name}")
    if not racers:
        sys.exit("throughput.py: no peer; see tests/bench/setup.sh")
    import numpy
    reference = {}
    for name, s in sets.items():
        reply = racers[-1].ask(texts=s["path"], batch=1, take=8, vectors=8)
        reference[name] = numpy.array(reply["vectors"], numpy.float32)
        for r in racers:
            r.tune(name, s["path"])
    return racers + [Ours(threads, reference, folder)]


def race(args, threads, config, sets, racers):
    limits, rates = [], {}
    for k in range(args.rounds):
        measure.wait_for_quiet(args.wait)
        limits.append(gemm_limit(config, threads))
        for name, s in sets.items():
            turn = (k * 2) % len(racers)
            for r in racers[turn:] + racers[:turn]:
                others = measure.wait_for_quiet(args.wait)
                seconds = r.seconds(name, s["path"], s["count"])
                rates.setdefault((name, r.name), []).append({
                    "rate": s["count"] / seconds, "others": others,
                    "share": s["flop"] / seconds / 1e9 / limits[-1]})
        print(f"round {k + 1} of {args.rounds}", file=sys.stderr, flush=True)
    return limits, rates


def report(threads, sets, racers, limits, rates, single):
    """single: the one-thread rates of a run before. Two processes of one
    thread each are what a user of a peer has too, so on more threads a peer
    counts for no less than so many times its one-thread rate."""
    print(f"\n{threads} thread(s): GEMM limit {measure.median(limits):.0f} "
          f"GFLOP/s, spread {measure.spread(limits):.0%}, "
          f"{len(limits)} rounds")
    print(f"{'set':11}{'engine':23}{'batch':>6}{'texts/s':>9}{'spread':>8}"
          f"{'tokens/s':>10}{'share':>7}{'others':>8}{'ours is':>9}")
    for name, s in sets.items():
        of = {r.name: [x["rate"] for x in rates[name, r.name]] for r in racers}
        ours = of["bert-embed"]
        for r in sorted(racers, key=lambda r: -measure.median(of[r.name])):
            rate = measure.median(of[r.name])
            share = measure.median(x["share"] for x in rates[name, r.name])
            others = measure.median(x["others"] for x in rates[name, r.name])
            # the ratio round by round: a slow moment hits both
            ratio = measure.median(o / p for o, p in zip(ours, of[r.name]))
            alone = threads * single.get((name, r.name), 0)
            note = ""
            if threads > 1 and alone > rate and r is not racers[-1]:
                note = f"  ({measure.median(ours) / alone:.2f}x of {threads} "\
                       f"processes, {alone:.1f})"
            single.setdefault((name, r.name), rate / threads)
            print(f"{name:11}{r.name:23}{r.batch.get(name, ''):>6}"
                  f"{rate:9.1f}{measure.spread(of[r.name]):8.0%}"
                  f"{rate * s['tokens'] / s['count']:10.0f}{share:7.1%}"
                  f"{others:8.2f}{ratio:8.2f}x{note}")
    worst = max(racers[-1].worst.values())
    print(f"bert-embed is within {worst:.1e} of {racers[-2].name}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--sets", default="sentences,paragraphs,mix")
    parser.add_argument("--engines", default=",".join(peers.ENGINES))
    parser.add_argument("--wait", type=float, default=10,
                        help="seconds to wait for a quiet machine")
    parser.add_argument("--json", help="every run, for later")
    args = parser.parse_args()
    folder = os.path.join(measure.BENCH, "logs")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(measure.MODEL, "config.json")) as f:
        config = json.load(f)
    measure.heading("throughput, all-MiniLM-L6-v2, float32",
                    ["ctranslate2", "openvino", "onnxruntime", "torch",
                     "sentence-transformers", "tokenizers"])
    print("# " + measure.tool_version("bert-embed"))
    sets = load_sets(args.sets.split(","), config)
    runs, single = {}, {}
    for threads in map(int, args.threads.split(",")):
        racers = start(args, threads, sets, folder)
        limits, rates = race(args, threads, config, sets, racers)
        report(threads, sets, racers, limits, rates, single)
        for r in racers:
            r.close()
        runs[threads] = {"limits": limits, "rates": [
            {"set": s, "engine": e, "runs": v}
            for (s, e), v in rates.items()]}
    if args.json:
        with open(args.json, "w") as f:
            json.dump(runs, f, indent=1)


if __name__ == "__main__":
    main()
