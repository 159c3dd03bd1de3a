#!/usr/bin/env python3
"""Make the bench's texts from Debian's documentation packages.

    mktexts.py TOKENIZER.json OUT_FOLDER FOLDER...    (unpacked packages)

    sentences.txt   512 single sentences of 20 to 40 tokens
    paragraphs.txt   96 texts of 170 to 230 tokens
    mix.txt         160 texts, log-normal lengths of 6 to 512 tokens, unsorted
    documents.txt   documents of about 1 kB, at least 10 MB together

One text a line. The same packages give the same files.
"""
import gzip
import html
import os
import random
import re
import sys

from tokenizers import Tokenizer


def files(folders):
    for folder in folders:
        for root, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(root, name)
                if not os.path.islink(path) and \
                        re.search(r"\.(rst|txt)(\.gz)?$", name):
                    yield path


def paragraphs(folders):
    """Prose: begins with a capital, ends a sentence, mostly letters."""
    for path in files(folders):
        opened = gzip.open if path.endswith(".gz") else open
        with opened(path, "rb") as f:
            text = f.read().decode("utf-8", "replace")
        for p in re.split(r"\n\s*\n", text):
            if re.search(r"^\s*(\.\.|>>>|[-=~^*+|]{3,})", p, re.M):
                continue
            p = re.sub(r":[a-z:]+:`[~!]?([^`<]*)(<[^>]*>)?`", r"\1", p)
            p = re.sub(r"[`*]{1,2}([^`*]+)[`*]{1,2}_?", r"\1", p)
            p = " ".join(html.unescape(p).split())
            letters = sum(c.isalpha() or c == " " for c in p)
            if len(p) > 60 and p[0].isupper() and p[-1] in ".!?:" \
                    and letters > 0.85 * len(p):
                yield p


def sentences(source, count, tokens):
    out, seen = [], set()
    for p in source:
        for s in re.split(r"(?<=[.!?])\s+(?=[A-Z])", p):
            if s in seen or not 70 < len(s) < 260:
                continue
            seen.add(s)
            if 20 <= tokens(s) <= 40:
                out.append(s)
                break
        if len(out) == count:
            break
    return out


def build(low, high, source, tokens):
    """Paragraphs joined, and cut at a word, to low..high tokens."""
    text = ""
    for p in source:
        text = (text + " " + p).strip()
        n = tokens(text)
        if n > high:
            words = text.split(" ")
            while n > high and len(words) > 1:
                keep = max(1, min(len(words) - 1, int(len(words) * high / n)))
                words = words[:keep]
                n = tokens(" ".join(words))
            text = " ".join(words)
        if n >= low:
            return text
    return text


def documents(source, size, total):
    """Paragraphs joined to documents of about `size` bytes, `total` in all;
    where the source ends first, it begins again in another order."""
    rng, pool = random.Random(2), list(source)
    out, text, have = [], "", 0
    while have < total:
        rng.shuffle(pool)
        for p in pool:
            text = (text + " " + p).strip()
            if len(text.encode()) >= size:
                cut = text.rfind(" ", 0, size)
                out.append(text[:cut])
                have += len(out[-1].encode()) + 1
                text = text[cut + 1:] if cut > 0 else ""
                if have >= total:
                    break
    return out


def main():
    tokenizer = Tokenizer.from_file(sys.argv[1])
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def tokens(s):
        return len(tokenizer.encode(s).ids)

    out = sys.argv[2]
    pool = list(dict.fromkeys(paragraphs(sys.argv[3:])))
    if not pool:
        sys.exit("mktexts.py: no text found in " + " ".join(sys.argv[3:]))
    rng = random.Random(1)
    rng.shuffle(pool)
    backwards = iter(pool[::-1])
    sets = {"sentences": sentences(pool, 512, tokens)}
    sets["paragraphs"] = [build(170, 230, backwards, tokens)
                          for _ in range(96)]
    sets["mix"] = []
    for _ in range(160):
        want = int(min(512, max(6, rng.lognormvariate(4.0, 1.0))))
        sets["mix"].append(build(max(6, int(want * .9)), max(8, want),
                                 backwards, tokens))
    os.makedirs(out, exist_ok=True)
    for name, texts in sets.items():
        n = sorted(map(tokens, filter(None, texts)))
        print(f"{name}: {len(n)} texts, {sum(n)} tokens, "
              f"median {n[len(n) // 2]}, {n[0]} to {n[-1]}")
    sets["documents"] = documents(pool, 1000, 10 << 20)
    unique = sum(len(p.encode()) + 1 for p in pool)
    print(f"documents: {len(sets['documents'])} texts from {unique} bytes "
          "of different paragraphs")
    for name, texts in sets.items():
        with open(os.path.join(out, name + ".txt"), "w") as f:
            f.writelines(t + "\n" for t in texts if t)


if __name__ == "__main__":
    main()
