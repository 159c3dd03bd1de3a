"""The rule of bert-qa(1) for a context of several windows, written down once
more, for tests/gen/qa_refs.py and tests/full/qa_parity.py."""
import numpy
import torch


class Windows:
    """What the model says of one pair, window by window."""

    def __init__(self, model, tokenizer, question, context, length, overlap):
        e = tokenizer(question, context, truncation="only_second",
                      max_length=length, stride=overlap,
                      return_overflowing_tokens=True)
        self.all = tokenizer(question, context)._encodings[0]
        self.low = self.all.type_ids.index(1)
        self.starts, self.ends = [], []
        for ids, types in zip(e["input_ids"], e["token_type_ids"]):
            with torch.inference_mode():
                out = model(input_ids=torch.tensor([ids]),
                            token_type_ids=torch.tensor([types]))
            self.starts.append(out.start_logits[0].double().numpy())
            self.ends.append(out.end_logits[0].double().numpy())
        self.step = length - self.low - 1 - overlap

    def merged(self):
        """A start and an end logit a token of the context, from the window
        in which it has most context; the least [CLS]."""
        n = len(self.all.ids) - self.low - 1
        best, start, end = [-1] * n, numpy.zeros(n), numpy.zeros(n)
        for k, (s, e) in enumerate(zip(self.starts, self.ends)):
            m = len(s) - self.low - 1
            for i in range(m):
                t = k * self.step + i
                context = min(i, m - 1 - i)
                if context > best[t]:
                    best[t] = context
                    start[t], end[t] = s[self.low + i], e[self.low + i]
        null = min(range(len(self.starts)),
                   key=lambda k: self.starts[k][0] + self.ends[k][0])
        return start, end, self.starts[null][0], self.ends[null][0]


def softmax(x, null):
    most = max(x.max(), null)
    e = numpy.exp(x - most)
    return e / (e.sum() + numpy.exp(null - most))


def answer(windows, context, k, longest):
    """[(start, end, text, score)], the start and end logits of the best span,
    the null odds."""
    start, end, null_start, null_end = windows.merged()
    n, low = len(start), windows.low
    ps, pe = softmax(start, null_start), softmax(end, null_end)
    spans = sorted(((ps[i] * pe[j], i, j) for i in range(n)
                    for j in range(i, min(n, i + longest))),
                   key=lambda x: (-x[0], x[1], x[2]))[:2 * k + 10]
    words, offsets = windows.all.word_ids, windows.all.offsets
    answers = []
    for score, i, j in spans:
        i, j = low + i, low + j
        while i > low and words[i - 1] == words[i]:
            i -= 1
        while j + 1 < low + n and words[j + 1] == words[j]:
            j += 1
        at = offsets[i][0], offsets[j][1]
        text = context[at[0]:at[1]]
        for a in answers:
            if a[2].lower() == text.lower():
                a[3] += score
                break
        else:
            answers.append([*at, text, score])
    answers = sorted(answers, key=lambda a: -a[3])[:k]
    _, i, j = spans[0]
    return ([tuple(a) for a in answers], (start[i], end[j]),
            null_start + null_end - start[i] - end[j])
