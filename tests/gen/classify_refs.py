#!/usr/bin/env python3
"""What bert-classify should write, for tests/cmd/bert-classify.bats:

    tests/gen/classify_refs.py FOLDER tests/golden/classify

FOLDER is what tests/gen/tiny_bert.c wrote. Labels and scores are those of
transformers' TextClassificationPipeline and sentence-transformers'
CrossEncoder, over logits in f64; windows are HF's own overflow, reduced here.
Words are compared as they are, numbers within a tolerance. Versions:
transformers 5.23.0, sentence-transformers 6.2.0, torch 2.15.0.
"""
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import numpy as np
import torch
from sentence_transformers import CrossEncoder
from transformers import (AutoModelForSequenceClassification, AutoTokenizer,
                          pipeline)

FOLDER, OUT = sys.argv[1], sys.argv[2]

TEXTS = [
    "the cat sat on the mat",
    "Quick brown FOX jumps over the lazy dogs!",
    "",
    "今天天气好 today øl",
    "na\u00efve \U0001F600x unknown\u0301",
    "rain",
    " ".join(["the cat eats food in the house", "rain and sun today"] * 9),
]
PAIRS = [
    ("the cat sat", "the dog ran"),
    ("", "water"),
    ("the river is water", ""),
    (" ".join(["weather"] * 50), " ".join(["today is sun"] * 20)),
]
QUERY = "is it sun or rain today?"
DOCUMENTS = ["the lazy dog", "sun and rain", "the weather today is good",
             "paris is a river", "the lazy dog", "food"]
LENGTH, STRIDE = 20, 5


def in_order(ranked):
    """Equal documents come in any order from rank(): here as they went in."""
    return sorted(ranked, key=lambda r: (-round(float(r["score"]), 6),
                                         r["corpus_id"]))


def write(name, lines):
    with open(f"{OUT}/{name}", "w", encoding="utf-8", newline="") as f:
        f.writelines(x + "\n" for x in lines)


def number(x):
    return "%.9g" % x


def folder(name):
    return f"{FOLDER}/{name}"


def parts(name):
    tok = AutoTokenizer.from_pretrained(folder(name))
    tok.model_max_length = 80
    model = AutoModelForSequenceClassification.from_pretrained(folder(name))
    return tok, model.double().eval()


def classifier(name):
    tok, model = parts(name)
    return pipeline("text-classification", model=model, tokenizer=tok,
                    device="cpu")


def logits(model, ids, types=None):
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor(
            [types or [0] * len(ids)])).logits[0].numpy()


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def entries(results):
    return "\t".join(f"{r['label']}\t{number(r['score'])}" for r in results)


def pipelines():
    for name in ("classify", "multi", "regression"):
        pipe = classifier("tiny-" + name)
        # The pipeline takes an empty second text for none.
        for kind, inputs in (("", TEXTS), ("-pairs", [
                {"text": a, "text_pair": b} for a, b in PAIRS if b])):
            best = [pipe(x, truncation=True, top_k=1)[0] for x in inputs]
            write(f"{name}{kind}.tsv",
                  [number(r["score"]) if name == "regression" else entries([r])
                   for r in best])
        if name != "regression":
            write(f"{name}-all.tsv",
                  [entries(pipe(x, truncation=True, top_k=None))
                   for x in TEXTS])
        if name == "classify":
            for f in ("none", "sigmoid"):
                write(f"{name}-{f}.tsv", [entries(pipe(
                    x, truncation=True, top_k=2, function_to_apply=f))
                    for x in TEXTS])


def crossed():
    for name, f in (("cross", None), ("cross-sigmoid", torch.nn.Sigmoid())):
        model = CrossEncoder(folder("tiny-cross"), device="cpu",
                             activation_fn=f).double()
        write(f"{name}.txt", [number(x) for x in model.predict(PAIRS)])
        write(f"{name}-rank.tsv", [f"{r['corpus_id']}\t{number(r['score'])}"
              for r in in_order(model.rank(QUERY, DOCUMENTS))])
    with open(f"{OUT}/rank.tsv", "w") as f:
        f.write("id\ttext\tpair\n")
        for i, d in enumerate(DOCUMENTS):
            f.write(f"{i}\t{QUERY}\t{d}\n")


def long_texts():
    tok, model = parts("tiny-classify")
    names = [model.config.id2label[i] for i in range(5)]
    reduced = {"mean": [], "max": [], "last": []}
    head_tail, left, expected = [], [], []

    def best(x):
        p = softmax(x)
        return f"{names[p.argmax()]}\t{number(p.max())}"

    for text in TEXTS:
        windows = tok(text, truncation=True, max_length=LENGTH, stride=STRIDE,
                      return_overflowing_tokens=True)["input_ids"]
        x = np.array([logits(model, ids) for ids in windows])
        reduced["mean"].append(best(x.mean(0)))
        reduced["max"].append(best(x.max(0)))
        reduced["last"].append(best(x[-1]))
        ids = tok(text)["input_ids"]
        room = LENGTH - 2
        if len(ids) > LENGTH:
            head = int(room * 128 / 510 + 0.5)
            cut = ids[:1 + head] + ids[-1 - (room - head):]
        else:
            cut = ids
        head_tail.append(best(logits(model, cut)))
        tok.truncation_side = "left"
        left.append(best(logits(model, tok(
            text, truncation=True, max_length=LENGTH)["input_ids"])))
        tok.truncation_side = "right"
        whole = tok(text, truncation=True, max_length=80)["input_ids"]
        expected.append(number(softmax(logits(model, whole)) @
                               np.array([-2, -1, 0, 1, 2])))
    for how, lines in reduced.items():
        write(f"window-{how}.tsv", lines)
    write("head-tail.tsv", head_tail)
    write("left.tsv", left)
    write("expected.txt", expected)


os.makedirs(OUT, exist_ok=True)
write("texts.txt", TEXTS)
write("pairs.txt", [f"{a}\t{b}" for a, b in PAIRS])
pipelines()
crossed()
long_texts()
