"""What bert-tag should give, in Python: for tag_groups.py, tag_refs.py and
tests/full/tag_parity.py.

Grouping is transformers' own (TokenClassificationPipeline, 5.23.0), told by word
numbers which token goes on with a word. What it does not know is defined here:
labels with ends (BIOES), the best sequence of labels (--viterbi), and which
window speaks for a token of a long text.
"""
import math
import types

import numpy as np
import transformers
from transformers.pipelines.token_classification import (
    AggregationStrategy, TokenClassificationPipeline)

assert transformers.__version__ == "5.23.0", transformers.__version__

STRATEGIES = ("none", "simple", "first", "average", "max")


# ---- labels with ends -------------------------------------------------------

def has_ends(labels):
    """Whether E- and S- mean something."""
    return any(x[:2] in ("E-", "S-") and ("B-" + x[2:] in labels or
                                          "I-" + x[2:] in labels)
               for x in labels)


class WithEnds(TokenClassificationPipeline):
    """E- ends an entity, S- is one by itself, M- is I-."""

    def part(self, name):
        if name[:2] in ("B-", "I-", "M-", "E-", "S-"):
            return name[0].replace("M", "I"), name[2:]
        return "I", name

    def group_entities(self, entities):
        groups = []
        for entity in entities:
            part, tag = self.part(entity["entity"])
            if groups:
                last, last_tag = self.part(groups[-1][-1]["entity"])
                if tag == last_tag and part in "IE" and last in "BI":
                    groups[-1].append(entity)
                    continue
            groups.append([entity])
        return [self.group_sub_entities(g) for g in groups]


def pipeline(labels):
    """Enough of a pipeline to group and join."""
    cls = WithEnds if has_ends(labels) else TokenClassificationPipeline
    pipe = cls.__new__(cls)
    pipe.model = types.SimpleNamespace(config=types.SimpleNamespace(
        id2label=dict(enumerate(labels))))
    pipe.tokenizer = types.SimpleNamespace(convert_tokens_to_string="".join)
    return pipe


# ---- entities ---------------------------------------------------------------

def entities(labels, words, sides, scores, strategy):
    """(type, first token, last token, score) of each, as the pipeline's
    postprocess(); each text by itself. sides: 0 text, 1 pair, None: no token of
    a text."""
    pipe, out = pipeline(labels), []
    for side in (0, 1):
        tokens = [i for i, s in enumerate(sides) if s == side]
        pre = [{"word": "w", "scores": scores[i], "start": i, "end": i,
                "index": i, "is_subword": b is not None and
                words[b] is not None and words[b] == words[i]}
               for b, i in zip([None] + tokens, tokens)]
        found = pipe.aggregate(pre, AggregationStrategy(strategy)) \
            if pre else []
        for e in found:
            name = e.get("entity", e.get("entity_group"))
            if name != "O":
                out.append((name, e["start"], e["end"], float(e["score"])))
    return out


def units(words, sides, strategy):
    """Lists of tokens that get one label."""
    out = []
    for i, side in enumerate(sides):
        if side is None:
            continue
        if (out and strategy not in ("none", "simple") and
                words[i] is not None and words[out[-1][-1]] == words[i] and
                sides[out[-1][-1]] == side):
            out[-1].append(i)
        else:
            out.append([i])
    return out


def labelled(labels, words, sides, scores, strategy):
    """(label, first token, last token, score) of each word."""
    out = []
    for unit in units(words, sides, strategy):
        row = unit_row(unit, scores, strategy)
        out.append((labels[row.argmax()], unit[0], unit[-1], float(row.max())))
    return out


def unit_row(unit, scores, strategy):
    if strategy == "average":
        return np.nanmean(np.stack([scores[i] for i in unit]), axis=0)
    if strategy == "max":
        return max((scores[i] for i in unit), key=lambda row: row.max())
    return scores[unit[0]]


# ---- the best sequence ------------------------------------------------------

def may_follow(labels, before, label):
    """before, label: None at the start and at the end."""
    ends = has_ends(labels)
    inside = ("I-", "E-", "M-") if ends else ("I-",)
    opened = ("B-", "I-", "M-") if ends else ("B-", "I-")
    before, label = before or "", label or ""
    joined = before[:2] in opened and label[:2] in inside \
        and before[2:] == label[2:]
    starts = label[:2] in inside and "B-" + label[2:] in labels
    unended = ends and before[:2] in opened and "E-" + before[2:] in labels
    return joined or not (starts or unended)


def viterbi(labels, rows):
    """The best allowed sequence of label numbers, by dynamic programming."""
    best = {None: (0.0, ())}
    for row in rows:
        step = {}
        for b, label in enumerate(labels):
            options = [(s, p) for a, (s, p) in best.items()
                       if may_follow(labels, a, label)]
            if options:
                s, p = max(options, key=lambda o: o[0])
                step[label] = (s + math.log(row[b]), p + (b,))
        best = step
    return max((o for a, o in best.items() if may_follow(labels, a, None)),
               key=lambda o: o[0])[1]


def with_viterbi(labels, words, sides, scores, strategy):
    """scores in which each unit's label of the best sequence is the largest,
    with the probability that it has; the others are 0."""
    scores = np.array(scores)
    for side in (0, 1):
        parts = [u for u in units(words, sides, strategy) if sides[u[0]] == side]
        rows = [unit_row(u, scores, strategy).copy() for u in parts]
        for unit, row, label in zip(parts, rows,
                                    viterbi(labels, rows) if rows else ()):
            scores[unit] = 0
            scores[unit, label] = row[label]
    return scores


# ---- windows ----------------------------------------------------------------

def softmax(logits):
    """As the pipeline's postprocess()."""
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def window_logits(run, ids, length, overlap):
    """Logits of each token of [CLS] text [SEP]; run(ids) gives those of one
    sequence. A token of a text over `length` has those of the window in which
    the smaller of the numbers of tokens to its left and right is largest, the
    first of several; windows share `overlap` tokens, as HF's overflow does."""
    if len(ids) <= length:
        return run(ids)
    body, room = ids[1:-1], length - 2
    starts = [0]
    while starts[-1] + room < len(body):
        starts.append(starts[-1] + room - overlap)
    best, rows = {}, [None] * len(ids)
    for start in starts:
        part = body[start:start + room]
        logits = run([ids[0]] + part + [ids[-1]])
        rows[0] = logits[0] if rows[0] is None else rows[0]
        rows[-1] = logits[-1]
        for i in range(len(part)):
            context = min(i, len(part) - 1 - i)
            if start + i not in best or context > best[start + i]:
                best[start + i] = context
                rows[start + i + 1] = logits[i + 1]
    return np.stack(rows)
