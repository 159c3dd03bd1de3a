#!/usr/bin/env python3
"""Reference values of the tiny models (tests/gen/tiny_bert.c), for
tests/unit/test_encoder.c, test_sentence.c and test_head.c:

    tests/gen/model_refs.py FOLDER > tests/golden/tiny_refs.txt

FOLDER is what tiny_bert wrote. transformers and sentence-transformers run the
models in f64, so that the values are those of the formulas and not of another
f32 program; the versions are the first line of the output. One item a line:

    sequence K : ids : type ids
    state MODEL K LAYER ROW : values     hidden state, LAYER 0 the embeddings
    pooler MODEL K : values
    pool MODEL MODES K SKIP : values     the Pooling module alone; SKIP tokens
                                         of a prompt left out
    vector MODEL K SKIP : values         all modules of the folder
    head KIND K ROW : values             logits of a head; ROW 0 where it has
                                         one a text
"""
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import sentence_transformers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling
from transformers import AutoModel

VOCAB = 162
ACTS = ("gelu gelu_new gelu_fast gelu_pytorch_tanh relu silu swish quick_gelu "
        "tanh sigmoid").split()
MODES = {"cls": "cls", "max": "max", "mean": "mean",
         "mean-sqrt": "mean_sqrt_len_tokens", "weighted-mean": "weightedmean",
         "last": "lasttoken"}


def make_sequence(k, n):
    """Ids scattered over the vocabulary; types 0, then 1 where k is odd."""
    ids = [(i * 53 + k * 29 + i * i * 7) % VOCAB for i in range(n)]
    return ids, [int(k % 2 == 1 and i >= n // 2) for i in range(n)]


SEQUENCES = [make_sequence(k, n) for k, n in
             enumerate([1, 2, 17, 64, 20, 5, 40, 80])]


def put(*words, values):
    text = " ".join("%.9g" % v for v in values)
    print(" ".join(str(w) for w in words), ":", text)


def tensors(k):
    ids, types = SEQUENCES[k]
    return {"input_ids": torch.tensor([ids]),
            "token_type_ids": torch.tensor([types]),
            "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}


def rows_of(n):
    """Every row of a short sequence, every eighth and the last of a long."""
    return range(n) if n <= 5 else sorted({*range(0, n, 8), n - 1})


def put_states(folder, name, numbers):
    model = AutoModel.from_pretrained(os.path.join(folder, name))
    model = model.double().eval()
    for k in numbers:
        out = model(**tensors(k), output_hidden_states=True)
        for layer, h in enumerate(out.hidden_states):
            for row in rows_of(h.shape[1]):
                put("state", name, k, layer, row, values=h[0, row].tolist())
        if name == "tiny":
            put("pooler", name, k, values=out.pooler_output[0].tolist())


def put_pools(folder, name, numbers):
    model = AutoModel.from_pretrained(os.path.join(folder, name))
    model = model.double().eval()
    for k in numbers:
        features = tensors(k)
        h = model(**features).last_hidden_state
        for ours, modes in [*MODES.items(), ("cls,mean", ("cls", "mean"))]:
            for skip in (0, 3):
                pooling = Pooling(h.shape[-1], modes, include_prompt=False)
                out = pooling({"token_embeddings": h, "prompt_length": skip,
                               "attention_mask": features["attention_mask"]})
                put("pool", name, ours, k, skip,
                    values=out["sentence_embedding"][0].tolist())


def put_vectors(folder, name, numbers, skips):
    model = SentenceTransformer(os.path.join(folder, name), device="cpu")
    model = model.double().eval()
    for k in numbers:
        for skip in skips:
            features = {**tensors(k), "prompt_length": skip}
            out = model(features)["sentence_embedding"]
            put("vector", name, k, skip, values=out[0].tolist())


def put_heads(folder):
    def load(kind, name):
        model = kind.from_pretrained(os.path.join(folder, "tiny-" + name))
        return model.double().eval()

    both = load(transformers.BertForPreTraining, "pretraining")
    tag = load(transformers.BertForTokenClassification, "tag")
    classify = load(transformers.BertForSequenceClassification, "classify")
    qa = load(transformers.BertForQuestionAnswering, "qa")
    for k in (0, 2, 3, 5):
        out = both(**tensors(k))
        put("head", "nsp", k, 0, values=out.seq_relationship_logits[0].tolist())
        logits = classify(**tensors(k)).logits
        put("head", "classify", k, 0, values=logits[0].tolist())
        answers, labels = qa(**tensors(k)), tag(**tensors(k)).logits
        for row in rows_of(len(SEQUENCES[k][0])):
            put("head", "mask", k, row,
                values=out.prediction_logits[0, row].tolist())
            put("head", "tag", k, row, values=labels[0, row].tolist())
            put("head", "qa", k, row,
                values=[answers.start_logits[0, row].item(),
                        answers.end_logits[0, row].item()])


def main():
    folder = sys.argv[1]
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    print("# torch", torch.__version__, "transformers",
          transformers.__version__, "sentence-transformers",
          sentence_transformers.__version__, "in f64")
    for k, (ids, types) in enumerate(SEQUENCES):
        print("sequence", k, ":", *ids, ":", *types)
    put_states(folder, "tiny", range(8))
    put_states(folder, "tiny-bare", [0, 1, 2, 4, 5, 6])
    for act in ACTS:
        put_states(folder, "tiny-" + act, [5])
    put_pools(folder, "tiny", [2, 4])
    put_vectors(folder, "tiny", [0, 1, 2, 3], [0])
    put_vectors(folder, "tiny-dense", [2, 4, 5], [0, 2])
    put_heads(folder)


main()
