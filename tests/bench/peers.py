"""The engines that the bench compares with, one process each.

    peers.py ENGINE THREADS TOKENS    (started by throughput.py)

Loads once, says "ready", then embeds a file of texts a request: a JSON object
with `texts` (path), `batch`, and perhaps `step` (every so many texts only) and
`vectors` (give the first so many back). Each engine gets tokenising, texts
sorted by length, padding to the longest of a batch, mean pooling and
normalisation: what sentence-transformers does with this model.
"""
import json
import os
import sys
import time

import measure


class Engine:
    """Everything but run(), which gives the hidden states of a batch."""

    def __init__(self, threads, tokens):
        import numpy
        from tokenizers import Tokenizer
        self.np = numpy
        self.tokenizer = Tokenizer.from_file(
            os.path.join(measure.MODEL, "tokenizer.json"))
        self.tokenizer.enable_truncation(tokens)
        self.tokenizer.no_padding()
        self.load(threads)

    def embed(self, texts, batch):
        np = self.np
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = [None] * len(texts)
        for begin in range(0, len(order), batch):
            rows = order[begin:begin + batch]
            encoded = self.tokenizer.encode_batch([texts[i] for i in rows])
            lengths = [len(e.ids) for e in encoded]
            ids = np.zeros((len(rows), max(lengths)), np.int64)
            mask = np.zeros_like(ids)
            for row, e in enumerate(encoded):
                ids[row, :lengths[row]] = e.ids
                mask[row, :lengths[row]] = 1
            hidden = self.run(ids, mask, lengths)
            weights = mask[:, :, None].astype(np.float32)
            vectors = (hidden * weights).sum(1) / mask.sum(1, keepdims=True)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            for row, i in enumerate(rows):
                out[i] = vectors[row]
        return out


class OnnxRuntime(Engine):
    def load(self, threads):
        import onnxruntime as ort
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(
            os.path.join(measure.PEERS, "opt.onnx"), options,
            providers=["CPUExecutionProvider"])
        self.types = {i.name: self.np.int32 if "int32" in i.type
                      else self.np.int64 for i in self.session.get_inputs()}

    def run(self, ids, mask, lengths):
        feed = {"input_ids": ids, "attention_mask": mask,
                "token_type_ids": self.np.zeros_like(ids)}
        return self.session.run(None, {n: feed[n].astype(t, copy=False)
                                       for n, t in self.types.items()})[0]


class OpenVino(Engine):
    def load(self, threads):
        import openvino
        model = openvino.Core().compile_model(
            os.path.join(measure.PEERS, "ov.xml"), "CPU",
            {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
             "INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False})
        self.request = model.create_infer_request()

    def run(self, ids, mask, lengths):
        result = self.request.infer({
            "input_ids": ids, "attention_mask": mask,
            "token_type_ids": self.np.zeros_like(ids)})
        return next(iter(result.values()))


class CTranslate2(Engine):
    def load(self, threads):
        import ctranslate2
        self.encoder = ctranslate2.Encoder(
            os.path.join(measure.PEERS, "ct2-float32"), device="cpu",
            compute_type="float32", intra_threads=threads, inter_threads=1)

    def run(self, ids, mask, lengths):
        # It takes lists of different lengths and leaves padding out itself.
        rows = [ids[r, :n].tolist() for r, n in enumerate(lengths)]
        return self.np.array(
            self.encoder.forward_batch(rows).last_hidden_state)


class Torch(Engine):
    def load(self, threads):
        import torch
        from transformers import BertModel
        torch.set_num_threads(threads)
        self.torch = torch
        self.model = BertModel.from_pretrained(
            measure.MODEL, add_pooling_layer=False).float().eval()

    def run(self, ids, mask, lengths):
        with self.torch.inference_mode():
            return self.model(
                input_ids=self.torch.from_numpy(ids),
                attention_mask=self.torch.from_numpy(mask)
            ).last_hidden_state.numpy()


class SentenceTransformers:
    def __init__(self, threads, tokens):
        import torch
        from sentence_transformers import SentenceTransformer
        torch.set_num_threads(threads)
        self.model = SentenceTransformer(measure.MODEL, device="cpu")
        self.model.max_seq_length = tokens

    def embed(self, texts, batch):
        return list(self.model.encode(texts, batch_size=batch,
                                      normalize_embeddings=True,
                                      show_progress_bar=False))


# name: (class, the package it needs)
ENGINES = {
    "ctranslate2": (CTranslate2, "ctranslate2"),
    "openvino": (OpenVino, "openvino"),
    "onnxruntime": (OnnxRuntime, "onnxruntime"),
    "torch": (Torch, "torch"),
    "sentence-transformers": (SentenceTransformers, "sentence-transformers"),
}


def main():
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an engine prints goes to the log
    engine = ENGINES[sys.argv[1]][0](int(sys.argv[2]), int(sys.argv[3]))
    answer.write("ready\n")
    answer.flush()
    for line in sys.stdin:
        ask = json.loads(line)
        texts = measure.lines(ask["texts"])[::ask.get("step", 1)]
        texts = texts[:ask.get("take", len(texts))]
        own, t = measure.own_seconds(), time.perf_counter()
        vectors = engine.embed(texts, ask["batch"])
        t = time.perf_counter() - t
        reply = {"seconds": t, "own": measure.own_seconds() - own}
        if "vectors" in ask:
            reply["vectors"] = [[float(x) for x in v]
                                for v in vectors[:ask["vectors"]]]
        answer.write(json.dumps(reply) + "\n")
        answer.flush()


if __name__ == "__main__":
    main()
