#!/bin/bash
# paragraphs.sh - one vector a paragraph
#
#   bash examples/paragraphs.sh FILE...
#
# Paragraphs are parted by empty lines. Prints a record of JSON each: the file,
# the number of the paragraph in it, its text, and its embedding; a paragraph
# that is longer than the model reads is taken in windows, not cut.
set -eu -o pipefail
if [ $# -eq 0 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
for file; do
    LC_ALL=C awk -v RS= -v file="$file" '
        function json(s) {
            gsub(/[\\"]/, "\\\\&", s)
            gsub(/[[:cntrl:]]/, " ", s)
            return "\"" s "\""
        }
        {
            printf "{\"file\":%s,\"paragraph\":%d,\"text\":%s}\n",
                json(file), NR, json($0)
        }' < "$file"
done | bert-embed -i jsonl --long window
