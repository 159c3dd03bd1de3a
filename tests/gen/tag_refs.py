#!/usr/bin/env python3
"""What bert-tag should write, for tests/cmd/bert-tag.bats:

    tests/gen/tag_refs.py FOLDER tests/golden/tag

FOLDER is what tests/gen/tiny_bert.c wrote. Texts that fit go through
transformers' own pipeline; longer ones, pairs, split words, labels with ends and
the best sequence through tag_reference.py, which must agree with the pipeline
wherever that has an answer. Models run in float64. Versions: transformers
5.23.0, torch 2.15.0.
"""
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch
from transformers import (AutoModelForTokenClassification, AutoTokenizer,
                          pipeline)

import tag_reference as ref

FOLDER, OUT = sys.argv[1], sys.argv[2]
LENGTH, OVERLAP = 80, 20  # of the tiny models; the default of --overlap

TEXTS = [
    "Anna Berlin flies from Paris to London, Ohio.",
    "today the quick brown FOX jumps over 12 lazy dogs!",
    "",
    "今天天气好 today\u3000øl",
    "[MASK] is in London, na\u00efve \u03be \U0001F600x",
    "a \"quoted\" back\\slash\tand a tab",
    "Grüße aus Köln, sagt Søren O'Neill-Sørensen (53).",
    " ".join(["the cat eats food in the house", "rain and sun today",
              "Zebras 1234 in Wuppertal."] * 3),
]
PAIRS = [("the cat sat in Rome", "Anna ran to Köln"), ("", "water"),
         ("the river", "")]
SPLIT = [["Anna", "O'Neill", "", "\u0001", "flies", "to", "New York"],
         ["今天天气好", "[MASK]", "ok."], []]


class Model:
    def __init__(self, name):
        path = os.path.join(FOLDER, name)
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.model = AutoModelForTokenClassification.from_pretrained(
            path, dtype=torch.float64).eval()
        labels = self.model.config.id2label
        self.labels = [labels[i] for i in range(len(labels))]
        self.pipe = pipeline("token-classification", model=self.model,
                             tokenizer=self.tokenizer)

    def run(self, ids, types=None):
        with torch.no_grad():
            out = self.model(
                input_ids=torch.tensor([ids]),
                token_type_ids=torch.tensor([types or [0] * len(ids)]))
        return out.logits[0].numpy()

    def encode(self, text, pair=None, split=False):
        """ids, words, sides, offsets and probabilities of a record."""
        e = self.tokenizer.backend_tokenizer.encode(text, pair,
                                                    is_pretokenized=split)
        logits = self.run(e.ids, e.type_ids) if pair is not None else \
            ref.window_logits(self.run, e.ids, LENGTH, OVERLAP)
        return e.ids, e.word_ids, e.sequence_ids, e.offsets, \
            ref.softmax(logits)


def near(a, b):
    return len(a) == len(b) and all(
        x[:3] == y[:3] and abs(x[3] - y[3]) < 1e-9 for x, y in zip(a, b))


def by_pipeline(m, text, strategy, found, offsets):
    """The reference must agree with the pipeline."""
    got = [(e.get("entity", e.get("entity_group")), e["start"], e["end"],
            float(e["score"]))
           for e in m.pipe(text, aggregation_strategy=strategy)]
    want = [(t, offsets[a][0], offsets[b][1], s) for t, a, b, s in found]
    assert near(got, want), (text, strategy, got, want)


def entry(m, text, strategy, encoded, entity, name="type"):
    ids, _, _, offsets, _ = encoded
    label, a, b, score = entity
    begin, end = offsets[a][0], offsets[b][1]
    out = {name: label, "text": text[begin:end], "start": begin, "end": end,
           "score": score}
    if strategy == "none":
        out["index"] = a
        out["token"] = m.tokenizer.convert_ids_to_tokens(ids[a])
    return out


def results(m, texts, strategy, viterbi=False, words=False):
    for text in texts:
        encoded = m.encode(text)
        ids, numbers, sides, offsets, scores = encoded
        if viterbi:
            scores = ref.with_viterbi(m.labels, numbers, sides, scores,
                                      strategy)
        if words:
            found = ref.labelled(m.labels, numbers, sides, scores, strategy)
            yield {"text": text, "labels": [
                entry(m, text, strategy, encoded, e, "label") for e in found]}
            continue
        found = ref.entities(m.labels, numbers, sides, scores, strategy)
        if not viterbi and len(ids) <= LENGTH and not ref.has_ends(m.labels):
            by_pipeline(m, text, strategy, found, offsets)
        yield {"text": text, "entities": [
            entry(m, text, strategy, encoded, e) for e in found]}


def pairs(m):
    for text, pair in PAIRS:
        encoded = m.encode(text, pair)
        ids, numbers, sides, offsets, scores = encoded
        out = []
        for e in ref.entities(m.labels, numbers, sides, scores, "first"):
            side = sides[e[1]]
            one = entry(m, (text, pair)[side], "first", encoded, e)
            out.append({"type": one.pop("type"), "text": one.pop("text"),
                        "in": ("text", "pair")[side], **one})
        yield {"text": text, "pair": pair, "entities": out}


def split(m):
    for text in SPLIT:
        _, numbers, sides, offsets, scores = m.encode(text, split=True)
        out = []
        for t, a, b, s in ref.entities(m.labels, numbers, sides, scores,
                                       "simple"):
            first, last = numbers[a], numbers[b]
            slices = text[first:last + 1]
            slices[-1] = slices[-1][:offsets[b][1]]
            slices[0] = slices[0][offsets[a][0]:]
            out.append({"type": t, "text": slices, "words": [first, last + 1],
                        "start": offsets[a][0], "end": offsets[b][1],
                        "score": s})
        yield {"text": text, "entities": out}


def split_words(m):
    for text in SPLIT:
        _, numbers, sides, _, scores = m.encode(text, split=True)
        found = {numbers[a]: (label, s) for label, a, _, s in
                 ref.labelled(m.labels, numbers, sides, scores, "first")}
        yield {"text": text, "labels": [
            {"label": found[i][0], "text": w, "word": i, "score": found[i][1]}
            if i in found else {"label": None, "text": w, "word": i}
            for i, w in enumerate(text)]}


def line(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def write(name, lines):
    with open(os.path.join(OUT, name), "w", encoding="utf-8",
              newline="") as f:
        for x in lines:
            f.write(x + "\n")


def conll(records):
    for record in records:
        for label in record["labels"]:
            word = label["text"].replace("\t", "\\t")
            yield word + "\t" + (label["label"] or "O")
        yield ""


def brat(records):
    number = before = 0
    for record in records:
        for e in record["entities"]:
            number += 1
            yield (f"T{number}\t{e['type']} {before + e['start']} "
                   f"{before + e['end']}\t" + e["text"])
        before += len(record["text"]) + 1


def spacy(records):
    for record in records:
        yield line({"text": record["text"], "entities": [
            [e["start"], e["end"], e["type"]] for e in record["entities"]]})


def main():
    m, ends = Model("tiny-tag"), Model("tiny-tag-ends")
    write("texts.txt", TEXTS)
    for strategy in ref.STRATEGIES:
        write(strategy + ".jsonl", map(line, results(m, TEXTS, strategy)))
        write(f"ends-{strategy}.jsonl",
              map(line, results(ends, TEXTS, strategy)))
    first = list(results(m, TEXTS, "first"))
    words = list(results(m, TEXTS, "first", words=True))
    write("words.jsonl", map(line, words))
    write("words-average.jsonl",
          map(line, results(m, TEXTS, "average", words=True)))
    for name, model in (("viterbi", m), ("ends-viterbi", ends)):
        write(name + ".jsonl",
              map(line, results(model, TEXTS, "first", viterbi=True)))
    write("viterbi-simple.jsonl",
          map(line, results(m, TEXTS, "simple", viterbi=True)))
    write("pairs.txt", ["\t".join(p) for p in PAIRS])
    write("pairs.jsonl", map(line, pairs(m)))
    write("split-texts.jsonl", (line({"text": text}) for text in SPLIT))
    write("split.jsonl", map(line, split(m)))
    write("split-words.jsonl", map(line, split_words(m)))
    write("first.conll", conll(words))
    write("split.conll", conll(split_words(m)))
    write("first.ann", brat(first))
    write("spacy.jsonl", spacy(first))


main()
