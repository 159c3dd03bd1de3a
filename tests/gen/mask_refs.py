#!/usr/bin/env python3
"""What bert-mask should write, for tests/cmd/bert-mask.bats:

    tests/gen/mask_refs.py FOLDER tests/golden/mask

FOLDER is what tests/gen/tiny_bert.c wrote. transformers' fill-mask pipeline
gives candidates; scores, filled texts, targets of several pieces, expansions and
sparse weights are made here from its model, as bert-mask(1) defines them. All in
f64, and written as lines of JSON whose numbers bert-mask must meet to 5e-6.
Versions: transformers 5.23.0, torch 2.15.0.
"""
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch
from transformers import AutoTokenizer, BertForPreTraining, pipeline
from transformers import BertForMaskedLM

FOLDER, OUT = sys.argv[1], sys.argv[2]
TINY = FOLDER + "/tiny-pretraining"
LIMIT = 80

MASKED = [
    "the cat [MASK] on the mat",
    "[MASK]",
    "the [MASK] sat on the [MASK]",
    "[MASK] [MASK] [MASK], quick brown [MASK]!",
    "\u4eca\u5929[MASK]\u6c14\u597d",
    "the lazy dogs are running over [PAD] the [MASK].",
    "a \"quoted\" back\\slash's [MASK]ed do not don't",
]
PLAIN = [
    "the cat sat on the mat",
    "Quick brown FOX jumps, over the lazy dogs!",
    "",
    "\u4eca\u5929\u5929\u6c14\u597d",
    "the [MASK] eats \u03be food",
]
PAIRS = [("the cat [MASK]", "on the mat"), ("water", "the [MASK] of [MASK]")]
TARGETS = ["cat", "dogs", "house", "jumped", "quickly", "cat", "x"]
LONG = " ".join(["the cat eats food in the house", "rain and sun today"] * 9)

tok = AutoTokenizer.from_pretrained(TINY)
model = BertForMaskedLM.from_pretrained(TINY, dtype=torch.float64).eval()
MASK, PAD = tok.mask_token_id, tok.pad_token_id


def line(members):
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def write(name, lines):
    os.makedirs(OUT, exist_ok=True)
    with open(f"{OUT}/{name}", "w", encoding="utf-8", newline="") as f:
        f.writelines(x + "\n" for x in lines)


def encode(text, pair=None):
    e = tok(text, pair) if pair is not None else tok(text)
    return e["input_ids"], e["token_type_ids"]


def logits(ids, types=None):
    with torch.inference_mode():
        return model(
            input_ids=torch.tensor([ids]),
            token_type_ids=torch.tensor([types or [0] * len(ids)])).logits[0]


def number(x):
    return float("%.9g" % x)


def token(i):
    return tok.decode([i])


def sequence(ids, place, pieces, single):
    ids = ids[:place] + pieces + ids[place + 1:]
    return tok.decode([i for i in ids if i != PAD],
                      skip_special_tokens=single)


def best(p, k):
    """Largest first, of equals the lower id."""
    return sorted(range(len(p)), key=lambda i: (-p[i], i))[:k]


# ---- candidates -----------------------------------------------------------


def candidates(name, texts, k):
    """By the pipeline itself."""
    fill = pipeline("fill-mask", model=model, tokenizer=tok, top_k=k)
    lines = []
    for text in texts:
        ids, _ = encode(text)
        found = fill(text)
        if ids.count(MASK) == 1:
            found = [found]
        places = [i for i, x in enumerate(ids) if x == MASK]
        lines.append(line({"mask": [{"index": at, "candidates": [{
            "token": c["token_str"], "id": c["token"],
            "score": number(c["score"]), "sequence": c["sequence"]}
            for c in row]} for at, row in zip(places, found)]}))
    write(name, lines)


def pairs():
    lines = []
    for a, b in PAIRS:
        ids, types = encode(a, b)
        p = logits(ids, types).softmax(-1).tolist()
        places = [i for i, x in enumerate(ids) if x == MASK]
        lines.append(line({"mask": [{"index": at, "candidates": [{
            "token": token(c), "id": c, "score": number(p[at][c]),
            "sequence": sequence(ids, at, [c], len(places) == 1)}
            for c in best(p[at], 3)]} for at in places]}))
    write("pairs.jsonl", lines)


def pieces_of(target):
    vocab = tok.get_vocab()
    if target in vocab:
        return [vocab[target]]
    return tok(target, add_special_tokens=False)["input_ids"]


def targets():
    lines = []
    for text in MASKED:
        ids, _ = encode(text)
        places = [i for i, x in enumerate(ids) if x == MASK]
        row = []
        for at in places:
            found = []
            for pieces in {tuple(pieces_of(t)): 0 for t in TARGETS}:
                pieces = list(pieces)
                n = len(pieces)
                p = logits(ids[:at] + [MASK] * n + ids[at + 1:]).softmax(-1)
                score = 1.0
                for i, piece in enumerate(pieces):
                    score *= p[at + i][piece].item()
                name = {"ids": pieces} if n > 1 else {"id": pieces[0]}
                found.append({
                    "token": tok.decode(pieces), **name,
                    "score": number(score),
                    "sequence": sequence(ids, at, pieces, len(places) == 1)})
            found.sort(key=lambda c: -c["score"])
            row.append({"index": at, "candidates": found})
        lines.append(line({"mask": row}))
    write("targets.jsonl", lines)


# ---- whole texts ----------------------------------------------------------


def window_takes(length, limit, overlap):
    """For each token of a long text: its window and its row there, by most
    context (tests/gen/window_rule.py); the template's from the first window and
    the last. A window is a list of tokens."""
    n, room = length - 2, limit - 2
    windows, start = [], 0
    while True:
        end = min(start + room, n)
        windows.append([0] + list(range(1 + start, 1 + end)) + [length - 1])
        if end == n:
            break
        start += room - overlap
    takes = {}
    for w, tokens in enumerate(windows):
        for row, at in enumerate(tokens[1:-1], 1):
            context = min(row - 1, len(tokens) - 2 - row)
            if at not in takes or context > takes[at][2]:
                takes[at] = (w, row, context)
    takes[0] = (0, 0, 0)
    takes[length - 1] = (len(windows) - 1, len(windows[-1]) - 1, 0)
    return windows, takes


def score_line(ids, views):
    """views(at): the tokens of the sequence that speaks for token `at`, and its
    row there."""
    scores = []
    for at in range(1, len(ids) - 1):
        if ids[at] == MASK:
            continue
        tokens, row = views(at)
        masked = [ids[i] for i in tokens]
        masked[row] = MASK
        p = logits(masked)[row].log_softmax(-1)[ids[at]].item()
        scores.append((at, p))
    return line({"score": number(sum(s for _, s in scores)), "scores": [
        {"index": at, "token": token(ids[at]), "id": ids[at],
         "score": number(s)} for at, s in scores]})


def scores():
    lines = []
    for text in PLAIN:
        ids, _ = encode(text)
        lines.append(score_line(ids, lambda at: (range(len(ids)), at)))
    write("score.jsonl", lines)
    ids, _ = encode(LONG)
    windows, takes = window_takes(len(ids), LIMIT, LIMIT // 4)
    write("score-window.jsonl", [score_line(
        ids, lambda at: (windows[takes[at][0]], takes[at][1]))])
    cut = ids[:LIMIT - 1] + ids[-1:]
    write("score-cut.jsonl", [score_line(
        cut, lambda at: (range(LIMIT), at))[:-1] + ',"truncated":true}'])


def fill():
    lines = []
    for text in MASKED:
        ids, _ = encode(text)
        open_, filled = [i for i, x in enumerate(ids) if x == MASK], []
        while open_:
            p = logits(ids).softmax(-1)
            at = max(open_, key=lambda i: (p[i].max().item(), -i))
            c = best(p[at].tolist(), 1)[0]
            filled.append({"index": at, "token": token(c), "id": c,
                           "score": number(p[at][c].item())})
            ids = ids[:at] + [c] + ids[at + 1:]
            open_.remove(at)
        lines.append(line({"sequence": sequence(ids, len(ids), [], True),
                           "filled": filled}))
    write("fill.jsonl", lines)


# A content word of the tiny vocabulary, as far as the tests go.
STOPS = {"the", "a", "of", "and", "to", "in", "is", "on", "over"} | set("i")


def is_content(word):
    return (any(c.isalpha() for c in word) and
            all(c.isalnum() for c in word) and word not in STOPS)


def expand():
    words = {i: t for t, i in tok.get_vocab().items()}
    allowed = [is_content(words[i]) for i in range(len(words))]
    lines = []
    for text in PLAIN:
        e = tok(text, return_offsets_mapping=True)
        ids, numbers = e["input_ids"], e.word_ids()
        out, at = [], 1
        while at < len(ids) - 1:
            end = at
            while numbers[end] == numbers[at]:
                end += 1
            word = tok.decode(ids[at:end])
            if ids[at] != MASK and (is_content(word) or word == "[UNK]"):
                p = logits(ids[:at] + [MASK] + ids[end:])[at].softmax(-1)
                order = [i for i in best(p.tolist(), len(words))
                         if allowed[i] and words[i] != word][:4]
                offsets = e["offset_mapping"]
                out.append({
                    "word": text[offsets[at][0]:offsets[end - 1][1]],
                    "index": at, "start": offsets[at][0],
                    "end": offsets[end - 1][1],
                    "candidates": [
                        {"token": token(i), "id": i,
                         "score": number(p[i].item())} for i in order]})
            at = end
        lines.append(line({"expand": out}))
    write("expand.jsonl", lines)


def sparse():
    words = {i: t for t, i in tok.get_vocab().items()}
    lines = []
    for text in PLAIN:
        ids, _ = encode(text)
        w = logits(ids).relu().log1p().max(0).values.tolist()
        lines.append(line({"sparse": {
            words[i]: number(w[i]) for i in best(w, 12) if w[i] > 0}}))
    write("sparse.jsonl", lines)
    ids, _ = encode(LONG)
    windows, takes = window_takes(len(ids), LIMIT, LIMIT // 4)
    whole = [logits([ids[i] for i in window]) for window in windows]
    rows = torch.stack([whole[w][row] for w, row, _ in takes.values()])
    w = rows.relu().log1p().max(0).values.tolist()
    write("sparse-window.jsonl", [line({"sparse": {
        words[i]: number(w[i]) for i in best(w, 40) if w[i] > 0}})])


def main():
    assert BertForPreTraining  # the file is of this class
    write("masked.txt", MASKED)
    write("plain.txt", PLAIN)
    write("pairs.txt", [f"{a}\t{b}" for a, b in PAIRS])
    write("long.txt", [LONG])
    candidates("candidates.jsonl", MASKED, 4)
    pairs()
    targets()
    scores()
    fill()
    expand()
    sparse()


if __name__ == "__main__":
    main()
