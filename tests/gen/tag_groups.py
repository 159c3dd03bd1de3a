"""tag_groups.py - tests/golden/tag_groups.txt: labels to entities, for
tests/unit/test_tag.c

    python3 tests/gen/tag_groups.py > tests/golden/tag_groups.txt

Needs transformers 5.23.0: its own TokenClassificationPipeline groups made-up
probabilities, told by word numbers which token goes on with a word. What it does
not know is defined here: labels with ends (BIOES), and --viterbi, by trying
every sequence.

A case:
    map LABEL ...
    words N ...           of each token
    types N ...           0: text, 1: pair
    row N ...             a token's probabilities, in 1/1024
    none|simple|first|average|max TYPE:FIRST:LAST:SCORE ...   in tokens
    viterbi N ...         the labels of the tokens
    end
"""
import itertools
import math
import random
import types

import numpy as np
import transformers
from transformers.pipelines.token_classification import (
    AggregationStrategy, TokenClassificationPipeline)

assert transformers.__version__ == "5.23.0", transformers.__version__

MAPS = [
    ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],             # BIO
    ["B-PER", "O", "I-LOC", "I-PER"],                      # some B- only
    ["O", "I-PER", "I-LOC"],                               # IO
    ["NOUN", "VERB", "O", "E-MAIL", "ODD-ONE"],            # no parts
    ["O", "B-PER", "I-PER", "E-PER", "S-PER", "B-X", "S-X"],   # BIOES
    ["B-A", "M-A", "E-A", "S-A", "O"],                     # BMES
    ["O", "B-A", "I-A", "S-A"],                            # no E-
]
STRATEGIES = ("none", "simple", "first", "average", "max")


def has_ends(labels):
    """Whether E- and S- mean something."""
    return any(x[:2] in ("E-", "S-") and ("B-" + x[2:] in labels or
                                          "I-" + x[2:] in labels)
               for x in labels)


class WithEnds(TokenClassificationPipeline):
    """E- ends an entity, S- is one by itself, M- is I-."""

    def part(self, name):
        if name[:2] in ("B-", "I-", "M-", "E-", "S-"):
            return name[0].replace("M", "I"), name[2:]
        return "I", name

    def group_entities(self, entities):
        groups = []
        for entity in entities:
            part, tag = self.part(entity["entity"])
            if groups:
                last, last_tag = self.part(groups[-1][-1]["entity"])
                if tag == last_tag and part in "IE" and last in "BI":
                    groups[-1].append(entity)
                    continue
            groups.append([entity])
        return [self.group_sub_entities(g) for g in groups]


def pipeline(labels):
    cls = WithEnds if has_ends(labels) else TokenClassificationPipeline
    pipe = cls.__new__(cls)
    pipe.model = types.SimpleNamespace(config=types.SimpleNamespace(
        id2label=dict(enumerate(labels))))
    pipe.tokenizer = types.SimpleNamespace(convert_tokens_to_string="".join)
    return pipe


def entities(labels, words, sides, scores, strategy):
    """As the pipeline's postprocess(), each text by itself."""
    pipe, out = pipeline(labels), []
    strategy = AggregationStrategy(strategy)
    for side in (0, 1):
        tokens = [i for i, s in enumerate(sides) if s == side]
        before = [None] + tokens
        pre = [{"word": "w", "scores": scores[i], "start": i, "end": i,
                "index": i, "is_subword": b is not None and
                words[b] is not None and words[b] == words[i]}
               for b, i in zip(before, tokens)]
        for e in pipe.aggregate(pre, strategy) if pre else []:
            name = e.get("entity", e.get("entity_group"))
            if name != "O":
                out.append((name, e["start"], e["end"], float(e["score"])))
    return out


def may_follow(labels, before, label):
    """before, label: None at the start and at the end."""
    tag, old = (label or "")[2:], (before or "")[2:]
    inside, opened = ("I-", "E-"), ("B-", "I-")
    if has_ends(labels):
        inside, opened = ("I-", "E-", "M-"), ("B-", "I-", "M-")
    joined = (before or "")[:2] in opened and (label or "")[:2] in inside \
        and tag == old
    ends = has_ends(labels)
    starts = (label or "")[:2] in (inside if ends else ("I-",)) \
        and "B-" + tag in labels
    unended = ends and (before or "")[:2] in opened and "E-" + old in labels
    return joined or not (starts or unended)


def viterbi(labels, scores):
    """The best path; an error where two are as good."""
    best, found = -math.inf, None
    logs = np.log(scores.astype("f8"))
    for path in itertools.product(range(len(labels)), repeat=len(scores)):
        names = [None] + [labels[p] for p in path] + [None]
        if all(may_follow(labels, a, b) for a, b in zip(names, names[1:])):
            total = sum(logs[i][p] for i, p in enumerate(path))
            if total > best - 1e-9:
                tie = total < best + 1e-9
                best, found = total, path
    if tie:
        raise ValueError("a tie")
    return found


def both_texts(labels, sides, scores):
    out = []
    for side in (0, 1):
        part = scores[[i for i, s in enumerate(sides) if s == side]]
        out += viterbi(labels, part) if len(part) else []
    return out


def random_case(rng, labels):
    """Probabilities of which neighbours are often alike."""
    n = rng.randrange(1, 6 if len(labels) < 6 else 5)
    words, word = [], 0
    for i in range(n):
        word += i > 0 and rng.random() < 0.6
        words.append(None if rng.random() < 0.05 else word)
    split = rng.randrange(1, n + 1) if rng.random() < 0.2 else n
    rows = []
    for _ in range(n):
        row = [rng.randrange(1, 200) for _ in labels]
        row[rng.randrange(len(labels))] += rng.randrange(700)
        rows.append(row)
    return words, [int(i >= split) for i in range(n)], rows


def main():
    rng = random.Random(3)
    done = 0
    while done < 12 * len(MAPS):
        labels = MAPS[done % len(MAPS)]
        words, sides, rows = random_case(rng, labels)
        scores = np.array(rows, "f4") / 1024
        try:
            best = both_texts(labels, sides, scores)
        except ValueError:
            continue
        done += 1
        print("map", *labels)
        print("words", *(-1 if w is None else w for w in words))
        print("types", *sides)
        for row in rows:
            print("row", *row)
        for strategy in STRATEGIES:
            print(strategy, *(f"{t}:{a}:{b}:{s:.9g}" for t, a, b, s in
                              entities(labels, words, sides, scores, strategy)))
        print("viterbi", *best)
        print("end")


main()
