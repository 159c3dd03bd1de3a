#!/usr/bin/env python3
"""TensorFlow's own bundles for the tests, and its opinion of ours.

    tf_bundle_refs.py write FOLDER           writes FOLDER/small.*
    tf_bundle_refs.py check PREFIX FILE      compares a bundle, as TensorFlow reads
                                             it, with a safetensors file

write makes what lies in tests/golden/tf_bundle: two files of numbers (two
writers merged), every type that has a safetensors name, a text, a variable in
parts, a scalar and an empty tensor. check takes the names from transformers
4.57.1, the last that could (models/bert/modeling_bert.py,
load_tf_weights_in_bert): bundles that tests/gen/tiny_bundle.c writes pass it.

Needs tensorflow-cpu==2.18.0 and, for check, safetensors==0.8.0.
"""
import os
import re
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf


def save(prefix, tensors, slices=None):
    tf.raw_ops.SaveV2(prefix=prefix, tensor_names=list(tensors),
                      shape_and_slices=[(slices or {}).get(n, "") for n in tensors],
                      tensors=[tf.constant(v) if not tf.is_tensor(v) else v
                               for v in tensors.values()])


def counting(shape, dtype=np.float32):
    n = int(np.prod(shape))
    return ((np.arange(n) - 2) * 0.5).reshape(shape).astype(dtype)


def write(folder):
    os.makedirs(folder, exist_ok=True)
    here = os.path.join(folder, "small")
    save(here + "_a", {
        "f32": counting((2, 3)),
        "f64": counting((3,), np.float64),
        "f16": counting((4,), np.float16),
        "bf16": tf.cast(counting((4,)), tf.bfloat16),
        "text": np.array([b"one", b"two"]),
        "parts": counting((2, 2)),
    }, {"parts": "4 2 0,2:-"})
    save(here + "_b", {
        "i8": np.array([-1, 2], np.int8), "u8": np.array([255], np.uint8),
        "i16": np.array([-300], np.int16), "i32": np.array([70000], np.int32),
        "i64": np.array([1 << 40], np.int64), "bool": np.array([True, False]),
        "global_step": np.int64(9), "empty": np.zeros((0, 3), np.float32),
        "parts": counting((2, 2)),
    }, {"parts": "4 2 2,2:-"})
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=[here + "_a", here + "_b"],
                                  destination_prefix=here, delete_old_dirs=False)


def our_name(name):
    parts = re.sub("^module/", "", name).split("/")
    out = []
    for p in parts:
        if p in ("adam_v", "adam_m", "AdamWeightDecayOptimizer",
                 "AdamWeightDecayOptimizer_1", "global_step"):
            return None
        m = re.fullmatch(r"([A-Za-z]+)_(\d+)", p)
        p, number = m.groups() if m else (p, None)
        out.append({"kernel": "weight", "gamma": "weight", "beta": "bias",
                    "output_bias": "bias", "output_weights": "weight"}.get(p, p))
        if number:
            out.append(number)
    if parts[-1].endswith("_embeddings"):
        out.append("weight")
    return ".".join(out)


def plain_name(name):
    """Of a safetensors file, as our_name() has it: heads as Google names them."""
    name = name.replace(".gamma", ".weight").replace(".beta", ".bias")
    for ours, google in (("classifier.", ""), ("qa_outputs.", "cls.squad."),
                         ("cls.", "cls."), ("bert.", "bert.")):
        if name.startswith(ours):
            return google + name[len(ours):]
    return "bert." + name


def check(prefix, path):
    from safetensors.numpy import load_file
    want = {plain_name(n): t for n, t in load_file(path).items()}
    reader = tf.train.load_checkpoint(prefix)
    seen = 0
    for name in sorted(reader.get_variable_to_shape_map()):
        ours = our_name(name)
        if ours is None:
            continue
        got = reader.get_tensor(name)
        if name.endswith("/kernel"):
            got = got.T
        if ours not in want:
            sys.exit("%s: no %s in the other" % (name, ours))
        if got.shape != want[ours].shape or got.tobytes() != want[ours].tobytes():
            sys.exit("%s: differs" % name)
        seen += 1
    if seen != len(want):
        sys.exit("%d tensors of %d" % (seen, len(want)))
    print("%d of %d tensors, all the same" % (seen, len(want)))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "write":
        write(sys.argv[2])
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        check(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)
