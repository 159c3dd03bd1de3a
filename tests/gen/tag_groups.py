"""tag_groups.py - tests/golden/tag/groups.txt: labels to entities, for
tests/unit/test_tag.c

    python3 tests/gen/tag_groups.py > tests/golden/tag/groups.txt

Needs transformers 5.23.0, whose TokenClassificationPipeline groups made-up
probabilities; tag_reference.py has what it does not know. The best sequence of
labels is found by trying all.

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

import numpy as np

from tag_reference import STRATEGIES, entities, may_follow
from tag_reference import viterbi as by_steps

MAPS = [
    ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],             # BIO
    ["B-PER", "O", "I-LOC", "I-PER"],                      # some B- only
    ["O", "I-PER", "I-LOC"],                               # IO
    ["NOUN", "VERB", "O", "E-MAIL", "ODD-ONE"],            # no parts
    ["O", "B-PER", "I-PER", "E-PER", "S-PER", "B-X", "S-X"],   # BIOES
    ["B-A", "M-A", "E-A", "S-A", "O"],                     # BMES
    ["O", "B-A", "I-A", "S-A"],                            # no E-
]


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
    assert found == by_steps(labels, scores)
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
