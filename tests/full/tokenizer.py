#!/usr/bin/env python3
"""tokenizer.py - ids, offsets and words against Hugging Face's tokenizers

Every Unicode scalar value in three forms, real text, truncation and windows,
for each vocabulary. Needs tokenizers 0.23.3.

    tokenizer.py DUMP NAME:MODE:VOCAB... [--text FILE...] [--only WHAT]

DUMP is tok_dump (beside this file), MODE `c` (cased) or `u` (uncased). WHAT is
`scalars`, `text` or `cut`. Prints TAP; the numbers of differences are in it.
"""
import os
import struct
import subprocess
import sys
import tempfile

import numpy
import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors

PINNED = '0.23.3'
SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']


def reference(vocab_path, mode):
    vocab = models.WordPiece.read_file(vocab_path)
    t = Tokenizer(models.WordPiece(vocab, unk_token='[UNK]'))
    t.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None,
        lowercase=mode == 'u')
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    t.add_special_tokens([AddedToken(s, special=True, normalized=False)
                          for s in SPECIAL if s in vocab])
    t.post_processor = processors.TemplateProcessing(
        single='[CLS]:0 $A:0 [SEP]:0', pair='[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1',
        special_tokens=[('[CLS]', vocab['[CLS]']), ('[SEP]', vocab['[SEP]'])])
    return t


def expected(t, texts):
    out = []
    for e in t.encode_batch(texts):
        n = len(e.ids)
        row = numpy.empty((n, 4), numpy.int32)
        row[:, 0] = e.ids
        row[:, 1] = [-1 if w is None else w for w in e.word_ids]
        row[:, 2:] = e.offsets
        out.append(row.tobytes())
    return out


class Ours:
    def __init__(self, dump, vocab, mode):
        self.command = [dump, '-V', vocab, '-' + mode]

    def encode(self, texts):
        with tempfile.TemporaryFile() as f:
            for text in texts:
                raw = text.encode()
                f.write(struct.pack('<I', len(raw)) + raw)
            f.seek(0)
            data = subprocess.run(self.command, stdin=f, check=True,
                                  stdout=subprocess.PIPE).stdout
        at, out = 0, []
        while at < len(data):
            n = struct.unpack_from('<I', data, at)[0]
            out.append(data[at + 4:at + 4 + 16 * n])
            at += 4 + 16 * n
        return out


def compare(t, ours, texts, show):
    bad = 0
    want, got = expected(t, texts), ours.encode(texts)
    assert len(want) == len(got)
    for text, w, g in zip(texts, want, got):
        if w != g:
            bad += 1
            if show[0] > 0:
                show[0] -= 1
                print('#', ascii(text[:100]), len(text))
                for name, b in (('want', w), ('got', g)):
                    rows = numpy.frombuffer(b, numpy.int32).reshape(-1, 4)
                    print('#  ', name, rows[:12].tolist())
    return bad


FORMS = [('alone', '{0}'), ('inside', 'a{0}b'),
         ('marked', 'e{0}\u0301\u0327{0}\u0323Z')]
SCALARS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def scalars(t, ours, result):
    for name, form in FORMS:
        bad, show = 0, [5]
        for i in range(0, len(SCALARS), 100000):
            part = [form.format(c) for c in SCALARS[i:i + 100000]]
            bad += compare(t, ours, part, show)
        result(bad == 0, f'every scalar value {name}: {len(SCALARS)} texts, '
                         f'{bad} differences')


def real_text(t, ours, result, paths):
    size = lines = bad = 0
    show = [5]
    for path in paths:
        with open(path, encoding='utf-8', errors='ignore', newline='\n') as f:
            texts = f.read().split('\n')
        # Long texts too: the file in pieces of many lines.
        texts += ['\n'.join(texts[i:i + 200]) for i in range(0, len(texts), 200)]
        for i in range(0, len(texts), 20000):
            part = texts[i:i + 20000]
            size += sum(len(x.encode()) for x in part)
            lines += len(part)
            bad += compare(t, ours, part, show)
    result(bad == 0, f'real text: {lines} texts, {size} bytes, '
                     f'{bad} differences')


def main():
    args, texts, specs, only = sys.argv[1:], [], [], None
    dump = args.pop(0)
    while args:
        a = args.pop(0)
        if a == '--text':
            texts, args = args, []
            if '--only' in texts:
                at = texts.index('--only')
                only = texts[at + 1]
                texts = texts[:at]
        elif a == '--only':
            only = args.pop(0)
        else:
            specs.append(a.split(':', 2))
    if tokenizers.__version__ != PINNED:
        print(f'1..0 # skip tokenizers {tokenizers.__version__}, not {PINNED}')
        return
    count = failed = 0

    def result(good, what):
        nonlocal count, failed
        count += 1
        failed += not good
        print(f'{"ok" if good else "not ok"} {count} - {name}: {what}',
              flush=True)

    for name, mode, vocab in specs:
        t, ours = reference(vocab, mode), Ours(dump, vocab, mode)
        if only in (None, 'text') and texts:
            real_text(t, ours, result, texts)
        if only in (None, 'scalars'):
            scalars(t, ours, result)
    print(f'1..{count}')
    sys.exit(failed > 0)


if __name__ == '__main__':
    main()
