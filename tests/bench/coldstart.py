#!/usr/bin/env python3
"""From the shell's command to one sentence's vector, and what it costs.

    coldstart.py [--rounds 15] [--peer-rounds 5] [--json FILE]

Whole processes, files in the page cache, in an order that turns; medians.
bert-embed runs with its default threads. Peak memory: of all pages (mapped
weights included) and of the process's own, polled in runs of their own. The
quickest are --help of each tool and an empty C program. After the table: what
bert_model_load() takes in a process of its own, for each folder of --open.
"""
import argparse
import json
import os
import subprocess
import sys

import measure

SENTENCE = "A small command should answer before the finger leaves the key."

TOKENIZE = f"""
from tokenizers import Tokenizer
import numpy as np
e = Tokenizer.from_file({measure.MODEL + '/tokenizer.json'!r})
e.no_padding()
e = e.encode({SENTENCE!r})
ids = np.array([e.ids], dtype=np.int64)
feed = dict(input_ids=ids, attention_mask=np.ones_like(ids),
            token_type_ids=np.zeros_like(ids))
"""
POOL = """
v = h.mean(1)[0]
v = v / np.linalg.norm(v)
assert len(v) == 384
"""
PEERS = {
    "python, nothing": ("pip", "pass"),
    "tokenizers alone": ("tokenizers", TOKENIZE),
    "ctranslate2": ("ctranslate2", TOKENIZE + f"""
import ctranslate2
m = ctranslate2.Encoder({measure.PEERS + '/ct2-float32'!r}, intra_threads=1)
h = np.array(m.forward_batch([e.ids]).last_hidden_state)
""" + POOL),
    "onnxruntime": ("onnxruntime", TOKENIZE + f"""
import onnxruntime
o = onnxruntime.SessionOptions()
o.intra_op_num_threads = 1
m = onnxruntime.InferenceSession({measure.PEERS + '/opt.onnx'!r}, o)
h = m.run(None, {{i.name: feed[i.name].astype(
    np.int32 if 'int32' in i.type else np.int64)
    for i in m.get_inputs()}})[0]
""" + POOL),
    "openvino": ("openvino", TOKENIZE + f"""
import openvino
m = openvino.Core().compile_model({measure.PEERS + '/ov.xml'!r}, 'CPU', {{
    'INFERENCE_PRECISION_HINT': 'f32', 'INFERENCE_NUM_THREADS': 1}})
h = next(iter(m(feed).values()))
""" + POOL),
    "sentence-transformers": ("sentence-transformers", f"""
from sentence_transformers import SentenceTransformer
m = SentenceTransformer({measure.MODEL!r}, device='cpu')
assert len(m.encode([{SENTENCE!r}])[0]) == 384
"""),
}


def empty_program(folder):
    """The floor: a C program that does nothing."""
    path = os.path.join(folder, "empty")
    subprocess.run(["cc", "-O2", "-x", "c", "-", "-o", path], check=True,
                   input="int main(void) { return 0; }", text=True)
    return [path]


def commands(folder, text):
    """name: (argv, standard input, whether it is slow)"""
    embed = os.path.join(measure.BIN, "bert-embed")
    tokenize = os.path.join(measure.BIN, "wp-tokenize")
    out = {
        "bert-embed": ([embed, "-m", measure.MODEL], text, False),
        "wp-tokenize": ([tokenize, "-m", measure.MODEL], text, False),
        "bert-embed --help": ([embed, "--help"], os.devnull, False),
        "wp-tokenize --help": ([tokenize, "--help"], os.devnull, False),
        "an empty C program": (empty_program(folder), os.devnull, False),
    }
    for name, (package, code) in PEERS.items():
        if package != "pip" and measure.version(package) is None:
            print(f"left out: {name} (not installed)")
            continue
        out[name] = ([sys.executable, "-c", code], os.devnull, True)
    return out


def opening(folder, model, rounds=41):
    """Milliseconds of bert_model_load(), first in a process; sorted."""
    path = os.path.join(folder, "open_model")
    lib = os.path.join(measure.ROOT, "build", "libbert.so.0")
    subprocess.run(["cc", "-O2", "-I", os.path.join(measure.ROOT, "lib"),
                    os.path.join(measure.HERE, "open_model.c"), lib,
                    "-Wl,-rpath," + os.path.dirname(lib), "-o", path],
                   check=True)
    return sorted(float(subprocess.run([path, model], check=True,
                                       stdout=subprocess.PIPE).stdout)
                  for _ in range(rounds))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peer-rounds", type=int, default=5)
    parser.add_argument("--wait", type=float, default=10)
    parser.add_argument("--open", action="append", metavar="FOLDER",
                        help="a model to open (default: all-MiniLM-L6-v2)")
    parser.add_argument("--json")
    args = parser.parse_args()
    folder = os.path.join(measure.BENCH, "logs")
    os.makedirs(folder, exist_ok=True)
    text = os.path.join(folder, "sentence.txt")
    with open(text, "w") as f:
        f.write(SENTENCE + "\n")
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error",
                      OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")
    measure.heading("cold start, one sentence, all-MiniLM-L6-v2, float32",
                    ["tokenizers"] + [p for p, _ in PEERS.values()
                                      if p != "tokenizers"])
    todo, runs = commands(folder, text), {}
    for k in range(args.rounds + 1):
        names = list(todo)
        turn = k % len(names)
        for name in names[turn:] + names[:turn]:
            argv, stdin, slow = todo[name]
            if slow and k > args.peer_rounds:
                continue
            measure.wait_for_quiet(args.wait)
            # Ours runs as from a user's shell: no variable of a peer's set.
            env = os.environ if slow else {
                n: v for n, v in os.environ.items() if n != "OMP_NUM_THREADS"}
            t = measure.run(argv, stdin, env=env)
            if k > 0:  # the first round fills the page cache
                runs.setdefault(name, []).append(t)
        print(f"round {k} of {args.rounds}", file=sys.stderr, flush=True)
    print(f"{'':24}{'median ms':>10}{'best':>8}{'spread':>8}{'rss MB':>8}"
          f"{'anon MB':>8}")
    for name in sorted(runs, key=lambda n: measure.median(runs[n])):
        seconds = runs[name]
        polled = [measure.peak_memory(*todo[name][:2])
                  for _ in range(3 if todo[name][2] else 20)]
        print(f"{name:24}{measure.median(seconds) * 1e3:10.2f}"
              f"{min(seconds) * 1e3:8.2f}{measure.spread(seconds):8.0%}"
              + "".join(f"{max(column) / 1024:8.1f}"
                        for column in zip(*polled)))
    for model in args.open or [measure.MODEL]:
        t = opening(folder, model)
        print(f"opening {os.path.basename(model.rstrip('/')):30}"
              f"{measure.median(t):8.2f} ms median, {t[0]:.2f} best")
    if args.json:
        with open(args.json, "w") as f:
            json.dump(runs, f, indent=1)


if __name__ == "__main__":
    main()
