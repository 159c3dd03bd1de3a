#!/usr/bin/env python3
"""bert-qa's files of predictions and of null odds, scored as SQuAD's are.

    squad_score.py [--count 200] [--model splade-bert-tiny]

The scorers are evaluate-v1.1.py and evaluate-v2.0.py of SQuAD, in the folder
$BERTUTILS_SQUAD_SCORERS (skipped aloud where it is not set), and what
transformers 4.57 has of the second, squad_evaluate; the two of 2.0 must agree
in every figure.

The documents are made here: real texts in English, German and Chinese, some
over the model's length, and strange ones; questions that are a run of a text's
words with one left out; ids with quotes, escapes and white space. The model is
a real body with a head from a seed, so its answers mean nothing, and the
questions' own answers are chosen to fit: where they are those of the model's
records, -f squad must score 100; where they are a mixture, the best threshold
that the scorer finds must, as --null-threshold, give the score it promised.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import qa_parity  # first: it sets what transformers reads
import real_texts
from transformers.data.metrics.squad_metrics import (normalize_answer,
                                                     squad_evaluate)

SCORERS = os.environ.get("BERTUTILS_SQUAD_SCORERS")
STRANGE_TEXTS = ["", " ", "\u200b\u00ad", "the",
                 "\tthe cat\r\nsat \u00a0 on\n",
                 "Caf\u00e9 cafe\u0301 \U0001f600 \U00020000\u4e2d \\\"/\b\f",
                 "\u2028\u2029 \x7f a\x00b \ufeff"]
STRANGE_IDS = ["", " ", "007", "7", "true", "null", "a b", "\"", "\\", "\\u0041",
               "A", "\u00e9", "e\u0301", "\u2028", "\U0001f600", "\x00\n\t",
               "</script>", "{", "a" * 5000]
FIGURES = ["exact", "f1", "total", "HasAns_exact", "HasAns_f1", "HasAns_total",
           "NoAns_exact", "NoAns_f1", "NoAns_total"]
BEST = ["best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh"]


def report(ok, what):
    qa_parity.report(ok, what)


def skip(what):
    report(True, what + " # skip BERTUTILS_SQUAD_SCORERS is not set")


# ---- Documents ----

def make_document(count):
    """Without answers: of each text one to three questions."""
    rng = random.Random(21)
    pairs = (qa_parity.make_pairs(count) +
             [("What?", text) for text in STRANGE_TEXTS])
    rng.shuffle(pairs)
    ids = iter(STRANGE_IDS + ["%024x" % rng.getrandbits(96)
                              for _ in range(3 * len(pairs))])
    articles = []
    for i, (question, context) in enumerate(pairs):
        if i % 5 == 0:
            articles.append({"title": f"Title \u00e9 {i}", "paragraphs": []})
        wordings = [question, "When " + question, "Who was it: " + question]
        articles[-1]["paragraphs"].append({"context": context, "qas": [
            {"question": q, "id": next(ids)}
            for q in wordings[:rng.randrange(1, 4)]]})
    return {"version": "v2.0", "data": articles}


def questions(document):
    for article in document["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                yield paragraph["context"], qa


def with_answers(document, answers):
    """SQuAD 2.0: answers {id: [texts]}; none: it is impossible."""
    document = json.loads(json.dumps(document))
    for context, qa in questions(document):
        qa["answers"] = [{"text": a, "answer_start": context.index(a)}
                         for a in answers[qa["id"]]]
        qa["is_impossible"] = not qa["answers"]
    return document


def as_version_1(document):
    """SQuAD 1.1: what can be answered."""
    document = json.loads(json.dumps(document))
    document["version"] = "1.1"
    for article in document["data"]:
        for paragraph in article["paragraphs"]:
            paragraph["qas"] = [qa for qa in paragraph["qas"]
                                if qa.pop("is_impossible") is False]
    return document


def other_part(context, rng):
    """A word of the context, in a list; none: it has no words. The scorers know
    neither articles nor punctuation."""
    words = [w for w in context.split() if normalize_answer(w)]
    return [rng.choice(words)] if words else []


# ---- The tool and the scorers ----

class Place:
    """A folder with a model and the files of a run."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def save(self, name, document, **options):
        with open(self.path(name), "w", encoding="utf-8") as f:
            json.dump(document, f, **options)

    def load(self, name):
        def members(pairs):
            if len(dict(pairs)) != len(pairs):
                sys.exit(f"not ok - {name}: a name comes twice")
            return dict(pairs)
        with open(self.path(name), encoding="utf-8") as f:
            return json.load(f, object_pairs_hook=members)

    def qa(self, document, *options, status=0):
        argv = [os.path.join(qa_parity.BIN, "bert-qa"), "-m", self.folder,
                "-i", "squad", *options, self.path(document)]
        done = subprocess.run(argv, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode != status or (done.stderr and not status):
            sys.exit(f"not ok - {' '.join(argv)}: status {done.returncode}, "
                     f"{done.stderr.decode()}")
        return done.stdout

    def predict(self, document, name, *options, status=0):
        with open(self.path(name), "wb") as f:
            f.write(self.qa(document, "-f", "squad", *options, status=status))
        return self.load(name)

    def official(self, version, *argv):
        argv = [sys.executable,
                os.path.join(SCORERS, f"evaluate-v{version}.py"), *argv]
        done = subprocess.run(argv, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode or done.stderr or b"Missing" in done.stdout:
            report(False, " ".join(argv))
            print(f"# status {done.returncode}: " + "\n# ".join(
                (done.stdout + done.stderr).decode().splitlines()[-5:]))
            return None
        return done.stdout

    def score_1(self, document, predictions):
        out = self.official("1.1", self.path(document), self.path(predictions))
        return json.loads(out) if out else {}

    def score_2(self, document, predictions, odds=None, threshold=1.0):
        """What both scorers say, figure by figure; they must agree."""
        examples = [SimpleNamespace(qas_id=qa["id"], answers=qa["answers"])
                    for _, qa in questions(self.load(document))]
        mine = squad_evaluate(examples, self.load(predictions),
                              odds and self.load(odds), threshold)
        if SCORERS is None:
            return mine
        argv = ["--na-prob-thresh", repr(threshold),
                "--out-file", self.path("figures")]
        argv += ["--na-prob-file", self.path(odds)] if odds else []
        out = self.official("2.0", self.path(document), self.path(predictions),
                            *argv)
        if out is None:
            return {}
        figures = self.load("figures")
        other = [k for k in figures if figures[k] != mine[k]]
        report(not other and set(FIGURES) <= set(figures),
               f"{predictions}{' and ' + odds if odds else ''} at {threshold}: "
               f"evaluate-v2.0.py and squad_evaluate agree, "
               f"{len(figures)} figures {other or ''}")
        return figures


def near(figures, wanted):
    return all(k in figures and abs(figures[k] - x) < 1e-9
               for k, x in wanted.items())


def shown(figures, names):
    return ", ".join(f"{k} {figures[k]:.6g}" for k in names if k in figures)


# ---- The checks ----

def check_form(place, document, records):
    """One entry a question, in order; texts and numbers; spelling no matter."""
    none = {"text": ""}
    place.save("plain.json", document)
    place.save("wide.json", document, ensure_ascii=False, indent=2)
    predictions = place.predict("plain.json", "predictions", "--null-odds",
                                place.path("odds"))
    odds = place.load("odds")
    ids = [qa["id"] for _, qa in questions(document)]
    report(list(predictions) == list(odds) == ids and
           all(isinstance(x, str) for x in predictions.values()) and
           all(isinstance(x, (int, float)) for x in odds.values()),
           f"{len(ids)} questions: each has a text and null odds, in order")
    wide = place.predict("wide.json", "wide", "--null-odds",
                         place.path("wide-odds"))
    report(list(wide.items()) == list(predictions.items()) and
           place.load("wide-odds") == odds,
           "the same for a document without escapes, on many lines")
    report(all(predictions.get(r["id"]) == (r["answers"] or [none])[0]["text"]
               and odds.get(r["id"]) == r["null_odds"] for r in records) and
           len(records) == len(ids),
           "and what the records say")
    return predictions, odds


def check_own_answers(place, document, predictions, odds):
    """Right is what the model says at a threshold: all of it must count."""
    rng = random.Random(22)
    finite = sorted(x for x in odds.values() if x < 1e6)
    threshold = finite[len(finite) // 2]
    contexts = {qa["id"]: c for c, qa in questions(document)}
    own = with_answers(document, {
        i: [] if x > threshold or predictions[i] == "" else
        other_part(contexts[i], rng) + [predictions[i]]
        for i, x in odds.items()})
    place.save("own.json", own)
    some = place.predict("own.json", "own", "--null-threshold",
                         repr(threshold))
    figures = place.score_2("own.json", "own")
    count = sum(1 for x in odds.values() if x <= threshold)
    report(near(figures, {"exact": 100, "f1": 100, "HasAns_exact": 100,
                          "HasAns_f1": 100, "NoAns_exact": 100,
                          "NoAns_f1": 100, "HasAns_total": count,
                          "total": len(odds)}),
           f"the model's own answers, --null-threshold {threshold}: "
           f"{shown(figures, FIGURES)}")
    report(sum(not x for x in some.values()) == len(odds) - count,
           f"{len(odds) - count} of {len(odds)} predictions are empty")
    if SCORERS is None:
        skip("the same in the form of SQuAD 1.1")
        return
    place.save("own-1.json", as_version_1(own))
    texts = place.predict("own-1.json", "own-1").values()
    figures = place.score_1("own-1.json", "own-1")
    # To 1.1 two texts of articles and punctuation alone have nothing in common.
    said = sum(bool(normalize_answer(x)) for x in texts)
    report(near(figures, {"exact_match": 100, "f1": 100 * said / len(texts)}),
           f"the same in the form of SQuAD 1.1, {len(texts)} questions, "
           f"{said} answers with words: {shown(figures, figures)}")


def check_threshold(place, document, predictions, odds):
    """The best threshold that is found is as good as it was said to be."""
    rng = random.Random(23)
    ranks = {i: n for n, i in enumerate(sorted(odds, key=odds.get))}
    answers = {}
    for context, qa in questions(document):
        i = qa["id"]
        answers[i] = []
        if predictions[i] and rng.random() > ranks[i] / len(ranks):
            answers[i] = other_part(context, rng) + other_part(context, rng)
        if answers[i] and rng.random() < 0.75:
            answers[i].append(predictions[i])
    place.save("mixed.json", with_answers(document, answers))
    found = place.score_2("mixed.json", "predictions", "odds")
    none = 100 * sum(not a for a in answers.values()) / len(answers)
    report(set(BEST) <= set(found) and none < found["best_exact"] < 100 and
           none < found["best_f1"] < 100,
           f"a mixture, {none:.2f} % of it without an answer: "
           f"{shown(found, FIGURES[:2] + BEST)}")
    for kind in ("exact", "f1"):
        threshold = found.get(f"best_{kind}_thresh", 0.0)
        place.predict("mixed.json", "best", "--null-threshold",
                      repr(threshold))
        figures = place.score_2("mixed.json", "best")
        report(near(figures, {kind: found.get(f"best_{kind}", -1)}),
               f"--null-threshold {threshold}: {shown(figures, FIGURES)}")
        same = place.score_2("mixed.json", "predictions", "odds", threshold)
        report(near(same, {k: figures.get(k, -1) for k in FIGURES}),
               "which the scorer gets from the odds by --na-prob-thresh, too")


def check_failures(place, odds):
    """Questions that are too long have predictions, too."""
    some = place.predict("mixed.json", "failed", "--max-length", "24",
                         "--overlap", "4", "--on-error", "emit", "--null-odds",
                         place.path("failed-odds"), status=1)
    failed = sum(x == 1e6 for x in place.load("failed-odds").values())
    figures = place.score_2("mixed.json", "failed", "failed-odds")
    report(list(some) == list(odds) and failed > len(odds) // 10 and
           near(figures, {"total": len(odds)}),
           f"--on-error emit, {failed} without answers: "
           f"{shown(figures, FIGURES)}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--model", default="splade-bert-tiny")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        qa_parity.make_model(folder, args.model)
        document = make_document(args.count)
        place.save("document.json", document)
        records = [json.loads(x) for x in place.qa(
            "document.json", "--keep", "id", "--null-threshold",
            "1e9").splitlines()]
        predictions, odds = check_form(place, document, records)
        if SCORERS is None:
            skip("evaluate-v1.1.py and evaluate-v2.0.py")
        check_own_answers(place, document, predictions, odds)
        check_threshold(place, document, predictions, odds)
        check_failures(place, odds)
    print(f"1..{qa_parity.tests}")
    sys.exit(1 if qa_parity.failures else 0)


if __name__ == "__main__":
    main()
