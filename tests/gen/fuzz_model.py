#!/usr/bin/env python3
"""The seeds of tests/fuzz/fuzz_model.c: smallest models.

    tests/gen/fuzz_model.py tests/fuzz/corpus/model
"""
import json
import pathlib
import struct
import sys

H, F, V, P, T = 4, 6, 3, 4, 2


def tensors(layers, prefix="", pooler=True, dense=0, gamma="weight",
            beta="bias", heads=()):
    """Names and shapes."""
    yield prefix + "embeddings.word_embeddings.weight", [V, H]
    yield prefix + "embeddings.position_embeddings.weight", [P, H]
    yield prefix + "embeddings.token_type_embeddings.weight", [T, H]

    def norm(stem):
        yield f"{prefix}{stem}.{gamma}", [H]
        yield f"{prefix}{stem}.{beta}", [H]

    def linear(stem, rows, columns):
        yield f"{prefix}{stem}.weight", [rows, columns]
        yield f"{prefix}{stem}.bias", [rows]

    yield from norm("embeddings.LayerNorm")
    for i in range(layers):
        layer = f"encoder.layer.{i}."
        for part in "query", "key", "value":
            yield from linear(layer + "attention.self." + part, H, H)
        yield from linear(layer + "attention.output.dense", H, H)
        yield from norm(layer + "attention.output.LayerNorm")
        yield from linear(layer + "intermediate.dense", F, H)
        yield from linear(layer + "output.dense", H, F)
        yield from norm(layer + "output.LayerNorm")
    if pooler:
        yield from linear("pooler.dense", H, H)
    for stem, rows in heads:
        yield from linear(stem, rows, H)
    if "cls.seq_relationship" in dict(heads):
        yield from ((name.removeprefix(prefix), shape) for name, shape in
                    norm("cls.predictions.transform.LayerNorm"))
        yield "cls.predictions.bias", [V]
    if dense:
        yield "linear.weight", [dense, H]
        yield "linear.bias", [dense]


def weights(*args, pad=b"", **kwargs):
    header, data = {}, b""
    for name, shape in tensors(*args, **kwargs):
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        begin = len(data)
        for i in range(count):
            data += struct.pack("<f", ((begin + 7 * i) % 13 - 6) / 8)
        header[name] = {"dtype": "F32", "shape": shape,
                        "data_offsets": [begin, len(data)]}
    return json.dumps(header, separators=(",", ":")).encode() + pad + b"\n" + data


def config(layers, **more):
    return {"model_type": "bert", "vocab_size": V, "hidden_size": H,
            "num_hidden_layers": layers, "num_attention_heads": 2,
            "intermediate_size": F, "max_position_embeddings": P,
            "type_vocab_size": T, "hidden_act": "gelu",
            "layer_norm_eps": 1e-12, **more}


def modules(*more):
    first = [{"idx": 0, "name": "0", "path": "",
              "type": "sentence_transformers.models.Transformer"}]
    return first + [{"idx": i + 1, "name": str(i + 1), "path": path,
                     "type": "sentence_transformers.models." + kind}
                    for i, (path, kind) in enumerate(more)]


def models():
    pooling = {"word_embedding_dimension": H, "pooling_mode_mean_tokens": True}
    return {
        "bare": [config(1), "", "", "", "", "", weights(1)],
        "embeddings": [config(0, hidden_act="relu"), "", "", "", "", "",
                       weights(0, pooler=False, gamma="gamma", beta="beta")],
        "sentence": [config(1, hidden_act="gelu_new"),
                     modules(("p", "Pooling"), ("n", "Normalize")), pooling, "",
                     {"prompts": {"query": "q: ", "passage": None},
                      "default_prompt_name": "query", "truncate_dim": 3,
                      "similarity_fn_name": "dot"},
                     {"max_seq_length": 3, "do_lower_case": False},
                     weights(1, prefix="bert.", pooler=False)],
        "dense": [config(1, hidden_act="silu"),
                  modules(("p", "Pooling"), ("d", "Dense"), ("n", "Normalize")),
                  {"embedding_dimension": H, "pooling_mode": ["cls"],
                   "include_prompt": False},
                  {"in_features": H, "out_features": 2, "bias": True,
                   "activation_function": "torch.nn.modules.activation.Tanh"},
                  "", "", weights(1, dense=2)],
        "pretraining": [config(1, architectures=["BertForPreTraining"]), "",
                        "", "", "", "",
                        weights(1, heads=[
                            ("cls.predictions.transform.dense", H),
                            ("cls.seq_relationship", 2)])],
        "labels": [config(1, architectures=["BertForTokenClassification"],
                          id2label={"0": "O", "1": "B-PER"},
                          problem_type="single_label_classification"),
                   "", "", "", "", "",
                   weights(1, heads=[("classifier", 3), ("qa_outputs", 2)])],
        "unaligned": [config(0), "", "", "", "", "",
                      weights(0, pad=b" ")],
    }


def as_bytes(part):
    if isinstance(part, dict) or isinstance(part, list):
        part = json.dumps(part, separators=(",", ":"), ensure_ascii=False)
    return part if isinstance(part, bytes) else part.encode()


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, parts in models().items():
        (out / name).write_bytes(b"\n--\n".join(map(as_bytes, parts)))


if __name__ == "__main__":
    main()
