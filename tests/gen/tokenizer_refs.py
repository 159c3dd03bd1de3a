#!/usr/bin/env python3
"""tokenizer_refs.py - reference vectors of tests/unit/test_tokenizer.c

Writes tests/golden/tokenizer: three small tokenizers (`uncased`, `cased` from
vocab.txt, `added` as tokenizer.json with added tokens of every kind) and
cases.jsonl, what Hugging Face's tokenizers makes of hard texts. Needs
tokenizers 0.23.3; the same bytes every time. google.jsonl is what Google's
tokenization.py (google-research/bert eedf5716) gives; the second argument
names a copy without its imports of tensorflow and six; Unicode 15.0 or
before, for no text has newer characters.

    tokenizer_refs.py [FOLDER [tokenization.py]]
"""
import json
import os
import random
import sys

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors

assert tokenizers.__version__ == '0.23.3'
OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(os.path.abspath(__file__)), '..', 'golden', 'tokenizer')

SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
WORDS = '''the quick brown fox jump jumps over lazy dog un ##aff ##able ##able
aff able embed ##ding ##dings don ' t do not n't 's it was is isn ##n The Quick
Paris hello Hello world ##s ##ed ##ing play player play ##er straße strasse cafe
café naïve resume ##ume res ΣΊΣΥΦΟΣ σισυφος ##ος σισυφ i ##stanbul istanbul
привет мир ##ет прив й и ##и ##й ё е 東 京 都 東京 は ひ ら ##ら ##が カ タ ##タ
가 ᄀ ##ᅡ ##ᆨ ##ᄀ ᄒ ##ᅡ ##ᆫ ש ##ל ##ו ##ם ก ##า a ##b ##a b c ##c
##\u302e ##\u1b44 ##\u302f [unused0]'''
CHARS = ([chr(c) for c in range(33, 127)] +
         list('äöüßéèêçñøåœæıİ«»…—–‘’“”。，、！？「」·€£©®°±²³½ªº') +
         ['\u0301', '\u0327', '\u0307', '\u302e', '\u1b44', '\u0300'])


def vocabulary():
    tokens = SPECIAL[:1] + ['[unused1]'] + SPECIAL[1:]
    tokens += WORDS.split() + CHARS + ['##' + c for c in CHARS if c.isalnum()]
    # A repeated token keeps its last id: the file keeps both lines.
    seen, lines = set(), []
    for t in tokens:
        if t not in seen or t == '##able':
            lines.append(t)
        seen.add(t)
    return lines


def build(vocab, lower, strip=None, added=()):
    t = Tokenizer(models.WordPiece(vocab, unk_token='[UNK]'))
    t.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=strip,
        lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    t.add_special_tokens([AddedToken(s, special=True, normalized=False)
                          for s in SPECIAL])
    t.add_tokens(list(added))
    t.post_processor = processors.TemplateProcessing(
        single='[CLS]:0 $A:0 [SEP]:0', pair='[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1',
        special_tokens=[('[CLS]', vocab['[CLS]']), ('[SEP]', vocab['[SEP]'])])
    return t


ADDED = [
    AddedToken('<left>', lstrip=True, normalized=False),
    AddedToken('<right>', rstrip=True, normalized=False),
    AddedToken('<both>', lstrip=True, rstrip=True, normalized=False),
    AddedToken('alone', single_word=True, normalized=False),
    AddedToken('allone', normalized=False),
    AddedToken('Yesterday', normalized=True),
    AddedToken('Écrit', normalized=True, single_word=True),
    AddedToken('b c', normalized=True, lstrip=True),
    AddedToken('<left><right>', normalized=False),
    AddedToken('[ENT]', special=True, normalized=False),
    AddedToken('東京タ', normalized=False),
]

TEXTS = [
    '', ' ', '\t\n\r ', 'the', 'The quick brown fox jumps over the lazy dog.',
    'unaffable embeddings', "don't isn't it's", 'a\x0bb a\x0cb a\x1cb a\x85b',
    'a\u2028b\u2029c\xa0d\u3000e\u200bf\u00adg\ufeffh', '\x00a\ufffdb\x7f',
    'café cafe\u0301 CAFÉ', 'naïve résumé', 'e\u0301\u0327x\u0327\u0301',
    '\u0301', '\u0301a', 'a \u0301b', '!\u0301b', 'a\u0344b', 'q\u0307\u0323',
    'a\u302e\u0301b', 'a\u0301\u302eb', 'x\u1b44\u0327\u0301\u302ey',
    'é\u302e\u0327b', 'aç\u302eb', 'ç\u302f\u1b44\u0301e',
    '\u302e\u0301 a', 'ΣΊΣΥΦΟΣ Σ', 'İstanbul I\u0307 ı ISTANBUL',
    'Straße STRASSE', 'Привет, МИР! Й Ё', '東京都はひらがなカタカナ', 'a東b京c',
    '東\u0301京', '한국어 가각 학', 'ก็า กา', 'שלום', '\ufa0e\ufa10\u2f800 \u2b820a',
    '≠ a≮b `\u1fef`', '\u037e;\u0387', 'x\u0338=\u0338', '😀 a😀b 👨\u200d👩',
    'a' * 100, 'a' * 101, 'Ä' * 100, 'é' * 101, '가' * 34, '가' * 50, '가' * 51,
    'ab' * 49 + ' ' + 'ab' * 51, '[MASK]', 'a[MASK]b', '[mask] [MASK ]',
    '[MASK]\u0301x', '[[MASK]]', '[CLS] a [SEP][SEP] b', 'e[UNK]\u0301',
    '[unused0] [unused1]', '##able a##able', 'https://example.org/a?b=c&d=e_f',
    '3.14 1,000 50% $5 C++ a_b-c', '“quoted” ‘single’ — dash… «guille»',
    '。，、！？「東」', 'the  quick\tbrown\nfox', 'lazydog', 'xyzzyqqq thequick',
    'ｆｕｌｌ　ｗｉｄｔｈ', '\U000e0041a\U000e007f', '\ue000a\uf8ff \U000f0000b',
    'd\u0323\u0307 \u1e0d\u0307', '\u0958 \u09dc', 'ﬁ ligature ǅ ǆ', 'K Å Ω',
    'abcdefghijklmno p', 'abcdefghijklmnop q', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    'thequickbrownfoxjumps', 'the\u00e9quickbrownfo', 'a\u0301' * 60,
]
ADDED_TEXTS = [
    'a <left> b', 'a  \u3000<left>b', 'a<right>  \t b', 'a  <both>  b', '<both>',
    '  <both>  ', 'x <right> <left> y', '<right>   <left>', '<left><right> a',
    'alone', 'alone.', 'aalone alone_ alone', 'éalone alone\u0301 alone東',
    'allone', 'allonealone', 'a yesterday B', 'YESTERDAY yesterdaY', 'Yésterday',
    'xyesterdayx', 'écrit ECRIT écrite', 'é écrit', 'a b c d', 'xb cy', 'B  C',
    'b\tc', 'a  b c', '東京タ 東京タワー', '[ENT]a[ENT]', 'a[ENT] Yesterday [MASK]',
    'yester\u200bday', 'e\u0301crit', '<LEFT>', 'Yesterday\u0301 a',
]


def row(e):
    return [e.ids, e.type_ids, e.word_ids, e.offsets]


def cases(name, t, texts, rng):
    for text in texts:
        yield {'set': name, 'text': text, 'want': [row(t.encode(text))]}
    for _ in range(12):
        a, b = rng.choice(texts), rng.choice(texts)
        yield {'set': name, 'text': a, 'pair': b, 'want': [row(t.encode(a, b))]}
        yield {'set': name, 'text': a, 'pair': b, 'bare': True,
               'want': [row(t.encode(a, b, add_special_tokens=False))]}
    for _ in range(12):
        words = rng.choices(texts, k=rng.randint(1, 5))
        yield {'set': name, 'text': words,
               'want': [row(t.encode(words, is_pretokenized=True))]}
        other = rng.choices(texts, k=rng.randint(1, 3))
        yield {'set': name, 'text': words, 'pair': other,
               'want': [row(t.encode(words, other, is_pretokenized=True))]}


STRATEGIES = ['longest_first', 'only_first', 'only_second']


def cut_cases(t, rng):
    """Truncation and windows, all lengths of two short texts."""
    for _ in range(230):
        m, n = rng.randint(0, 9), rng.choice([None] + list(range(10)))
        a = ' '.join(rng.choices('abc', k=m))
        b = None if n is None else ' '.join(rng.choices('abc', k=n))
        strategy = rng.choice(STRATEGIES)
        side = rng.choice(['left', 'right'])
        length = rng.randint(2 if b is None else 3, 16)
        overlap = rng.choice([0, 0, 1, 2])
        case = {'set': 'uncased', 'text': a, 'max': length, 'overlap': overlap,
                'strategy': STRATEGIES.index(strategy), 'left': side == 'left'}
        if b is not None:
            case['pair'] = b
        try:
            t.enable_truncation(length, stride=0, strategy=strategy,
                                direction=side)
            cut = t.encode(a, b)
            yield dict(case, want=[row(cut)])
            whole = (m + (n or 0)) + (2 if b is None else 3)
            if len(cut.ids) == 2 + (b is not None) and whole > len(cut.ids):
                continue  # no room: HF's overflow is then the whole text
            t.enable_truncation(length, stride=overlap, strategy=strategy,
                                direction=side)
            e = t.encode(a, b)
            if any(len(w.ids) > length for w in e.overflowing):
                continue
            yield dict(case, windows=True,
                       want=[row(w) for w in [e] + e.overflowing])
        except BaseException:  # the wheel panics where the overlap is too large
            yield dict(case, windows=True, want=None)
        finally:
            t.no_truncation()


def decode_cases(name, t, texts, rng):
    size = t.get_vocab_size()
    lists = [t.encode(x).ids for x in texts]
    lists += [[rng.randrange(size) for _ in range(rng.randint(1, 12))]
              for _ in range(30)]
    for ids in lists:
        for skip in (False, True):
            yield {'set': name, 'decode': ids, 'skip': skip,
                   'want': t.decode(ids, skip_special_tokens=skip)}


def write(name, text):
    path = os.path.join(OUT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8', newline='') as f:
        f.write(text)


def write_lines(name, rows):
    write(name, ''.join(
        json.dumps(r, ensure_ascii=False, separators=(',', ':')) + '\n'
        for r in rows))


def google(path, lines):
    """Texts through Google's class, without special tokens; those with a final
    sigma are left out, which is documented."""
    space = {}
    with open(path, encoding='utf-8') as f:
        exec(compile(f.read(), path, 'exec'), space)  # it is no package
    vocab = {t: i for i, t in enumerate(lines)}
    for lower in (True, False):
        basic = space['BasicTokenizer'](do_lower_case=lower)
        pieces = space['WordpieceTokenizer'](vocab=vocab)
        for text in TEXTS + ['a' * 150, 'a' * 201, '\ue000a', '\U0002b820a']:
            if 'Σ' not in text:
                yield {'lower': lower, 'text': text, 'want': [
                    vocab[p] for w in basic.tokenize(text)
                    for p in pieces.tokenize(w)]}


def main():
    rng = random.Random(7)
    lines = vocabulary()
    vocab = {t: i for i, t in enumerate(lines)}
    sets = {'uncased': build(vocab, True), 'cased': build(vocab, False)}
    for name, t in sets.items():
        write(name + '/vocab.txt', '\n'.join(lines) + '\n')
        config = {'do_lower_case': name == 'uncased', 'strip_accents': None,
                  'tokenize_chinese_chars': True,
                  'tokenizer_class': 'BertTokenizer'}
        write(name + '/tokenizer_config.json', json.dumps(config) + '\n')
    small = {t: i for i, t in enumerate(dict.fromkeys(lines))}
    sets['added'] = build(small, True, added=ADDED)
    data = json.loads(sets['added'].to_str())
    write('added/tokenizer.json', json.dumps(data, ensure_ascii=False) + '\n')
    out = []
    for name, t in sets.items():
        texts = ADDED_TEXTS if name == 'added' else TEXTS
        out += cases(name, t, texts, rng)
        out += decode_cases(name, t, texts[::4], rng)
    out += cut_cases(sets['uncased'], rng)
    write_lines('cases.jsonl', out)
    if len(sys.argv) > 2:
        write_lines('google.jsonl', google(sys.argv[2], lines))


if __name__ == '__main__':
    main()
