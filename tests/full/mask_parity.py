#!/usr/bin/env python3
"""bert-mask against transformers on real weights.

    mask_parity.py [--count 500] [--models LIST]

Candidates: real texts of 5 to 2,000 words in English, German and Chinese, most of
them short, some longer than the model takes, with one to four words masked at
random places.
Tokens, ids and sequences have to be the same and in the same order, but for
scores that lie within 1e-6 of each other; scores may differ by 1e-5. transformers
projects the masked rows alone; on some texts its own pipeline is asked too.
Scores (--score) and sparse vectors (--sparse) are compared with their formulas in
torch, and rxnfp's SMILES, as ids, with transformers.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

import real_texts

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
BIN = os.environ.get("BERTUTILS_BIN", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "bin"))
SCORES, TIES, LOGS, WEIGHTS = 1e-5, 1e-6, 1e-4, 1e-5

# folder: (languages, share of the texts)
MODELS = {"bert-base-uncased": (("en", "de"), 0.6),
          "bert-base-multilingual-cased": (("zh", "de", "en"), 0.4)}
tests = failures = 0


def report(ok, what):
    global tests, failures
    tests += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} - {what}", flush=True)


def folder(name):
    return os.path.join(os.environ["BERTUTILS_ASSETS"], "models", name)


def has(name):
    if os.path.exists(os.path.join(folder(name), "model.safetensors")):
        return True
    print(f"ok - {name} # skip not under $BERTUTILS_ASSETS")
    return False


def ours(name, lines, options):
    """What bert-mask writes for lines of input, as objects."""
    argv = [os.path.join(BIN, "bert-mask"), "-m", folder(name), "-q"] + options
    done = subprocess.run(argv, input="".join(x + "\n" for x in lines).encode(),
                          stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"not ok - {' '.join(argv)}: status {done.returncode}")
    return [json.loads(x) for x in done.stdout.splitlines()]


def load(name):
    import torch
    from transformers import AutoTokenizer, BertForMaskedLM
    model = BertForMaskedLM.from_pretrained(folder(name), dtype=torch.float32)
    return AutoTokenizer.from_pretrained(folder(name)), model.eval()


def cover(text, language, rng):
    """The text with 1 to 4 of its first 120 words, or characters, masked."""
    parts = list(text) if language == "zh" else text.split(" ")
    parts = [p.replace("[MASK]", "") for p in parts]
    at = rng.sample(range(min(len(parts), 120)),
                    min(len(parts), rng.choice([1, 1, 1, 2, 3, 4])))
    for i in at:
        parts[i] = "[MASK]"
    return ("" if language == "zh" else " ").join(parts)


def masked_texts(count, languages):
    """One in 15 as long as it comes, the others short: a base model takes its
    time."""
    rng = random.Random(11)
    out = []
    for i, text in enumerate(real_texts.make(4 * count, languages)):
        language = languages[i % len(languages)]
        longest = 100 if language == "zh" else 250
        if len(out) % 15 == 7:
            if len(text) > 8 * longest:
                out.append(cover(text, language, rng))
        elif len(text) <= longest:
            out.append(cover(text, language, rng))
    return out[:count]


def theirs(tokenizer, model, text):
    """ids, masks and the probabilities at them."""
    import torch
    e = tokenizer(text, truncation=True, max_length=512, return_tensors="pt")
    ids = e["input_ids"][0]
    places = (ids == tokenizer.mask_token_id).nonzero()[:, 0]
    with torch.inference_mode():
        rows = model.bert(**e).last_hidden_state[0, places]
        return ids.tolist(), places.tolist(), model.cls(rows).softmax(-1)


def sequence(tokenizer, ids, at, token, single):
    ids = ids[:at] + [token] + ids[at + 1:]
    return tokenizer.decode([i for i in ids if i != tokenizer.pad_token_id],
                            skip_special_tokens=single)


def check_row(tokenizer, ids, at, p, got, single):
    """The largest difference of a score, and what is wrong in words."""
    values, order = p.topk(len(got))
    worst = 0.0
    for c, value, token in zip(got, values.tolist(), order.tolist()):
        worst = max(worst, abs(c["score"] - p[c["id"]].item()),
                    abs(c["score"] - value))
        if c["id"] != token and abs(p[c["id"]].item() - value) > TIES:
            return worst, f"{c['token']!r}, not {tokenizer.decode([token])!r}"
        if c["token"] != tokenizer.decode([c["id"]]):
            return worst, f"token {c['token']!r}"
        want = sequence(tokenizer, ids, at, c["id"], single)
        if c["sequence"] != want:
            return worst, f"{c['sequence']!r}, not {want!r}"
    return worst, None


def check_candidates(name, count):
    languages, share = MODELS[name]
    texts = masked_texts(max(6, int(count * share)), languages)
    tokenizer, model = load(name)
    got = ours(name, texts, ["-i", "text"])
    worst, wrong, masks, cut = 0.0, [], 0, 0
    for text, record in zip(texts, got):
        ids, places, p = theirs(tokenizer, model, text)
        cut += record.get("truncated", False)
        if [m["index"] for m in record["mask"]] != places:
            wrong.append(f"masks {[m['index'] for m in record['mask']]}")
            continue
        for row, at, m in zip(p, places, record["mask"]):
            off, why = check_row(tokenizer, ids, at, row, m["candidates"],
                                 len(places) == 1)
            worst = max(worst, off)
            masks += 1
            if why:
                wrong.append(f"{text[:60]!r}: {why}")
    for line in wrong[:5]:
        print(f"# {line}")
    report(len(got) == len(texts) and not wrong and worst <= SCORES,
           f"{name}: {masks} masks in {len(texts)} texts "
           f"({', '.join(languages)}; {cut} over 512 tokens), largest "
           f"difference of a score {worst:.1e}, {len(wrong)} wrong")
    check_pipeline(name, tokenizer, model, texts, got)
    check_scores(name, tokenizer, model)


def check_pipeline(name, tokenizer, model, texts, got, count=10):
    from transformers import pipeline
    fill = pipeline("fill-mask", model=model, tokenizer=tokenizer)
    worst, wrong, n = 0.0, 0, 0
    for text, record in zip(texts, got):
        if len(text) > 250 or n == count:
            continue
        n += 1
        rows = fill(text)
        rows = [rows] if len(record["mask"]) == 1 else rows
        wrong += len(rows) != len(record["mask"])
        for row, m in zip(rows, record["mask"]):
            for c, o in zip(row, m["candidates"]):
                worst = max(worst, abs(c["score"] - o["score"]))
                wrong += (c["token"], c["token_str"], c["sequence"]) != (
                    o["id"], o["token"], o["sequence"])
    report(n > 0 and not wrong and worst <= SCORES,
           f"{name}: the pipeline itself on {n} texts, {worst:.1e}, "
           f"{wrong} wrong")


def check_scores(name, tokenizer, model, count=8):
    import torch
    texts = [t for t in real_texts.make(120, MODELS[name][0])
             if len(t) < 120][:count]
    worst = 0.0
    for text, record in zip(texts, ours(name, texts, ["-i", "text",
                                                      "--score"])):
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        at = torch.arange(1, ids.shape[1] - 1)
        rows = ids.repeat(len(at), 1)
        rows[torch.arange(len(at)), at] = tokenizer.mask_token_id
        with torch.inference_mode():
            hidden = model.bert(input_ids=rows).last_hidden_state
            logs = model.cls(hidden[torch.arange(len(at)), at]).log_softmax(-1)
        want = logs[torch.arange(len(at)), ids[0, at]].tolist()
        mine = [s["score"] for s in record["scores"]]
        if len(mine) != len(want):
            return report(False, f"{name}: --score of {len(mine)} tokens")
        worst = max([worst, abs(sum(want) - record["score"]) / len(want)] +
                    [abs(a - b) for a, b in zip(mine, want)])
    report(worst <= LOGS, f"{name}: --score of {len(texts)} texts, largest "
           f"difference of a logarithm {worst:.1e}")


def check_sparse(name="splade-bert-tiny", count=300):
    import torch
    texts = real_texts.make(count, ("en", "de", "zh"))
    tokenizer, model = load(name)
    words = {i: t for t, i in tokenizer.get_vocab().items()}
    worst, wrong = 0.0, 0
    for text, record in zip(texts, ours(name, texts, ["-i", "text",
                                                      "--sparse"])):
        e = tokenizer(text, truncation=True, max_length=512,
                      return_tensors="pt")
        with torch.inference_mode():
            w = model(**e).logits[0].relu().log1p().max(0).values
        want = {words[i]: x for i, x in enumerate(w.tolist()) if x > WEIGHTS}
        mine = record["sparse"]
        wrong += any(t not in mine for t in want)
        wrong += list(mine.values()) != sorted(mine.values(), reverse=True)
        ids = [tokenizer.convert_tokens_to_ids(t) for t in mine]
        worst = max([worst] + [abs(w[i].item() - x)
                               for i, x in zip(ids, mine.values())])
    report(not wrong and worst <= WEIGHTS,
           f"{name}: --sparse of {len(texts)} texts, largest difference "
           f"{worst:.1e}, {wrong} wrong")


def check_smiles(name="rxnfp-pretrained"):
    """ids alone: its vocabulary is no WordPiece of raw SMILES."""
    tokens = "[CLS] C C ( = O ) [MASK] . O C C >> C C ( = O ) O C C [SEP]"
    with open(os.path.join(folder(name), "vocab.txt"), encoding="utf-8") as f:
        vocab = {t.rstrip("\n"): i for i, t in enumerate(f)}
    line = json.dumps({"ids": [vocab[t] for t in tokens.split()]})
    with tempfile.TemporaryDirectory() as place:
        for file in os.listdir(folder(name)):
            os.symlink(os.path.join(folder(name), file),
                       os.path.join(place, file))
        config = os.path.join(place, "tokenizer_config.json")
        if not os.path.exists(config):
            with open(config, "w", encoding="utf-8") as f:
                f.write('{"do_lower_case":false}')
        got = ours(place, [line], ["-k", "2"])[0]["mask"][0]["candidates"]
    report([c["token"] for c in got] == ["O", "Cl"] and
           abs(got[0]["score"] - 0.753172) <= SCORES and
           abs(got[1]["score"] - 0.242911) <= SCORES,
           f"{name}: {got[0]['token']} {got[0]['score']:.6f}, "
           f"{got[1]['token']} {got[1]['score']:.6f}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--models", default=",".join(
        ["splade-bert-tiny", "rxnfp-pretrained", *MODELS]))
    args = parser.parse_args()
    for name in args.models.split(","):
        if not has(name):
            continue
        if name == "splade-bert-tiny":
            check_sparse()
        elif name == "rxnfp-pretrained":
            check_smiles()
        else:
            check_candidates(name, args.count)
    print(f"1..{tests}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
