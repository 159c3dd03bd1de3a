"""window_rule.py - tests/golden/window_rule.tsv: which window each token of a
long text is taken from (cmd/common/windows.h)

    python3 tests/gen/window_rule.py > tests/golden/window_rule.tsv

Needs tokenizers 0.23.3, whose overflow gives the windows; the rule is applied
here, straight from its definition. A line: tokens of the text, of its pair (0:
none), max_length, stride, side, strategy, then for every token of the whole
encoding the window it is taken from, in the order of the text for one text, in
that of the overflow for a pair; then how many windows there are.
"""
import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__

VOCAB = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}
for text in "ab":
    for i in range(200):
        VOCAB[f"{text}{i}"] = len(VOCAB)
NAMES = {v: k for k, v in VOCAB.items()}


def words(text, count):
    return " ".join(f"{text}{i}" for i in range(count))


def encode(n, m, max_length, stride, side, strategy):
    tok = Tokenizer(models.WordLevel(VOCAB, unk_token="[UNK]"))
    tok.pre_tokenizer = pre_tokenizers.Whitespace()
    tok.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    tok.enable_truncation(max_length, stride=stride, strategy=strategy,
                          direction=side)
    first = (tok.encode(words("a", n), words("b", m)) if m
             else tok.encode(words("a", n)))
    return [[NAMES[i] for i in e.ids] for e in [first] + first.overflowing]


def number(token):
    return int(token[1:])


def rule(windows, n, m):
    """The window of each token of [CLS] a0.. [SEP] (b0.. [SEP])."""
    if not m and len(windows) > 1:
        windows = sorted(windows, key=lambda w: number(w[1]))
    whole = ["[CLS]"] + [f"a{i}" for i in range(n)] + ["[SEP]"]
    if m:
        whole += [f"b{i}" for i in range(m)] + ["[SEP]"]
    best = {}
    for k, window in enumerate(windows):
        for side in "ab":
            run = [t for t in window if t[0] == side]
            for i, token in enumerate(run):
                context = min(i, len(run) - 1 - i)
                if token not in best or context > best[token][0]:
                    best[token] = (context, k)
    out = [best[t][1] if t[0] != "[" else 0 for t in whole]
    out[-1] = len(windows) - 1
    return out, len(windows)


def main():
    cases = [(n, 0, length, stride, side, "longest_first")
             for side in ("right", "left")
             for n in (7, 8, 9, 20, 31)
             for length, stride in ((9, 0), (9, 1), (9, 2), (9, 6), (4, 1))
             if n > length - 2]
    cases += [(n, m, length, stride, side, strategy)
              for side in ("right", "left")
              for strategy in ("longest_first", "only_first", "only_second")
              for n, m, length, stride in ((12, 4, 11, 1), (4, 12, 11, 2),
                                           (9, 9, 14, 1))
              if not (strategy == "only_first" and n < m)
              and not (strategy == "only_second" and m < n)]
    for case in cases:
        out, count = rule(encode(*case), case[0], case[1])
        print(*case, " ".join(map(str, out)), count, sep="\t")


main()
