#!/usr/bin/env python3
"""What bert-nsp should write, for tests/cmd/bert-nsp.bats:

    tests/gen/nsp_refs.py FOLDER tests/golden/nsp

FOLDER is what tests/gen/tiny_bert.c wrote. Logits are those of transformers'
BertForNextSentencePrediction in f64, of pairs that its tokenizer made and cut.
Versions: transformers 5.23.0, torch 2.15.0.
"""
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch
from transformers import AutoTokenizer, BertForNextSentencePrediction

FOLDER, OUT = sys.argv[1], sys.argv[2]
PAIRS = [
    ("the cat sat on the mat", "the dog ran over it"),
    ("", "water"),
    ("the river is water", ""),
    ("今天天气好", "na\u00efve \U0001F600x"),
    (" ".join(["weather"] * 50), " ".join(["today is sun"] * 20)),
]
CONTEXTS = ["is it sun or rain today?", "", "the man eats food",
            " ".join(["the quick brown fox jumps"] * 30)]
CANDIDATES = ["the lazy dog", "sun and rain", "", "the weather today is good",
              "paris is a river", "the lazy dog",
              " ".join(["food and water"] * 40), "今天"]
LONGEST = 80


def write(name, lines):
    with open(f"{OUT}/{name}", "w", encoding="utf-8", newline="") as f:
        f.writelines(x + "\n" for x in lines)


tok = AutoTokenizer.from_pretrained(FOLDER + "/tiny-pretraining")
model = BertForNextSentencePrediction.from_pretrained(
    FOLDER + "/tiny-pretraining").double().eval()


def logits(pair, **how):
    how = {"truncation": True, "max_length": LONGEST, **how}
    # In lists, so that an empty second text stays one.
    ids = tok([pair[0]], [pair[1]], return_tensors="pt", **how)
    with torch.no_grad():
        return model(**ids).logits[0]


def numbers(x):
    return "\t".join("%.9g" % v for v in x)


def best(context, **how):
    x = torch.stack([logits((context, c), **how) for c in CANDIDATES])
    # Equal texts have equal logits; f64 and f32 order others alike.
    order = sorted(range(len(CANDIDATES)),
                   key=lambda i: (-round((x[i][0] - x[i][1]).item(), 6), i))
    p = torch.softmax(x, -1)[:, 0]
    return "\t".join(f"{i}\t{p[i].item():.9g}" for i in order)


os.makedirs(OUT, exist_ok=True)
write("pairs.txt", [f"{a}\t{b}" for a, b in PAIRS])
write("contexts.txt", CONTEXTS)
write("candidates.txt", CANDIDATES)
write("logits.tsv", [numbers(logits(p)) for p in PAIRS])
write("next.tsv", [numbers(torch.softmax(logits(p), -1)[:1]) for p in PAIRS])
write("replies.tsv", [best(c) for c in CONTEXTS])
write("replies-20.tsv", [best(c, max_length=20) for c in CONTEXTS])
tok.truncation_side = "left"
write("left.tsv", [numbers(logits(p, max_length=20)) for p in PAIRS])
