#!/usr/bin/env python3
"""Files of torch.save() and what torch reads from them, for
tests/unit/test_torch_file.c: torch_refs.py [FOLDER]

FOLDER (default tests/golden/torch) gets zip.bin, zip-protocol4.bin, stream.bin
and values.txt: a line a tensor, its name, type, sizes and numbers, each as the
bits of a float32 in hexadecimal; floats.txt: FNV-1a over the bits of float32
that numpy makes of every float16 and torch of every bfloat16, NaN left out.
Needs torch 2.15 and numpy 2 (tests/bench/requirements.txt): another torch pads
its archives in another way.
"""
import os
import sys

import numpy
import torch

TYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.float64: "F64", torch.int64: "I64", torch.int32: "I32",
         torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
         torch.bool: "BOOL"}


def tensors():
    base = (torch.arange(24.) - 7).reshape(4, 6) / 3
    return {
        "rows": base,
        "columns": base.t(),                 # the same storage, transposed
        "part": base[1:3],                   # from an offset
        "row": base[2],
        "scalar": torch.tensor(-0.5),
        "none": torch.empty(0, 3),
        "one.wide": base[:1].t(),            # strides that do not matter
        "cube": torch.arange(24.).reshape(2, 3, 4),
        "half": (base * 1e-6).half(),        # some subnormal
        "bfloat": (base * 1e30).bfloat16(),
        "double": base.double() / 7,
        "parameter": torch.nn.Parameter(torch.tensor([1., 2.])),
        "numbers.i64": torch.arange(-2, 3),
        "numbers.i32": torch.tensor([1, -1], dtype=torch.int32),
        "numbers.i16": torch.tensor([300], dtype=torch.int16),
        "numbers.i8": torch.tensor([-3], dtype=torch.int8),
        "numbers.u8": torch.tensor([200], dtype=torch.uint8),
        "numbers.bool": torch.tensor([True, False]),
    }


def fnv(data):
    h = 14695981039346656037
    for byte in data:
        h = (h ^ byte) * 1099511628211 % 2**64
    return f"{h:016x}"


def float_sums():
    bits = numpy.arange(65536, dtype=numpy.uint16)
    half = bits.view(numpy.float16).astype(numpy.float32)
    bfloat = torch.from_numpy(bits.view(numpy.int16)).view(torch.bfloat16)
    bfloat = bfloat.float().numpy()
    for name, values in (("F16", half), ("BF16", bfloat)):
        values = values[~numpy.isnan(values)].astype("<f4")
        yield f"{name} {len(values)} {fnv(values.tobytes())}\n"


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..", "golden", "torch")
    os.makedirs(out, exist_ok=True)
    module = torch.nn.Linear(1, 1)  # its state has _metadata
    state = module.state_dict()
    state.clear()
    state.update(tensors())
    saved = {"state_dict": state, "epoch": 3, "rate": 1e-5, "note": None}
    for name, options in (
            ("zip", {}), ("zip-protocol4", {"pickle_protocol": 4}),
            ("stream", {"_use_new_zipfile_serialization": False})):
        path = os.path.join(out, name + ".bin")
        torch.save(saved, path, **options)
        again = torch.load(path, weights_only=False)["state_dict"]
        assert all(torch.equal(again[k], v) for k, v in state.items())
    with open(os.path.join(out, "values.txt"), "w") as file:
        for name, value in state.items():
            sizes = ",".join(str(n) for n in value.shape)
            numbers = value.detach().float().contiguous().numpy().astype("<f4")
            words = [f"{x:08x}" for x in numpy.frombuffer(
                numbers.tobytes(), dtype="<u4")]
            print(name, TYPES[value.dtype], f"[{sizes}]", *words, file=file)
    with open(os.path.join(out, "floats.txt"), "w") as file:
        file.writelines(float_sums())


main()
