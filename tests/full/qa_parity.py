#!/usr/bin/env python3
"""bert-qa against the question-answering pipeline of transformers 4.57, the
last that has it, on real weights.

    qa_parity.py [--count 600] [--model minilm]

The model is MiniLM's body (or another's) with a head made here from a seed. The questions are
sentences of real texts in English, German and Chinese with a word left out,
the contexts these texts, of 5 to 2,000 words.

--compat transformers alone must give the answers, offsets and order of the
pipeline's own defaults (windows of 384 tokens that share 128), its scores
within 1e-5; so must the default where a context fits one window. Over several windows the default is
compared with the rule of bert-qa(1), which tests/gen/qa_rule.py writes down
once more, on logits of transformers' model. Logits within 1e-4 + 1e-5 |b|.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import numpy
import torch
from transformers import (AutoTokenizer, BertForQuestionAnswering,
                          QuestionAnsweringPipeline)

import real_texts

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "gen"))
import qa_rule  # noqa: E402

BIN = os.environ.get("BERTUTILS_BIN", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "bin"))
LENGTH, OVERLAP, LONGEST, SCORES = 384, 128, 15, 1e-5
tests = failures = 0


def report(ok, what):
    global tests, failures
    tests += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} - {what}", flush=True)


def make_model(folder, name):
    models = os.path.join(os.environ["BERTUTILS_ASSETS"], "models")
    body = os.path.join(models, name)
    model = BertForQuestionAnswering.from_pretrained(
        body, dtype=torch.float32).eval()
    generator = torch.Generator().manual_seed(8)
    with torch.no_grad():
        weight = torch.randn(model.qa_outputs.weight.shape,
                             generator=generator)
        model.qa_outputs.weight.copy_(weight * 0.5)
        model.qa_outputs.bias.copy_(torch.tensor([0.5, -0.25]))
    model.save_pretrained(folder)
    if not os.path.exists(os.path.join(body, "vocab.txt")):
        body = os.path.join(models, "minilm")  # the usual vocabulary
    tokenizer = AutoTokenizer.from_pretrained(body)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.save_pretrained(folder)
    return model, tokenizer


def make_pairs(count):
    """(question, context): a run of a text's words with one left out."""
    rng = random.Random(9)
    out = []
    for i, text in enumerate(real_texts.make(count)):
        chinese = i % 3 == 2
        words = ([text[k:k + 2] for k in range(0, len(text), 2)] if chinese
                 else text.split(" "))
        n = min(len(words), rng.randrange(5, 25))
        begin = rng.randrange(len(words) - n + 1)
        part = words[begin:begin + n]
        part[rng.randrange(len(part))] = "什么" if chinese else "what"
        out.append((("" if chinese else " ").join(part) + "?", text))
    return out


def ours(folder, pairs, options):
    if "--compat" not in options:
        options = ["--max-length", str(LENGTH), "--overlap",
                   str(OVERLAP)] + options
    argv = [os.path.join(BIN, "bert-qa"), "-m", folder, "-i", "jsonl",
            "-q"] + options
    lines = "".join(json.dumps({"question": q, "context": c}) + "\n"
                    for q, c in pairs)
    done = subprocess.run(argv, input=lines.encode(), stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"not ok - {' '.join(argv)}: status {done.returncode}")
    return [json.loads(x) for x in done.stdout.splitlines()]


def compare(got, want, what, pairs):
    """Lists of (start, end, text, score) a pair."""
    off, wrong = 0.0, 0
    for (question, _), a, b in zip(pairs, got, want):
        if [x[:3] for x in a] != [x[:3] for x in b]:
            wrong += 1
            if wrong <= 3:
                print(f"# {question[:60]!r}: {a}, not {b}")
            continue
        off = max([off] + [abs(x[3] - y[3]) for x, y in zip(a, b)])
    report(wrong == 0 and off <= SCORES and len(got) == len(want) > 0,
           f"{what}: {len(want)} pairs, {wrong} with other answers, largest "
           f"difference of a score {off:.1e}")


def as_tuples(record):
    return [(a["start"], a["end"], a["text"], a["score"])
            for a in record["answers"]]


def theirs(pipeline, pairs, **options):
    out = []
    for question, context in pairs:
        got = pipeline(question=question, context=context,
                       max_answer_len=LONGEST, **options)
        out.append([(a["start"], a["end"], a["answer"], a["score"])
                    for a in (got if isinstance(got, list) else [got])])
    return out


def by_rule(model, tokenizer, pair, k):
    windows = qa_rule.Windows(model, tokenizer, *pair, LENGTH, OVERLAP)
    return qa_rule.answer(windows, pair[1], k, LONGEST)


def check_rule(folder, model, tokenizer, pairs):
    """The default over several windows; logits and null odds with it."""
    got = ours(folder, pairs, ["-k", "3", "--raw", "--null-threshold", "1e6"])
    rule = [by_rule(model, tokenizer, p, 3) for p in pairs]
    compare([as_tuples(r) for r in got], [r[0] for r in rule],
            "several windows as one context", pairs)
    off, best = 0.0, 0
    for o, (answers, logits, odds) in zip(got, rule):
        off = max(off, abs(o["null_odds"] - odds) / (1 + 0.1 * abs(odds)))
        first = o["answers"][0]
        mine = first["start_logit"], first["end_logit"]
        # Of an answer that is a sum, those of its best span: not always this.
        if abs(sum(mine) - sum(logits)) < 1e-2:
            best += 1
            off = max([off] + [abs(a - b) / (1 + 0.1 * abs(b))
                               for a, b in zip(mine, logits)])
    report(off <= 1e-4 and best > len(pairs) // 2,
           f"null odds of {len(pairs)} contexts, logits of {best} answers, "
           f"largest difference {off:.1e} of 1 + |b| / 10")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--model", default="minilm")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        model, tokenizer = make_model(folder, args.model)
        pairs = make_pairs(args.count)
        sizes = [len(e.ids) for e in
                 tokenizer([q for q, _ in pairs],
                           [c for _, c in pairs])._encodings]
        print(f"# {len(pairs)} pairs of {min(sizes)} to {max(sizes)} tokens, "
              f"{sum(n > LENGTH for n in sizes)} over {LENGTH}, "
              f"{sum(n > 512 for n in sizes)} over 512")
        pipeline = QuestionAnsweringPipeline(model=model, tokenizer=tokenizer,
                                             device="cpu")
        compat = ["--compat", "transformers"]
        want = theirs(pipeline, pairs, top_k=3)
        compare([as_tuples(r) for r in ours(folder, pairs, compat + ["-k3"])],
                want, "--compat transformers, 3 answers", pairs)
        short = [i for i, n in enumerate(sizes) if n <= LENGTH]
        some = [pairs[i] for i in short]
        compare([as_tuples(r) for r in ours(folder, some, ["-k", "3"])],
                [want[i] for i in short], "one window, 3 answers", some)
        some = pairs[::10]
        compare([as_tuples(r) for r in
                 ours(folder, some, compat + ["--no-answer", "-k", "2"])],
                theirs(pipeline, some, top_k=2, handle_impossible_answer=True),
                "--compat transformers --no-answer", some)
        some = pairs[1::10]
        compare([as_tuples(r) for r in
                 ours(folder, some, compat + ["--pieces"])],
                theirs(pipeline, some, top_k=1, align_to_words=False),
                "--compat transformers --pieces", some)
        check_rule(folder, model, tokenizer, [
            p for p, n in zip(pairs, sizes) if n > LENGTH][:100])
    print(f"1..{tests}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
