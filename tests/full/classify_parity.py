#!/usr/bin/env python3
"""bert-classify and bert-nsp against transformers and sentence-transformers.

    classify_parity.py [--count 510]

No classifier of texts in many languages is to be had, so heads are drawn from
a seed and put on real bodies (all-MiniLM-L6-v2 for English and German,
bge-small-zh, whose pooler is drawn too, for Chinese): labels that exclude each
other, labels that do not, a regression, a cross-encoder, the next sentence.
rxnfp's own heads besides: its reaction classes, and the next sentence. Real
texts of 5 to 2,000 words, cut where they are over the length.

Logits may differ by 1e-4 + 1e-5 |b|, probabilities by 1e-5; labels must be
those of TextClassificationPipeline, or by its logits as near as that.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy

import real_texts

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
BIN = os.environ.get("BERTUTILS_BIN", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "bin"))
LIMIT = 512
# body: languages, share of the texts
BODIES = {"minilm": (("en", "de"), 2 / 3), "bge-small-zh": (("zh",), 1 / 3)}
KINDS = ("single", "multi", "regression", "cross", "nsp")
LABELS = ["sport", "politics", "science", "art", "money", "travel"]
tests = failures = 0


def report(ok, what):
    global tests, failures
    tests += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} - {what}", flush=True)


def asset(name):
    return os.path.join(os.environ["BERTUTILS_ASSETS"], "models", name)


def ours(tool, model, records, options=()):
    """The tool's records, of records as dicts."""
    argv = [os.path.join(BIN, tool), "-m", model, "-i", "jsonl", "-q",
            "--keep", ""] + list(options)
    lines = "".join(json.dumps(r) + "\n" for r in records)
    done = subprocess.run(argv, input=lines.encode(), stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"not ok - {' '.join(argv)}: status {done.returncode}")
    return [json.loads(x) for x in done.stdout.splitlines()]


def make(body, kind, folder, seed):
    """A body with a head from the seed, in a folder of its own."""
    import torch
    from transformers import (AutoConfig, BertForNextSentencePrediction,
                              BertForSequenceClassification)
    torch.manual_seed(seed)
    config = AutoConfig.from_pretrained(asset(body))
    config.id2label = {0: "LABEL_0"}
    config.label2id = {"LABEL_0": 0}
    if kind in ("single", "multi"):
        config.id2label = dict(enumerate(LABELS))
        config.label2id = {x: i for i, x in enumerate(LABELS)}
        config.problem_type = kind + "_label_classification"
    elif kind == "regression":
        config.problem_type = kind
    elif kind == "cross":
        config.sentence_transformers = {
            "activation_fn": "torch.nn.modules.linear.Identity"}
    cls = (BertForNextSentencePrediction if kind == "nsp"
           else BertForSequenceClassification)
    config.architectures = [cls.__name__]
    model = cls.from_pretrained(asset(body), config=config)
    with torch.no_grad():  # logits of some size, as trained ones are
        head = model.cls.seq_relationship if kind == "nsp" else \
            model.classifier
        head.weight.normal_(0, 0.3)
        head.bias.normal_(0, 0.5)
        if body != "minilm":  # the same for every head
            torch.manual_seed(7)
            model.bert.pooler.dense.weight.normal_(0, 0.05)
            model.bert.pooler.dense.bias.zero_()
    model.save_pretrained(folder)
    for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json",
                 "special_tokens_map.json"):
        path = os.path.join(asset(body), name)
        if os.path.exists(path):
            shutil.copy(path, folder)
    return model.eval()


def tokenizer(folder):
    from transformers import AutoTokenizer
    tok = AutoTokenizer.from_pretrained(folder)
    tok.model_max_length = LIMIT
    if tok.backend_tokenizer.padding is not None:
        tok.backend_tokenizer.no_padding()
    return tok


def encode(tok, r):
    pair = [r["pair"]] if "pair" in r else None
    return tok([r["text"]], pair, truncation=True, max_length=LIMIT,
               return_tensors="pt")


def head(model):
    return model.cls if hasattr(model, "cls") else model.classifier


def logits(model, tok, records, pooled):
    """f32 logits, a text at a time: no padding. The bodies of all heads are
    one, so what their poolers give is kept in `pooled`; that this is what the
    class computes is seen on some."""
    import torch
    out = []
    with torch.inference_mode():
        for r in records:
            key = r["text"], r.get("pair")
            if key not in pooled:
                pooled[key] = model.bert(**encode(tok, r)).pooler_output
            out.append(head(model)(pooled[key])[0].numpy())
        for k in range(0, len(records), len(records) // 3 + 1):
            whole = model(**encode(tok, records[k])).logits[0].numpy()
            assert abs(whole - out[k]).max() < 1e-5
    return numpy.array(out)


def close(got, want):
    """Logits: the largest difference, and whether all are near enough."""
    off = abs(got - want)
    return off.max(), bool((off <= 1e-4 + 1e-5 * abs(want)).all())


def values(records, names):
    """"labels" of --all as rows in the order of the names."""
    return numpy.array([[{x["label"]: x["score"] for x in r["labels"]}[n]
                         for n in names] for r in records])


def check_labels(what, folder, model, tok, records, pooled):
    import torch
    from transformers import pipeline
    want = logits(model, tok, records, pooled)
    options = ["--max-length", str(LIMIT), "--all"]
    got = values(ours("bert-classify", folder, records, options + ["--raw"]),
                 LABELS)
    off, ok = close(got, want)
    report(ok, f"{what}: {len(records)} texts, logits within {off:.1e}")
    pipe = pipeline("text-classification", model=model, tokenizer=tok,
                    device="cpu")
    want = [pipe.postprocess({"logits": torch.tensor(x[None])}, top_k=None,
                             _legacy=False) for x in want]
    want = [{x["label"]: x["score"] for x in w} for w in want]
    got = ours("bert-classify", folder, records, options)
    off = abs(values(got, LABELS) -
              [[w[n] for n in LABELS] for w in want]).max()
    report(off <= 1e-5, f"{what}: probabilities within {off:.1e}")
    best = ours("bert-classify", folder, records, options[:2])
    wrong = sum(b["label"] != max(w, key=w.get) for b, w in zip(best, want))
    report(wrong == 0, f"{what}: {wrong} of {len(best)} labels differ, "
           f"{len({b['label'] for b in best})} labels in use")


def check_numbers(what, folder, want, records):
    got = numpy.array([r["score"] for r in ours(
        "bert-classify", folder, records, ["--max-length", str(LIMIT)])])
    off, ok = close(got, want)
    report(ok, f"{what}: {len(records)} records, scores within {off:.1e}")


def check_next(what, folder, model, tok, records, pooled):
    import torch
    want = logits(model, tok, records, pooled)
    options = ["--max-length", str(LIMIT)]
    got = numpy.array([r["logits"] for r in ours(
        "bert-nsp", folder, records, options + ["--raw"])])
    off, ok = close(got, want)
    report(ok, f"{what}: {len(records)} pairs, logits within {off:.1e}")
    want = torch.softmax(torch.tensor(want), -1)[:, 0].numpy()
    got = numpy.array([r["is_next"] for r in ours("bert-nsp", folder, records,
                                                  options)])
    off = abs(got - want).max()
    report(off <= 1e-5, f"{what}: probabilities within {off:.1e}, "
           f"{(got > 0.5).sum()} of them over a half")


def check_body(body, count, kinds):
    languages, share = BODIES[body]
    texts = real_texts.make(round(count * share), languages)
    single = [{"text": t} for t in texts]
    # Pairs of long and short texts: both sides are cut somewhere.
    pairs = [{"text": a, "pair": b} for a, b in
             zip(texts, texts[len(texts) // 3:] + texts[:len(texts) // 3])]
    pooled = {}
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder:
            model = make(body, kind, folder, 100 + KINDS.index(kind))
            tok = tokenizer(folder)
            what = f"{body}, {kind}"
            if kind in ("single", "multi"):
                check_labels(what, folder, model, tok,
                             single[::2] + pairs[1::2], pooled)
            elif kind == "regression":
                check_numbers(what, folder, logits(
                    model, tok, single, pooled)[:, 0], single)
            elif kind == "cross":
                check_numbers(what, folder, logits(
                    model, tok, pairs, pooled)[:, 0], pairs)
                from sentence_transformers import CrossEncoder
                cross = CrossEncoder(folder, device="cpu", max_length=LIMIT)
                part = pairs[:len(pairs) // 8 + 1]
                check_numbers(what + ", CrossEncoder", folder, cross.predict(
                    [(r["text"], r["pair"]) for r in part], batch_size=1),
                    part)
            else:
                check_next(what, folder, model, tok, pairs, pooled)
            if kind == "single":
                over = sum(len(tok(t)["input_ids"]) > LIMIT for t in texts)
                print(f"# {body}: {len(texts)} texts ({', '.join(languages)}), "
                      f"{over} over {LIMIT} tokens", flush=True)


REACTION = "C C ( = O ) [MASK] . O C C >> C C ( = O ) O C C"


def check_rxnfp():
    """Ids, since its tokens are not WordPiece's to find."""
    import torch
    from transformers import (BertConfig, BertForNextSentencePrediction,
                              BertForSequenceClassification)
    vocab = {t: i for i, t in enumerate(open(os.path.join(
        asset("rxnfp-classify"), "vocab.txt")).read().split("\n"))}
    rng = numpy.random.default_rng(11)
    reaction = REACTION.replace("[MASK]", "O").split()
    records, pairs = [], []
    for i in range(500):
        # Of the reaction, parts and shuffles.
        words = reaction if i == 0 else list(rng.choice(
            reaction, rng.integers(1, 120)))
        ids = [vocab["[CLS]"]] + [vocab[w] for w in words] + [vocab["[SEP]"]]
        records.append({"ids": ids})
        more = [vocab[w] for w in rng.permutation(reaction)] + [vocab["[SEP]"]]
        pairs.append({"ids": ids + more,
                      "type_ids": [0] * len(ids) + [1] * len(more)})

    def reference(cls, name, **more):
        config = BertConfig.from_pretrained(asset(name), **more)
        model = cls.from_pretrained(asset(name), config=config).eval()
        out = []
        for r in pairs if cls is BertForNextSentencePrediction else records:
            with torch.inference_mode():
                out.append(model(
                    input_ids=torch.tensor([r["ids"]]),
                    token_type_ids=torch.tensor([r.get(
                        "type_ids", [0] * len(r["ids"]))])).logits[0].numpy())
        return numpy.array(out)

    name = "rxnfp-classify"
    want = reference(BertForSequenceClassification, name)
    got = ours("bert-classify", asset(name), records, ["--raw", "--all"])
    # Names of its two labels are no numbers; the others are LABEL_n.
    named = json.load(open(os.path.join(asset(name), "config.json")))
    names = [named["id2label"].get(str(i), f"LABEL_{i}") for i in range(50)]
    off, ok = close(values(got, names), want)
    report(ok, f"{name}: {len(records)} reactions, logits within {off:.1e}")
    best = ours("bert-classify", asset(name), records)
    wrong = sum(b["label"] != names[w.argmax()] for b, w in zip(best, want))
    report(wrong == 0 and best[0]["label"] == names[10] and
           abs(best[0]["score"] - .994835) < 1e-5,
           f"{name}: {wrong} labels differ; class 10 at {best[0]['score']:.6f}")
    name = "rxnfp-pretrained"
    want = reference(BertForNextSentencePrediction, name)
    got = numpy.array([r["logits"] for r in ours("bert-nsp", asset(name), pairs,
                                                 ["--raw", "--cased"])])
    off, ok = close(got, want)
    report(ok, f"{name}: {len(pairs)} pairs, logits of the next sentence "
           f"within {off:.1e}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=510)
    parser.add_argument("--bodies", default=",".join(BODIES))
    parser.add_argument("--kinds", default=",".join(KINDS))
    args = parser.parse_args()
    for name in [x for x in args.bodies.split(",") if x]:
        if os.path.exists(os.path.join(asset(name), "model.safetensors")):
            check_body(name, args.count, args.kinds.split(","))
        else:
            print(f"ok - {name} # skip not under $BERTUTILS_ASSETS")
    if os.path.isdir(asset("rxnfp-classify")) and \
            os.path.isdir(asset("rxnfp-pretrained")):
        check_rxnfp()
    else:
        print("ok - rxnfp # skip not under $BERTUTILS_ASSETS")
    print(f"1..{tests}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
