#!/usr/bin/env python3
"""What bert-qa should answer, for tests/cmd/bert-qa.bats:

    tests/gen/qa_refs.py FOLDER tests/golden/qa

FOLDER is tiny-qa of tests/gen/tiny_bert.c. The answers are those of the
question-answering pipeline of transformers 4.57.6, the last version that has
it; of several windows as one context (windows.jsonl) those of the rule that
qa_rule.py writes down, on logits of the same model. Offsets in bytes and
UTF-16 are counted from the answers by Python. torch 2.15.0, tokenizers 0.22.2.
"""
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch
from transformers import (AutoTokenizer, BertForQuestionAnswering,
                          QuestionAnsweringPipeline)

import qa_rule

FOLDER, OUT = sys.argv[1], sys.argv[2]
LENGTH, OVERLAP = 30, 6

PAIRS = [
    ("Where is the cat?", "The cat sat on the mat. The dog ran home today."),
    ("who eats food?", "The quick brown fox eats food, the lazy dogs eat "
     "water; FOOD and food and Food."),
    ("Wo ist das Øl?", "Øl und øl, ØL! \u00c4pfel sind unknown\u0301 today"),
    ("天气好吗", "今天天气好 today. London is in the rain\u3000sun \U0001F600x."),
    ("the [MASK] what?", "[MASK] is in London, na\u00efve [SEP] \u03be and "
     "\"quoted\" back\\slash"),
    ("what?", "water"),
    ("the river?", " ".join(["the cat eats food in the house",
                             "Rain and sun today", "the River is water."] * 3)),
    ("what is the weather today in the house?",
     " ".join(["weather", "sun, rain!", "today is the", "unquestionably"] * 6)),
    ("cat", " ".join("the cat sat on mat in house".split() * 7)),
]


def line(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(name, lines):
    with open(f"{OUT}/{name}.jsonl", "w", encoding="utf-8") as f:
        f.writelines(line(x) + "\n" for x in lines)


def of(answers):
    return [{"text": t, "start": s, "end": e, "score": round(float(x), 8)}
            for s, e, t, x in answers]


def ask(pipeline, pairs, **options):
    out = []
    for question, context in pairs:
        got = pipeline(question=question, context=context, **options)
        out.append({"answers": of(
            (a["start"], a["end"], a["answer"], a["score"])
            for a in (got if isinstance(got, list) else [got])
            if a["score"] > 0)})
    return out


def units(record, context):
    def places(encoding, width):
        return [{**a, "start": len(context[:a["start"]].encode(encoding)) //
                 width, "end": len(context[:a["end"]].encode(encoding)) //
                 width} for a in record["answers"]]
    return places("utf-8", 1), places("utf-16-le", 2)


def main():
    torch.set_num_threads(1)
    model = BertForQuestionAnswering.from_pretrained(FOLDER).eval()
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    most = model.config.max_position_embeddings
    tokenizer.model_max_length = most  # the pipeline asks no one else
    pipeline = QuestionAnsweringPipeline(model=model, tokenizer=tokenizer,
                                         device="cpu")
    windows = {"max_seq_len": LENGTH, "doc_stride": OVERLAP}
    short = [p for p in PAIRS if len(tokenizer(*p)["input_ids"]) <= most]
    write("pairs", [{"question": q, "context": c} for q, c in PAIRS])
    write("short", [{"question": q, "context": c} for q, c in short])
    best = ask(pipeline, short, top_k=3)
    write("best", best)
    write("longest", ask(pipeline, short, top_k=5, max_answer_len=3))
    write("none", ask(pipeline, short, top_k=2,
                      handle_impossible_answer=True))
    write("pieces", ask(pipeline, short, top_k=4, align_to_words=False))
    write("compat", ask(pipeline, PAIRS, top_k=3, **windows))
    write("compat-none", ask(pipeline, PAIRS, top_k=2,
                             handle_impossible_answer=True, **windows))
    write("compat-plain", ask(pipeline, PAIRS, top_k=2))
    counted = [units(r, c) for r, (_, c) in zip(best, short)]
    write("bytes", [{"answers": b} for b, _ in counted])
    write("utf16", [{"answers": u} for _, u in counted])
    rule = []
    for q, c in PAIRS:
        w = qa_rule.Windows(model, tokenizer, q, c, LENGTH, OVERLAP)
        answers, _, odds = qa_rule.answer(w, c, 3, 15)
        rule.append({"answers": of(answers), "null_odds": round(odds, 6)})
    write("windows", rule)


os.makedirs(OUT, exist_ok=True)
main()
