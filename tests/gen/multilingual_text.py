#!/usr/bin/env python3
"""multilingual_text.py OUT - about 30 MB of real text in many scripts, a line each

Takes Debian packages by name through apt-get download (run apt-get update
first) and keeps the prose in them: HTML paragraphs of two handbooks in a dozen
languages, Japanese manual pages, country and language names in 120 languages,
and word lists in Arabic, Hebrew, Hindi, Thai, Vietnamese and Persian. Nothing
of it is committed.
"""
import glob
import gettext
import gzip
import html
import os
import re
import subprocess
import sys
import tempfile

PACKAGES = """installation-guide-amd64 debian-handbook manpages-ja iso-codes
hunspell-ar hunspell-he hunspell-hi hunspell-th hunspell-vi myspell-fa""".split()
LIMIT = 1_000_000  # bytes a source: a script that is long must not crowd out one that is short


def lines_of_html(path):
    text = open(path, encoding="utf-8", errors="replace").read()
    for part in re.split(r"</?(?:p|li|h\d|dd|dt|td|pre|div)\b[^>]*>", text):
        line = " ".join(html.unescape(re.sub(r"<[^>]*>", "", part)).split())
        if len(line) > 2:
            yield line


def lines_of_mo(path):
    with open(path, "rb") as f:
        for key, value in sorted(gettext.GNUTranslations(f)._catalog.items(), key=str):
            if key:
                yield " ".join(str(value).split())


def lines_of_words(path):
    data = open(path, "rb").read()
    try:
        words = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return
    for i in range(0, len(words), 8):
        yield " ".join(w.split("/")[0] for w in words[i : i + 8]).strip()


def lines_of_man(path):
    for line in gzip.open(path, "rt", encoding="utf-8", errors="replace"):
        if not line.startswith((".", "'")):
            yield line.strip()


SOURCES = (("html", lines_of_html), ("mo", lines_of_mo), ("dic", lines_of_words), ("gz", lines_of_man))


def main(out):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        subprocess.run(["apt-get", "download", "-qq", *PACKAGES], cwd=folder, check=True)
        for deb in sorted(glob.glob(folder + "/*.deb")):
            subprocess.run(["dpkg", "-x", deb, folder + "/x"], check=True)
        groups = {}
        for root, _, names in os.walk(folder + "/x"):
            for name in names:
                path = os.path.join(root, name)
                for ending, reader in SOURCES:
                    if name.endswith("." + ending) and not os.path.islink(path):
                        if ending != "gz" or "/man/ja/" in path:
                            groups.setdefault((ending, root), []).append((path, reader))
        seen = set()
        with open(out, "w", encoding="utf-8", newline="\n") as f:
            for group in sorted(groups):
                size = 0
                for path, reader in sorted(groups[group], key=lambda x: x[0]):
                    for line in reader(path):
                        if line and line not in seen and size < LIMIT:
                            seen.add(line)
                            f.write(line + "\n")
                            size += len(line.encode())
    print(out, os.path.getsize(out), "bytes")


if __name__ == "__main__":
    main(sys.argv[1])
