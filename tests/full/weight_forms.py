#!/usr/bin/env python3
"""The same weights in every form that PyTorch and transformers write.

    weight_forms.py

A real model is saved again by torch (both forms of torch.save(), protocols 2
and 4, transposed matrices, views of one storage, a state dict in a training
checkpoint, DataParallel's names, F16 and BF16) and by transformers in shards:
bert-embed must give the same bytes as from model.safetensors, for F16 and BF16
as from a model.safetensors of the rounded numbers. So must the .bin files of
2019 and 2020 that real models come in, beside their model.safetensors.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file

BIN = os.environ.get("BERTUTILS_BIN", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "bin"))
MODELS = os.path.join(os.environ["BERTUTILS_ASSETS"], "models")
WEIGHTS = (".safetensors", ".bin", ".index.json")
TEXTS = "the cat sat\nweather today\n\n" + "a longer text, and more " * 30
tests = failures = 0


def report(ok, what):
    global tests, failures
    tests += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} - {what}", flush=True)


def embeddings(folder, *options):
    done = subprocess.run([os.path.join(BIN, "bert-embed"), "-q", "-m", folder,
                           *options], input=TEXTS.encode(),
                          stdout=subprocess.PIPE)
    return done.stdout if done.returncode == 0 else None


def bare_copy(model, folder):
    """All of a model's folder but its weights."""
    shutil.copytree(model, folder, ignore=lambda at, names: [
        n for n in names if n.endswith(WEIGHTS)])
    if not os.path.exists(os.path.join(folder, "tokenizer_config.json")):
        with open(os.path.join(folder, "tokenizer_config.json"), "w") as f:
            f.write('{"do_lower_case": false}')
    return folder


def in_one_storage(state):
    """All matrices as views of one tensor, every other one transposed."""
    total = sum(v.numel() for v in state.values())
    storage, at, out = torch.empty(total), 0, {}
    for i, (name, value) in enumerate(state.items()):
        part = storage[at:at + value.numel()]
        at += value.numel()
        if i % 2 and value.dim() == 2:
            part = part.reshape(value.shape[::-1]).t()
        else:
            part = part.reshape(value.shape)
        part.copy_(value)
        out[name] = part
    return out


def forms(state):
    """Name: (what is saved, options of torch.save)."""
    old = {"_use_new_zipfile_serialization": False}
    return {
        "zip": (state, {}), "stream": (state, old),
        "zip of protocol 4": (state, {"pickle_protocol": 4}),
        "stream of protocol 4": (state, {**old, "pickle_protocol": 4}),
        "one storage": (in_one_storage(state), {}),
        "one storage, stream": (in_one_storage(state), old),
        "training checkpoint": ({"model_state_dict": state, "epoch": 3,
                                 "optimizer": {"state": {0: {
                                     "step": torch.tensor(1.),
                                     "exp_avg": torch.zeros(3)}},
                                     "param_groups": [{"lr": 1e-5}]}}, {}),
        "data parallel": ({"module." + k: v for k, v in state.items()}, {}),
        "parameters": ({k: torch.nn.Parameter(v) for k, v in state.items()},
                       old),
    }


def check_forms(name, tmp):
    model = os.path.join(MODELS, name)
    want = embeddings(model)
    state = {k: v for k, v in load_file(os.path.join(
        model, "model.safetensors")).items() if v.is_floating_point()}
    for form, (saved, options) in forms(state).items():
        folder = bare_copy(model, os.path.join(tmp, "form"))
        torch.save(saved, os.path.join(folder, "pytorch_model.bin"), **options)
        report(embeddings(folder) == want, f"{name}: {form}")
        shutil.rmtree(folder)
    for dtype in torch.float16, torch.bfloat16:
        rounded = {k: v.to(dtype) for k, v in state.items()}
        folder = bare_copy(model, os.path.join(tmp, "form"))
        weights = os.path.join(folder, "model.safetensors")
        save_file({k: v.float() for k, v in rounded.items()}, weights)
        want_rounded = embeddings(folder)
        save_file(rounded, weights)
        got = embeddings(folder)
        report(got == want_rounded != want, f"{name}: safetensors of {dtype}")
        torch.save(rounded, os.path.join(folder, "pytorch_model.bin"))
        os.remove(weights)
        report(embeddings(folder) == want_rounded, f"{name}: .bin of {dtype}")
        shutil.rmtree(folder)


def check_shards(name, tmp):
    from transformers import AutoModel
    model = os.path.join(MODELS, name)
    folder = bare_copy(model, os.path.join(tmp, "shards"))
    AutoModel.from_pretrained(model).save_pretrained(
        folder, max_shard_size="20MB")
    count = len([n for n in os.listdir(folder) if n.endswith(".safetensors")])
    report(count > 2 and embeddings(folder) == embeddings(model),
           f"{name}: {count} shards of transformers")
    shutil.rmtree(folder)


def check_old(name, tmp):
    model = os.path.join(MODELS, name)
    folder = bare_copy(model, os.path.join(tmp, "old"))
    results = []
    for weights in "model.safetensors", "pytorch_model.bin":
        to = os.path.join(folder, weights)
        os.symlink(os.path.join(model, weights), to)
        results.append(embeddings(folder))
        os.remove(to)
    report(results[0] is not None and results[0] == results[1],
           f"{name}: its own .bin")
    shutil.rmtree(folder)


def check_tiny(tmp):
    """What tests/gen/tiny_forms.c writes is what torch reads."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    gen = os.path.join(root, os.environ.get("BUILD", "build"), "gen")
    for program in "tiny_bert", "tiny_forms":
        subprocess.run([os.path.join(gen, program), tmp], check=True)
    for form, reference in ("zip", ""), ("stream", ""), (
            "half", "-half-f32"), ("bfloat", "-bfloat-f32"):
        want = load_file(os.path.join(tmp, "tiny" + reference,
                                      "model.safetensors"))
        got = torch.load(os.path.join(tmp, "tiny-" + form,
                                      "pytorch_model.bin"), weights_only=True)
        report(want.keys() == got.keys() and all(
            torch.equal(got[k].float(), v) for k, v in want.items()),
            f"tiny-{form}: torch reads the same numbers")


with tempfile.TemporaryDirectory() as folder:
    check_tiny(folder)
    check_forms("minilm", folder)
    check_shards("minilm", folder)
    for old in "rxnfp-pretrained", "rxnfp-ft", "rxnfp-classify":
        if os.path.exists(os.path.join(MODELS, old)):
            check_old(old, folder)
        else:
            report(True, f"{old} # skip not among the assets")
print(f"1..{tests}")
sys.exit(failures > 0)
