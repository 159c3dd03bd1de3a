#!/usr/bin/env python3
"""hf_tables.py - write hf_tables.json, asking the wheel of tokenizers 0.23.3

    python3 tests/gen/hf_tables.py > tests/gen/hf_tables.json

What its crates say of every Unicode scalar value, found from outside: each is
given, alone or between letters, to the step of the tokenizer that shows it.

    removed, space   cleaned away; split at by White_Space
    mn               dropped after NFD (normalizers/bert.rs, strip_accents)
    punct            a piece of its own (pre_tokenizers/bert.rs)
    nfd, lower       becomes others; Hangul, which is arithmetic, left out
    ccc              the combining class: which marks it changes places with
    word             no place beside an added token that is a word by itself
                     (added_vocabulary.rs; \\w of the crate regex)

Takes a minute. Needs tokenizers 0.23.3 (tests/bench/requirements.txt).
"""
import json
import sys
import unicodedata

import tokenizers
from tokenizers import (AddedToken, Tokenizer, models, normalizers,
                        pre_tokenizers)

VERSION = "0.23.3"
SOURCE = (
    f"tokenizers {VERSION}: unicode_categories 0.1.1 (Unicode 8), "
    "unicode-normalization-alignments 0.1.12 (Unicode 9), Rust std "
    "(Unicode 17); word: \\w of its regex, asked of the wheel. "
    "Unicode License v3")
SCALARS = [*range(0xD800), *range(0xE000, 0x110000)]
HANGUL = range(0xAC00, 0xD7A4)


def bert(**steps):
    off = dict(clean_text=False, handle_chinese_chars=False,
               strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **steps}).normalize_str


def ranges(test):
    """[[first, last], ...] of the code points for which test is true."""
    out = []
    for c in SCALARS:
        if test(chr(c)):
            if out and out[-1][1] == c - 1:
                out[-1][1] = c
            else:
                out.append([c, c])
    return out


def changed(step):
    """{hexadecimal: [code points]} of what a normalizer changes."""
    return {f"{c:X}": [ord(x) for x in step(chr(c))] for c in SCALARS
            if c not in HANGUL and step(chr(c)) != chr(c)}


def pieces(splitter, c):
    return [text for text, _ in splitter.pre_tokenize_str(f"a{c}b")]


def classes(nfd):
    """Combining classes, by the places that marks take beside others.

    NFD sorts marks by class. Python knows a mark of each class: of Unicode
    3.2, whose classes are the wheel's as well, else one that the wheel sorts. A
    mark has the class of the one that it never changes places with.
    """
    def swaps(a, b):
        return nfd("a" + a + b) != "a" + a + b

    low, high = "\u0334", "\u0345"  # of the classes 1 and 240
    known = {}
    for ucd in unicodedata.ucd_3_2_0, unicodedata:
        for c in SCALARS[0x300:0x1E000]:
            if nfd(chr(c)) == chr(c) and (
                    swaps(chr(c), low) or swaps(high, chr(c))):
                known.setdefault(ucd.combining(chr(c)), chr(c))
    known.pop(0, None)
    order = sorted(known)

    out = {}
    for c in SCALARS:
        mark = nfd(chr(c))[:1]  # the class of 0340 is that of 0300
        if not swaps(mark, low) and not swaps(high, mark):
            continue
        # Of what decomposes the class does not show: 0F73 has none.
        if len(nfd(chr(c))) > 1 and not unicodedata.combining(chr(c)):
            continue
        same = [k for k in order if not swaps(mark, known[k])
                and not swaps(known[k], mark)]
        if len(same) != 1:
            sys.exit(f"hf_tables.py: U+{c:04X} has no class: {same}")
        out[f"{c:X}"] = same[0]
    return out


def main():
    if tokenizers.__version__ != VERSION:
        sys.exit(f"hf_tables.py: needs tokenizers {VERSION}, not "
                 f"{tokenizers.__version__}")
    clean, strip = bert(clean_text=True), bert(strip_accents=True)
    nfd = normalizers.NFD().normalize_str
    lower = normalizers.Lowercase().normalize_str
    single = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    single.add_tokens([AddedToken("[X]", single_word=True)])
    by_space = pre_tokenizers.WhitespaceSplit()
    by_bert = pre_tokenizers.BertPreTokenizer()
    tables = {
        "source": SOURCE,
        "removed": ranges(lambda c: clean(c) == ""),
        "space": ranges(lambda c: pieces(by_space, c) == ["a", "b"]),
        "mn": ranges(lambda c: strip(c) == ""),
        "punct": ranges(lambda c: pieces(by_bert, c) == ["a", c, "b"]),
        "ccc": classes(nfd),
        "nfd": changed(nfd),
        "lower": changed(lower),
        "word": ranges(
            lambda c: single.encode("[X]" + c).tokens[0] != "[X]"),
    }
    lines = (f"{json.dumps(name)}: " + json.dumps(
        table, separators=(",", ":")) for name, table in tables.items())
    print("{\n" + ",\n".join(lines) + "\n}")


if __name__ == "__main__":
    main()
