#!/usr/bin/env python3
"""bert-embed against sentence-transformers and transformers on real weights.

    embed_parity.py [--count 1000] [--models LIST] [--layers-only]

Vectors: real texts of 5 to 2,000 words in English, German and Chinese, cut as
the model's folder says by both sides, float32 by both. The largest |difference|
of a component may be 2e-6; where vectors are not normalised, 2e-6 of their
length, which is the same rule after dividing both by it. Torch's own float32
errs too: on a part of the texts both are compared with torch in float64.
Layers: every hidden state of every token of some texts, long ones among them,
may be 1e-4 from transformers' in float64. BERT-base has tokens of which each of
the last layers enlarges every error tenfold; there transformers' own float32 is
as far from its float64, and ours may be at most twice as far as that: two
orders of the same sums err by as much, now one more, now the other. How far
float32 is from float32 is printed, too.
"""
import argparse
import json
import os
import subprocess
import sys

import numpy

import real_texts

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
BIN = os.environ.get("BERTUTILS_BIN", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "bin"))
VECTORS, LAYERS = 2e-6, 1e-4
LIMIT = 512  # tokens

# folder: (options of bert-embed, pooling, normalised). Pooling None: whatever
# the folder says.
MODELS = {
    "minilm": ([], None, True),
    "e5-small-v2": (["--normalize"], "mean", True),
    "bge-small-zh": (["--pooling", "cls", "--normalize"], "cls", True),
    "bert-base-uncased": ([], None, False),
    "bert-base-multilingual-cased": ([], None, False),
}
tests = failures = 0


def report(ok, what):
    global tests, failures
    tests += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} - {what}", flush=True)


def folder(name):
    return os.path.join(os.environ["BERTUTILS_ASSETS"], "models", name)


def ours(name, texts, options):
    """Standard output of bert-embed on texts, a line each."""
    argv = [os.path.join(BIN, "bert-embed"), "-m", folder(name), "-i", "text",
            "-q"] + options
    done = subprocess.run(argv, input="".join(t + "\n" for t in texts).encode(),
                          stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"not ok - {' '.join(argv)}: status {done.returncode}")
    return done.stdout


def sentence_transformer(name, pooling, normalised, dtype):
    from sentence_transformers import SentenceTransformer
    model = SentenceTransformer(folder(name), device="cpu",
                                model_kwargs={"dtype": dtype})
    if pooling is None:
        return model
    from sentence_transformers.base.modules.normalize import Normalize
    from sentence_transformers.sentence_transformer.modules.pooling import \
        Pooling
    width = model[0].auto_model.config.hidden_size
    modules = [model[0], Pooling(width, pooling)]
    return SentenceTransformer(
        modules=modules + ([Normalize()] if normalised else []), device="cpu")


def encode(model, texts):
    return model.encode(texts, batch_size=8, show_progress_bar=False,
                        convert_to_numpy=True)


def check_vectors(name, count, exact):
    import torch
    options, pooling, normalised = MODELS[name]
    texts = real_texts.make(count)
    model = sentence_transformer(name, pooling, normalised, torch.float32)
    want = encode(model, texts)
    got = numpy.frombuffer(ours(name, texts, options + ["-f", "f32"]), "<f4")
    if got.size != want.size:
        return report(False, f"{name}: {got.size} numbers, not {want.size}")
    got = got.reshape(want.shape)
    length = numpy.linalg.norm(want.astype("f8"), axis=1, keepdims=True)
    if normalised and abs(length - 1).max() > 1e-5:
        report(False, f"{name}: the reference is not normalised")
    scale = 1.0 if normalised else length
    off = (abs(got.astype("f8") - want) / scale).max(axis=1)
    report(off.max() <= VECTORS,
           f"{name}: {len(texts)} texts, largest "
           f"difference {off.max():.2e}, median {numpy.median(off):.2e}"
           f"{'' if normalised else ' of the length'}")
    if off.max() > VECTORS:
        for i in numpy.argsort(-off)[:5]:
            print(f"# {off[i]:.2e} {texts[i][:100]!r}")
    # Who is nearer to the truth, both counted the same way?
    part = sorted(set(range(0, len(texts), max(1, len(texts) // exact))) |
                  set(numpy.argsort(-off)[:10].tolist()))
    del model
    model = sentence_transformer(name, pooling, normalised, torch.float64)
    truth = encode(model, [texts[i] for i in part]).astype("f8")
    scale = scale if normalised else length[part]
    mine = (abs(got[part] - truth) / scale).max()
    theirs = (abs(want[part] - truth) / scale).max()
    report(mine <= VECTORS, f"{name}: on {len(part)} texts torch float64 is "
           f"{mine:.2e} from bert-embed, {theirs:.2e} from "
           "sentence-transformers float32")


def states_of(name, texts, dtype):
    """hidden_states of each text, [layer][text], float64."""
    import torch
    from transformers import AutoModel, AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(folder(name))
    model = AutoModel.from_pretrained(folder(name), dtype=dtype).eval()
    out = []
    for text in texts:
        ids = tokenizer(text, truncation=True, max_length=LIMIT,
                        return_tensors="pt")
        with torch.inference_mode():
            states = model(**ids, output_hidden_states=True).hidden_states
        out.append([s[0].numpy().astype("f8") for s in states])
    return list(zip(*out))


def check_layers(name, count=9):
    """One run a layer: bert-embed --layers k, against hidden_states[k]."""
    import torch
    texts = real_texts.make(count * 5)
    texts = sorted(texts, key=len)[::5]  # short to the longest, which is cut
    torch32 = states_of(name, texts, torch.float32)
    torch64 = states_of(name, texts, torch.float64)
    lines = {"from torch f32": [], "from torch f64": [],
             "torch f32 from torch f64": [], "largest number": []}
    for k, (want, truth) in enumerate(zip(torch32, torch64)):
        out = ours(name, texts, [
            "--layers", str(k), "--per-token", "--with-special",
            "--no-normalize", "--max-length", str(LIMIT), "-f", "jsonl"])
        got = [numpy.array(json.loads(x)["embedding"])
               for x in out.splitlines()]
        if [g.shape for g in got] != [w.shape for w in want]:
            return report(False, f"{name}: layer {k}: other shapes")
        got, want, truth = (numpy.concatenate(x) for x in (got, want, truth))
        for line, off in zip(lines.values(), (
                got - want, got - truth, want - truth, truth)):
            line.append(float(abs(off).max()))
    tokens = [len(w) for w in torch32[0]]
    _, mine, theirs, _ = lines.values()
    report(all(m <= max(LAYERS, 2 * t) for m, t in zip(mine, theirs)),
           f"{name}: hidden states of {len(texts)} texts of {min(tokens)} to "
           f"{max(tokens)} tokens are {max(mine):.1e} from torch float64 at "
           f"most, torch float32 {max(theirs):.1e}")
    for what, numbers in lines.items():
        print(f"#   {what:25}" + " ".join(f"{x:7.1e}" for x in numbers))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--exact", type=int, default=40,
                        help="texts that float64 is asked about")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--layers-only", action="store_true")
    args = parser.parse_args()
    for name in args.models.split(","):
        if not os.path.exists(os.path.join(folder(name),
                                           "model.safetensors")):
            print(f"ok - {name} # skip not under $BERTUTILS_ASSETS")
            continue
        if not args.layers_only:
            check_vectors(name, args.count, args.exact)
        check_layers(name)
    print(f"1..{tests}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
