#!/usr/bin/env python3
"""Model folders that are broken, each in one way.

    break_model.py FOLDER OUT

OUT/<case>/ is a copy of FOLDER (links but for the broken file); a line a case
on standard output: name TAB what the message must name. FOLDER is a good model
of two layers or more.
"""
import io
import json
import os
import pickle
import shutil
import struct
import sys
import warnings
import zipfile


def read_safetensors(path):
    with open(path, "rb") as f:
        data = f.read()
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + size]), data[8 + size:]


def safetensors(header, data):
    h = header if isinstance(header, bytes) else json.dumps(header).encode()
    h += b" " * (-len(h) % 8)
    return struct.pack("<Q", len(h)) + h + data


def weights_cases(header, data):
    """Name: (bytes of model.safetensors, what the message must name)."""
    good = safetensors(header, data)
    names = sorted(n for n in header if n != "__metadata__")
    matrix = next(n for n in names if n.endswith("attention.self.query.weight"))
    row = next(n for n in names if n.endswith("attention.self.query.bias"))

    def with_tensor(name, **changes):
        changed = {n: dict(t) for n, t in header.items()}
        changed[name].update(changes)
        return safetensors(changed, data)

    begin, end = header[matrix]["data_offsets"]
    shape = header[matrix]["shape"]
    nan = bytearray(data)
    nan[begin:begin + 4] = struct.pack("<f", float("nan"))
    missing = {("other" if n == row else n): t for n, t in header.items()}
    hole = {n: t for n, t in header.items() if n != row}
    doubled = json.dumps(header)[:-1] + "," + json.dumps(row) + ":" \
        + json.dumps(header[row]) + "}"
    file = "model.safetensors"
    cases = {
        "empty": (b"", file),
        "seven bytes": (good[:7], file),
        "header alone": (good[:8], file),
        "header cut": (good[:100], file),
        "header longer than file": (
            struct.pack("<Q", len(good)) + good[8:], file),
        "header of 2^63": (struct.pack("<Q", 1 << 63) + good[8:], file),
        "header of 2^64-1": (struct.pack("<Q", (1 << 64) - 1) + good[8:],
                             file),
        "header of nothing": (struct.pack("<Q", 0) + good[8:], file),
        "header no JSON": (safetensors(b"{nonsense}", data), file),
        "header an array": (safetensors(b"[1,2,3]", data), file),
        "header of bad UTF-8": (safetensors(b'{"\xff\xfe":{}}', data), file),
        "header nested deep": (safetensors(
            b'{"a":' + b"[" * 200000 + b"]" * 200000 + b"}", data), file),
        "tensor no object": (safetensors({**header, row: 1}, data), row),
        "tensor twice": (safetensors(doubled.encode(), data), file),
        "tensor without dtype": (safetensors(
            {**header, row: {k: v for k, v in header[row].items()
                             if k != "dtype"}}, data), row),
        "data cut": (good[:-1], file),
        "data cut by half": (good[:len(good) // 2], file),
        "data gone": (good[:-len(data)], file),
        "offsets beyond the file": (with_tensor(
            matrix, data_offsets=[begin, end + (1 << 40)]), matrix),
        "offsets backwards": (with_tensor(matrix, data_offsets=[end, begin]),
                              matrix),
        "offsets negative": (with_tensor(matrix, data_offsets=[-4, end]),
                             matrix),
        "offsets of 2^64": (with_tensor(
            matrix, data_offsets=[begin, 1 << 64]), file),
        "offsets too few": (with_tensor(matrix, data_offsets=[begin]), matrix),
        "shape larger than data": (with_tensor(
            matrix, shape=[shape[0] * 2, shape[1]]), matrix),
        "shape overflows": (with_tensor(
            matrix, shape=[1 << 62, 1 << 62]), matrix),
        "shape of 2^63": (with_tensor(matrix, shape=[1 << 63]), file),
        "shape negative": (with_tensor(matrix, shape=[-1, -1]), matrix),
        "shape of strings": (with_tensor(matrix, shape=["a"]), matrix),
        "dtype unknown": (with_tensor(matrix, dtype="Q7"), matrix),
        "dtype of another size": (with_tensor(matrix, dtype="F64"), matrix),
        "dtype of integers": (with_tensor(matrix, dtype="I32"), matrix),
        "tensor missing": (safetensors(missing, data), row),
        "data of no tensor": (safetensors(hole, data), file),
        "not a number": (safetensors(header, bytes(nan)), "finite"),
    }
    turned = with_tensor(matrix, shape=[shape[0] // 2, shape[1] * 2])
    cases["shape another"] = (turned, matrix)
    return cases


class Runs:
    """What a pickle of this does when it is loaded the usual way."""
    def __init__(self, call, *args):
        self.call = call, args

    def __reduce__(self):
        return self.call


def torch_cases():
    """Name: (bytes of pytorch_model.bin, what the message must name)."""
    golden = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                          "golden", "torch")

    def archive(content, method=zipfile.ZIP_STORED, twice=False):
        out = io.BytesIO()
        with warnings.catch_warnings(), \
                zipfile.ZipFile(out, "w", method) as file:
            warnings.simplefilter("ignore")
            for _ in range(1 + twice):
                file.writestr("a/data.pkl", content)
        return out.getvalue()

    def stream(content):
        return (b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
                + pickle.dumps(1001, 2)
                + pickle.dumps({"little_endian": True}, 2) + content)

    with open(os.path.join(golden, "zip.bin"), "rb") as f:
        good_zip = f.read()
    with open(os.path.join(golden, "stream.bin"), "rb") as f:
        good_stream = f.read()
    file = "pytorch_model.bin"
    cases = {
        "empty": (b"", file), "zeros": (bytes(4096), file),
        "other tensors": (good_zip, "embeddings"),
        "compressed": (archive(pickle.dumps({}, 2), zipfile.ZIP_DEFLATED),
                       "compressed"),
        "a member twice": (archive(pickle.dumps({}, 2), twice=True), "twice"),
        "no dict": (archive(pickle.dumps([1], 2)), "dict"),
        "nested deep": (stream(b"\x80\x02" + b"(" * 100000), "nested"),
        "billion laughs": (stream(
            b"\x80\x02]q\0" + b"](h\0h\0h\0h\0eq\0" * 30000 + b"."), file),
        "values without end": (stream(b"\x80\x02(" + b"]" * 2000000), "more"),
        "a long string": (stream(b"\x80\x04\x8d" + b"\xff" * 8), file),
    }
    for protocol in 2, 4:
        for call in (os.system, "true"), (eval, "1"), (exec, ""), (
                getattr, "", "upper"), (open, "/tmp/made"):
            evil = pickle.dumps({"a": Runs(*call)}, protocol)
            name = f"{call[0].__name__}, protocol {protocol}"
            cases[name] = (archive(evil), call[0].__name__)
            cases[name + ", stream"] = (stream(evil), call[0].__name__)
    for share in range(1, 20):
        cases[f"zip, {share * 5} %"] = (
            good_zip[:len(good_zip) * share // 20], file)
        cases[f"stream, {share * 5} %"] = (
            good_stream[:len(good_stream) * share // 20], file)
    return cases


def config_cases(good):
    """Name: (text of config.json, what the message must name)."""
    def but(**changes):
        changed = dict(good)
        for name, value in changes.items():
            if value is None:
                del changed[name]
            else:
                changed[name] = value
        return json.dumps(changed)

    file = "config.json"
    hidden, heads = good["hidden_size"], good["num_attention_heads"]
    layers, middle = good["num_hidden_layers"], good["intermediate_size"]
    # Where config and weights disagree the message names tensor or member.
    return {
        "empty": ("", file), "no JSON": ("hidden_size: 3", file),
        "an array": ("[]", file), "a number": ("7", file),
        "an object of nothing": ("{}", file),
        "nested deep": ('{"a":' * 5000 + "1" + "}" * 5000, file),
        "bad UTF-8": ('{"hidden_act":"\udcff"}', file),
        "hidden_size absent": (but(hidden_size=None), "hidden_size"),
        "hidden_size zero": (but(hidden_size=0), "hidden_size"),
        "hidden_size negative": (but(hidden_size=-hidden), "hidden_size"),
        "hidden_size text": (but(hidden_size=str(hidden)), "hidden_size"),
        "hidden_size huge": (but(hidden_size=1 << 40), ""),
        "hidden_size other": (but(hidden_size=hidden * 2), "weight"),
        "heads zero": (but(num_attention_heads=0), "num_attention_heads"),
        "heads do not divide": (but(num_attention_heads=hidden - 1), "heads"),
        "layers zero": (but(num_hidden_layers=-1), "num_hidden_layers"),
        "layers one more": (but(num_hidden_layers=layers + 1),
                            f"layer.{layers}"),
        "layers a milliard": (but(num_hidden_layers=1000000000), ""),
        "layers beyond int": (but(num_hidden_layers=1 << 80), file),
        "middle other": (but(intermediate_size=middle + 8), "intermediate"),
        "vocab_size other": (but(vocab_size=good["vocab_size"] + 1),
                             "word_embeddings"),
        "positions other": (but(max_position_embeddings=good[
            "max_position_embeddings"] * 2), "position_embeddings"),
        "types other": (but(type_vocab_size=7), "token_type_embeddings"),
        "activation unknown": (but(hidden_act="swoosh"), "swoosh"),
        "activation a number": (but(hidden_act=3), "hidden_act"),
        "family another": (but(model_type="gpt2"), "gpt2"),
        "positions relative": (but(
            position_embedding_type="relative_key"), "relative_key"),
        "epsilon negative": (but(layer_norm_eps=-1), "layer_norm_eps"),
        "epsilon text": (but(layer_norm_eps="small"), "layer_norm_eps"),
        "heads other": (but(num_attention_heads=heads * 3), "heads"),
    }


def tokenizer_cases(folder):
    """Name: (file, bytes, what the message must name)."""
    with open(os.path.join(folder, "vocab.txt"), "rb") as f:
        vocab = f.read()
    lines = vocab.split(b"\n")[:-1]

    def without(token):
        return b"\n".join(b"[other]" if x == token else x
                          for x in lines) + b"\n"

    name, config = "vocab.txt", "tokenizer_config.json"
    return {
        "vocab empty": (name, b"", "[UNK]"),
        "vocab of bad UTF-8": (name, vocab.replace(b"\n", b"\xff\n", 9), name),
        "vocab without UNK": (name, without(b"[UNK]"), "[UNK]"),
        "vocab without CLS": (name, without(b"[CLS]"), "[CLS]"),
        "vocab without SEP": (name, without(b"[SEP]"), "[SEP]"),
        "vocab longer than the model's": (
            name, vocab + b"".join(b"zz%d\n" % i for i in range(99)), ""),
        "tokenizer_config no JSON": (config, b"{", config),
        "tokenizer_config an array": (config, b"[]", config),
        "tokenizer_config says nothing": (config, b"{}", "cased"),
        "modules no JSON": ("modules.json", b"[{]", "modules.json"),
        "modules an object": ("modules.json", b"{}", "modules.json"),
        "modules of no type": ("modules.json", b'[{"idx":0,"path":""}]',
                               "modules.json"),
        "modules unknown": ("modules.json", json.dumps([
            {"idx": 0, "path": "",
             "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "path": "1_Magic",
             "type": "sentence_transformers.models.Magic"}]).encode(),
            "Magic"),
        "modules outside the folder": ("modules.json", json.dumps([
            {"idx": 0, "path": "",
             "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "path": "../../etc",
             "type": "sentence_transformers.models.Pooling"}]).encode(), ""),
    }


def broken(folder, out, case, file, content, without=()):
    """A copy of folder by links, one file with other content (None: none)."""
    to = os.path.join(out, case)
    shutil.rmtree(to, ignore_errors=True)
    os.makedirs(to)
    for name in os.listdir(folder):
        if name != file and name not in without:
            os.symlink(os.path.abspath(os.path.join(folder, name)),
                       os.path.join(to, name))
    if content is not None:
        with open(os.path.join(to, file), "wb") as f:
            f.write(content)


def main():
    folder, out = sys.argv[1:3]
    cases = []
    header, data = read_safetensors(os.path.join(folder, "model.safetensors"))
    with open(os.path.join(folder, "config.json")) as f:
        config = json.load(f)
    for name, (content, need) in weights_cases(header, data).items():
        cases.append(("weights: " + name, "model.safetensors", content, need))
    for name, (text, need) in config_cases(config).items():
        cases.append(("config: " + name, "config.json",
                      text.encode("utf-8", "surrogateescape"), need))
    for name, (file, content, need) in tokenizer_cases(folder).items():
        cases.append((name, file, content, need))
    for file in ("config.json", "model.safetensors", "vocab.txt"):
        cases.append(("without " + file, file, None, file))
    for name, (content, need) in torch_cases().items():
        name = "pytorch_model.bin: " + name
        broken(folder, out, name, "pytorch_model.bin", content,
               ["model.safetensors"])
        print(f"{name}\t{need}")
    for name, file, content, need in cases:
        broken(folder, out, name, file, content)
        print(f"{name}\t{need}")


if __name__ == "__main__":
    main()
