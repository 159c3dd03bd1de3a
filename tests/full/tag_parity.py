#!/usr/bin/env python3
"""bert-tag against transformers on real weights: rampart-pii-ner.

    tag_parity.py [--count 600]

Real texts of 5 to 2,000 words in English, German and Chinese (of seven in eight
the beginning), and lines made of names, numbers and addresses, of which such a
model finds many. For each of the
five strategies: type, text, start and end of every entity are the same, scores
differ by 1e-5 at most. Texts that fit are given to transformers' own pipeline;
those that do not, to tests/gen/tag_reference.py (each token in the window in
which it has most context, torch's logits of each window). Logits, by
--aggregate none --raw, differ by 1e-4 + 1e-5 |b| at most.

The pipeline takes a token for a part of a word where its length differs from
that of what it stands for; bert-tag asks the tokenizer for the words. Texts in
which the two are not the same are counted, and go to tag_reference.py too.

A token whose two best labels are as near as the scores may be has no one right
label: texts with one are left out, and counted.
"""
import argparse
import json
import os
import random
import subprocess
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "gen"))

import numpy as np
import torch
from transformers import (AutoModelForTokenClassification, AutoTokenizer,
                          pipeline)

import real_texts
import tag_reference as ref
from tag_reference import AggregationStrategy

BIN = os.environ.get("BERTUTILS_BIN", os.path.join(HERE, "..", "..", "bin"))
SCORES, TIE = 1e-5, 2e-5
tests = failures = 0


def report(ok, what):
    global tests, failures
    tests += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} - {what}", flush=True)


def folder(name):
    return os.path.join(os.environ["BERTUTILS_ASSETS"], "models", name)


def made_up(count):
    """Lines with what the model was made to find."""
    rng = random.Random(5)
    given = ["Anna", "Peter", "Søren", "María José", "Wei", "Jürgen", "Zoë"]
    names = ["Schmidt", "O'Neill", "Müller-Lüdenscheidt", "Lopez", "Nguyen"]
    streets = ["Main Street", "Lindenstraße", "5th Avenue", "Rue de la Paix"]
    cities = ["Springfield", "Köln", "Paris", "San Francisco", "München"]
    for _ in range(count):
        n = rng.choice(given)
        yield (f"{rng.choice(['Dear', 'Sehr geehrte', 'Write to', 'From'])} "
               f"{n} {rng.choice(names)}, {rng.choice(streets)} "
               f"{rng.randrange(1, 300)}, {rng.randrange(10000, 99999)} "
               f"{rng.choice(cities)}. "
               f"{rng.choice(['Mail', 'E-Mail', 'reach me at'])} "
               f"{n.split()[0].lower()}{rng.randrange(99)}@example.org, "
               f"+49 221 {rng.randrange(10**6, 10**7)}; IBAN DE"
               f"{rng.randrange(10**19, 10**20)}; passport "
               f"{rng.choice('CFGHJK')}{rng.randrange(10**7, 10**8)}.")


def beginning(text):
    """100 words, or 200 characters of Chinese."""
    words = text.split(" ")
    return " ".join(words[:100]) if len(words) > 1 else text[:200]


def ours(texts, options):
    """What bert-tag says of texts, a line each."""
    argv = [os.path.join(BIN, "bert-tag"), "-m", folder("rampart-pii-ner"),
            "-i", "text", "-q"] + options
    done = subprocess.run(argv, input="".join(t + "\n" for t in texts).encode(),
                          stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"not ok - {' '.join(argv)}: status {done.returncode}")
    return [json.loads(x)["entities"] for x in done.stdout.splitlines()]


class Reference:
    def __init__(self):
        path = folder("rampart-pii-ner")
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.model = AutoModelForTokenClassification.from_pretrained(
            path, dtype=torch.float32).eval()
        self.length = self.model.config.max_position_embeddings
        names = self.model.config.id2label
        self.labels = [names[i] for i in range(len(names))]
        self.pipe = pipeline("token-classification", model=self.model,
                             tokenizer=self.tokenizer)

    def run(self, ids):
        with torch.inference_mode():
            return self.model(input_ids=torch.tensor([ids])).logits[0].numpy()

    def encode(self, text):
        """The encoding, logits, probabilities, and what the pipeline's own
        model step says of a text that fits (None: too long)."""
        e = self.tokenizer.backend_tokenizer.encode(text)
        if len(e.ids) <= self.length:
            steps = [self.pipe.forward(x) for x in
                     self.pipe.preprocess(text, is_split_into_words=False)]
            logits = steps[0]["logits"][0].numpy()
        else:
            steps = None
            logits = ref.window_logits(self.run, e.ids, self.length,
                                       self.length // 4)
        return e, logits, ref.softmax(logits), steps

    def sees_words(self, e):
        """Whether the pipeline's parts of words are the tokenizer's."""
        unk, before = self.tokenizer.unk_token_id, None
        for token, i, word, side, (a, b) in zip(e.tokens, e.ids, e.word_ids,
                                                e.sequence_ids, e.offsets):
            if side is None:
                continue
            part = i != unk and len(token) != b - a and before is not None
            if part != (before is not None and word == before):
                return False
            before = word
        return True

    def entities(self, e, steps, scores, strategy, own):
        if not own:
            found = self.pipe.postprocess(steps, AggregationStrategy(strategy))
            return [(x.get("entity", x.get("entity_group")), x["start"],
                     x["end"], float(x["score"])) for x in found]
        return [(t, e.offsets[a][0], e.offsets[b][1], s) for t, a, b, s in
                ref.entities(self.labels, e.word_ids, e.sequence_ids, scores,
                             strategy)]


def tied(e, scores, strategy):
    """Two labels of a token or word as near as scores may be."""
    for unit in ref.units(e.word_ids, e.sequence_ids, strategy):
        best = np.sort(ref.unit_row(unit, scores, strategy))
        if best[-1] - best[-2] < TIE:
            return True
        top = max(scores[i].max() for i in unit)
        if strategy == "max" and len({scores[i].argmax() for i in unit if
                                      top - scores[i].max() < TIE}) > 1:
            return True
    return False


def check_strategy(model, texts, encoded, strategy):
    got = ours(texts, ["--aggregate", strategy])
    worst, wrong, ties, own, found = 0.0, 0, 0, 0, 0
    for text, (e, _, scores, steps), mine in zip(texts, encoded, got):
        if tied(e, scores, strategy):
            ties += 1
            continue
        by_reference = steps is None or not model.sees_words(e)
        own += by_reference
        want = model.entities(e, steps, scores, strategy, by_reference)
        have = [(x["type"], x["start"], x["end"], x["score"]) for x in mine]
        same = [h[:3] for h in have] == [w[:3] for w in want] and all(
            x["text"] == text[x["start"]:x["end"]] for x in mine)
        if not same:
            wrong += 1
            print(f"# {text[:200]!r}\n# is {have[:8]}\n# not {want[:8]}")
            continue
        found += len(want)
        worst = max([worst] + [abs(h[3] - w[3]) for h, w in zip(have, want)])
    report(len(got) == len(texts) and wrong == 0 and worst <= SCORES
           and found > len(texts) and ties <= len(texts) // 20,
           f"rampart-pii-ner: --aggregate {strategy}: {len(texts)} texts, "
           f"{found} entities the same in {len(texts) - own - ties} by the "
           f"pipeline and {own} by the reference, {wrong} texts differ, "
           f"{ties} ties, scores differ by {worst:.1e} at most")


def check_logits(texts, encoded):
    got = ours(texts, ["--aggregate", "none", "--raw"])
    worst, largest, count = 0.0, 0.0, 0
    for (e, logits, _, _), mine in zip(encoded, got):
        want = np.array([row for row, s in zip(logits, e.sequence_ids)
                         if s is not None], "f8").reshape(-1, logits.shape[1])
        have = np.array([x["logits"] for x in mine]).reshape(-1,
                                                             logits.shape[1])
        if have.shape != want.shape:
            return report(False, f"logits: {have.shape}, not {want.shape}")
        if [x["index"] for x in mine] != [
                i for i, s in enumerate(e.sequence_ids) if s is not None]:
            return report(False, "logits: other tokens")
        if len(want):
            off = abs(have - want)
            largest = max(largest, off.max())
            worst = max(worst, (off / (1e-4 + 1e-5 * abs(want))).max())
            count += want.size
    report(worst <= 1 and count > 0,
           f"rampart-pii-ner: {count} logits differ by {largest:.1e} at most, "
           f"{worst:.2f} of what they may")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=600)
    args = parser.parse_args()
    if not os.path.exists(os.path.join(folder("rampart-pii-ner"),
                                       "model.safetensors")):
        print("ok - rampart-pii-ner # skip not under $BERTUTILS_ASSETS\n1..1")
        return
    texts = [t if k % 8 == 0 else beginning(t)
             for k, t in enumerate(real_texts.make(args.count))] + list(made_up(args.count // 3))
    model = Reference()
    encoded = [model.encode(t) for t in texts]
    long = sum(steps is None for _, _, _, steps in encoded)
    report(long >= args.count // 20,
           f"{len(texts)} texts, {long} of them over {model.length} tokens, "
           f"{sum(not model.sees_words(x[0]) for x in encoded)} with words that "
           "the pipeline does not see")
    check_logits(texts, encoded)
    for strategy in ref.STRATEGIES:
        check_strategy(model, texts, encoded, strategy)
    print(f"1..{tests}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
