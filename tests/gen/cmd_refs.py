#!/usr/bin/env python3
"""What wp-tokenize and bert-embed should write, for tests/cmd/*.bats:

    tests/gen/cmd_refs.py FOLDER tests/golden/cmd

FOLDER is what tests/gen/tiny_bert.c wrote. tokenizers gives tokens, offsets,
windows and decoded text; sentence-transformers and transformers the vectors,
in f64. Token files are compared byte for byte, vectors (VECTORS-*.txt, a line
of numbers each) within a tolerance. Versions: tokenizers 0.23.3, transformers
5.23.0, sentence-transformers 6.2.0, torch 2.15.0.
"""
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import numpy as np
import torch
from sentence_transformers import SentenceTransformer, util
from sentence_transformers.util import quantize_embeddings
from tokenizers import AddedToken, BertWordPieceTokenizer
from transformers import AutoModel

FOLDER, OUT = sys.argv[1], sys.argv[2]
TINY, BARE = FOLDER + "/tiny", FOLDER + "/tiny-bare"

TEXTS = [
    "the cat sat on the mat",
    "Quick brown FOX jumps over the lazy dogs!",
    "",
    "今天天气好 today\u3000øl",
    "[MASK] is in London, na\u00efve \u03be \U0001F600x unknown\u0301",
    "a \"quoted\" back\\slash\tand a tab",
    " ".join(["the cat eats food in the house", "rain and sun today"] * 9),
]
PAIRS = [
    ("the cat sat", "the dog ran"),
    ("", "water"),
    ("the river is water", ""),
    (" ".join(["weather"] * 50), " ".join(["today is sun"] * 20)),
]


def fnv(vocab):
    h = 0xCBF29CE484222325
    text = "lower=1 accents=1 cjk=1\n" + "".join(t + "\n" for t in vocab)
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return "%016x" % h


VOCAB = open(TINY + "/vocab.txt", encoding="utf-8").read().splitlines()
PRINT = fnv(VOCAB)


def tokenizer():
    tok = BertWordPieceTokenizer(TINY + "/vocab.txt", lowercase=True)
    tok.add_special_tokens([AddedToken(t, special=True) for t in
                            ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")])
    return tok


def line(members):
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def record(members, e, pair=False, **more):
    types = {"type_ids": e.type_ids} if pair else {}
    return line({**members, "tokens": e.tokens, "ids": e.ids, **types,
                 "offsets": e.offsets, "words": e.word_ids, "vocab": PRINT,
                 **more})


def write(name, lines):
    with open(f"{OUT}/{name}", "w", encoding="utf-8", newline="") as f:
        f.writelines(x + "\n" for x in lines)


def write_vectors(name, rows):
    write(f"vectors-{name}.txt",
          [" ".join("%.9g" % x for x in row) for row in rows])


def tokens():
    tok = tokenizer()
    encoded = [tok.encode(t) for t in TEXTS]
    write("texts.txt", TEXTS)
    write("pairs.txt", [f"{a}\t{b}" for a, b in PAIRS])
    write("tokens.jsonl", [record({"text": t}, e)
                           for t, e in zip(TEXTS, encoded)])
    write("pairs.jsonl", [record({"text": a, "pair": b}, tok.encode(a, b), True)
                          for a, b in PAIRS])
    write("ids.txt", [" ".join(map(str, e.ids)) for e in encoded])
    write("tokens.txt", [" ".join(e.tokens) for e in encoded])
    write("count.txt", [str(len(e.ids)) for e in encoded])
    write("conll.txt", ["\n".join(
        f"{t}\t{i}\t{o[0]}\t{o[1]}\t{'-' if w is None else w}" for t, i, o, w in
        zip(e.tokens, e.ids, e.offsets, e.word_ids)) + "\n" for e in encoded])
    write("bare.txt", [" ".join(map(str, tok.encode(
        t, add_special_tokens=False).ids)) for t in TEXTS])
    write("decoded.txt", [tok.decode(e.ids, skip_special_tokens=False)
                          for e in encoded])
    write("decoded-skip.txt", [tok.decode(e.ids, skip_special_tokens=True)
                               for e in encoded])


def cut():
    tok = tokenizer()
    for side in ("right", "left"):
        tok._tokenizer.enable_truncation(8, direction=side)
        encoded = [tok.encode(t) for t in TEXTS]
        whole = [tokenizer().encode(t) for t in TEXTS]
        write(f"cut-{side}.jsonl",
              [record({"text": t}, e, **({"truncated": True} if
                                         len(w.ids) > 8 else {}))
               for t, e, w in zip(TEXTS, encoded, whole)])
    for strategy in ("longest_first", "only_first", "only_second"):
        tok._tokenizer.enable_truncation(64, strategy=strategy)
        write(f"cut-{strategy}.txt",
              [" ".join(map(str, tok.encode(*PAIRS[3]).ids))])
    tok._tokenizer.enable_truncation(20, stride=5)
    lines = []
    for t in TEXTS:
        first = tok.encode(t)
        windows = [first] + first.overflowing
        lines += [record({"text": t}, w, window=[k + 1, len(windows)])
                  for k, w in enumerate(windows)]
    write("windows.jsonl", lines)


def states(model, ids, types=None):
    with torch.no_grad():
        out = model(input_ids=torch.tensor([ids]),
                    token_type_ids=torch.tensor([types or [0] * len(ids)]),
                    output_hidden_states=True)
    return [h[0].numpy() for h in out.hidden_states]


def unit(rows):
    rows = np.asarray(rows)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def window_mean(model, ids, length, stride):
    """The mean over tokens, each from the window where it has most context."""
    body, room = ids[1:-1], length - 2
    starts = [0]
    while starts[-1] + room < len(body):
        starts.append(starts[-1] + room - stride)
    best, rows = {}, {}
    for k, s in enumerate(starts):
        part = body[s:s + room]
        last = states(model, [ids[0]] + part + [ids[-1]])[-1]
        if k == 0:
            rows["cls"] = last[0]
        rows["sep"] = last[-1]
        for i in range(len(part)):
            context = min(i, len(part) - 1 - i)
            if s + i not in best or context > best[s + i]:
                best[s + i], rows[s + i] = context, last[1 + i]
    return np.mean(list(rows.values()), axis=0)


def vectors():
    tok = tokenizer()
    st = SentenceTransformer(TINY, device="cpu").double()
    default = st.encode(TEXTS)
    write_vectors("default", default)
    write_vectors("query", st.encode(TEXTS, prompt_name="query"))
    write_vectors("dims", unit(default[:, :8]))
    write_vectors("binary", quantize_embeddings(default, precision="ubinary"))
    a, b = (st.encode([p[i] for p in PAIRS]) for i in (0, 1))
    for name, f in (("cosine", util.pairwise_cos_sim),
                    ("dot", util.pairwise_dot_score),
                    ("euclidean", util.pairwise_euclidean_sim)):
        write_vectors(name, f(torch.tensor(a), torch.tensor(b))[:, None])

    bare = AutoModel.from_pretrained(BARE, add_pooling_layer=False).double()
    most = bare.config.max_position_embeddings
    encoded = [ids if len(ids) <= most else ids[:most - 1] + ids[-1:]
               for ids in (tok.encode(t).ids for t in TEXTS)]
    layers = [states(bare, ids) for ids in encoded]
    write_vectors("bare", [h[-1].mean(0) for h in layers])
    write_vectors("cls", [h[-1][0] for h in layers])
    write_vectors("average", [(h[-1] + h[-2]).mean(0) / 2 for h in layers])
    write_vectors("concat", [np.concatenate([h[0].mean(0), h[-1].mean(0)])
                             for h in layers])
    pair = tok.encode(*PAIRS[0])
    write_vectors("pair", [states(bare, pair.ids, pair.type_ids)[-1].mean(0)])
    rows, words = [], []
    for t, h in zip(TEXTS[:6], layers):
        e = tok.encode(t)
        rows += list(h[-1][1:-1])
        for w in range(max([w for w in e.word_ids if w is not None],
                           default=-1) + 1):
            words.append(h[-1][[i for i, x in enumerate(e.word_ids)
                                if x == w]].mean(0))
    write_vectors("per-token", rows)
    write_vectors("per-word", words)
    write_vectors("window", [window_mean(bare, tok.encode(t).ids, 20, 5)
                             if len(tok.encode(t).ids) > 20 else h[-1].mean(0)
                             for t, h in zip(TEXTS, layers)])


os.makedirs(OUT, exist_ok=True)
tokens()
cut()
vectors()
