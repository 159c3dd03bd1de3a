#!/usr/bin/env python3
"""Megabytes of English a second, one thread, 1 kB documents, to /dev/null.

    tokenizing.py [--rounds 9] [--json FILE]

    ids     wp-tokenize -f ids          HF tokenizers, encode_batch_fast
    jsonl   wp-tokenize -f jsonl        HF tokenizers, encode_batch (offsets,
            (offsets in code points)    words, tokens; not made JSON)

wp-tokenize is a whole process with its start-up, reading the file and writing
the result. The peers are loaded beforehand, get the documents as strings of
their own language in batches of their best size, and write nothing. Interleaved
in one run, medians over the rounds; ids are compared once.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import measure

ENV = {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false",
       "OMP_NUM_THREADS": "1"}
BATCHES = (16, 128, 1000, 1 << 30)


def in_batches(call, size):
    """call() over the documents in slices; results are dropped at once."""
    def go(docs):
        t = time.perf_counter()
        for begin in range(0, len(docs), size):
            call(docs[begin:begin + size])
        return time.perf_counter() - t
    return go


def hugging_face():
    from tokenizers import Tokenizer
    t = Tokenizer.from_file(os.path.join(measure.MODEL, "tokenizer.json"))
    t.no_truncation()
    t.no_padding()
    return t


def nanotoken():
    """A WordPiece tokenizer that claims HF's ids at GB/s; None: not here."""
    if measure.version("nanotoken") is None:
        print("left out: nanotoken (not installed)")
        return None
    from nanotoken import Tokenizer
    t = Tokenizer(os.path.join(measure.MODEL, "tokenizer.json"))

    def encode(docs):
        t.clear_cache()  # it remembers words from round to round
        return t.encode_batch(docs, parallel=False)
    return encode


def ours(form, path):
    argv = [os.path.join(measure.BIN, "wp-tokenize"), "-m", measure.MODEL,
            "-j", "1", "-i", "text", "-f", form]
    return lambda docs: measure.run(argv, path)


def compare_ids(tokenizer, path, docs):
    out = subprocess.run(
        [os.path.join(measure.BIN, "wp-tokenize"), "-m", measure.MODEL,
         "-i", "text", "-f", "ids", path], stdout=subprocess.PIPE, check=True,
        text=True).stdout.split("\n")[:-1]
    want = [" ".join(map(str, e.ids)) for e in tokenizer.encode_batch(docs)]
    wrong = sum(a != b for a, b in zip(out, want)) + abs(len(out) - len(want))
    if wrong:
        sys.exit(f"tokenizing.py: {wrong} documents have other ids")
    return sum(line.count(" ") + 1 for line in want)


def best_batch(call, docs):
    """The batch size that is quickest on the first 2,000 documents."""
    took = {n: min(in_batches(call, n)(docs[:2000]) for _ in range(2))
            for n in BATCHES}
    return min(took, key=took.get)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--wait", type=float, default=10)
    parser.add_argument("--json")
    args = parser.parse_args()
    if any(os.environ.get(n) != v for n, v in ENV.items()):
        os.environ.update(ENV)  # read when the libraries are loaded
        os.execv(sys.executable, [sys.executable] + sys.argv)
    path = measure.texts("documents")
    docs, size = measure.lines(path), os.path.getsize(path)
    measure.heading("tokenizing, one thread, all-MiniLM-L6-v2's vocabulary",
                    ["tokenizers", "nanotoken"])
    print("# " + measure.tool_version("wp-tokenize"))
    hf, nano = hugging_face(), nanotoken()
    tokens = compare_ids(hf, path, docs)
    print(f"# {len(docs)} documents, {size / 1e6:.1f} MB, {tokens} tokens; "
          "ids equal")
    racers = {"ids": {"wp-tokenize": ours("ids", path)},
              "jsonl": {"wp-tokenize": ours("jsonl", path)}}
    calls = [("ids", "encode_batch_fast", hf.encode_batch_fast),
             ("jsonl", "encode_batch", hf.encode_batch)]
    if nano is not None:
        calls.append(("ids", "nanotoken", nano))
    for form, name, call in calls:
        batch = best_batch(call, docs)
        shown = f"{name} ({min(batch, len(docs))} a call)"
        racers[form][shown] = in_batches(call, batch)
    took = {}
    for k in range(args.rounds):
        for form, entries in racers.items():
            names = list(entries)
            for name in names[k % len(names):] + names[:k % len(names)]:
                measure.wait_for_quiet(args.wait)
                took.setdefault((form, name), []).append(entries[name](docs))
        print(f"round {k + 1} of {args.rounds}", file=sys.stderr, flush=True)
    print(f"{'':8}{'':38}{'MB/s':>8}{'spread':>8}{'docs/s':>10}{'ours is':>9}")
    for (form, name), seconds in took.items():
        mine = took[form, "wp-tokenize"]
        ratio = measure.median(s / m for s, m in zip(seconds, mine))
        s = measure.median(seconds)
        print(f"{form:8}{name:38}{size / s / 1e6:8.1f}"
              f"{measure.spread(seconds):8.0%}{len(docs) / s:10.0f}"
              f"{ratio:8.1f}x")
    if args.json:
        with open(args.json, "w") as f:
            json.dump([{"form": a, "name": b, "seconds": v}
                       for (a, b), v in took.items()], f, indent=1)


if __name__ == "__main__":
    main()
