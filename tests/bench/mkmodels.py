#!/usr/bin/env python3
"""Make every peer's f32 model files from one Hugging Face folder.

    mkmodels.py HF_FOLDER OUT_FOLDER

    OUT_FOLDER/opt.onnx      ONNX Runtime, with its transformer fusions
    OUT_FOLDER/ov.xml        OpenVINO
    OUT_FOLDER/ct2-float32/  CTranslate2
"""
import json
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")


def export_onnx(folder, path):
    """The last hidden state of the encoder as a graph of opset 17."""
    import torch
    from transformers import BertModel

    names = ["input_ids", "attention_mask", "token_type_ids"]
    bert = BertModel.from_pretrained(folder, attn_implementation="eager",
                                     add_pooling_layer=False).float().eval()

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = bert

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.bert(input_ids=input_ids,
                             attention_mask=attention_mask,
                             token_type_ids=token_type_ids).last_hidden_state

    ids = torch.randint(5, 1000, (2, 16))
    inputs = (ids, torch.ones_like(ids), torch.zeros_like(ids))
    torch.onnx.export(Encoder(), inputs, path, input_names=names,
                      output_names=["h"], opset_version=17, dynamo=False,
                      dynamic_axes={n: {0: "b", 1: "s"} for n in names + ["h"]})


def fuse_onnx(path, fused, config):
    from onnxruntime.transformers import optimizer

    model = optimizer.optimize_model(
        path, model_type="bert", num_heads=config["num_attention_heads"],
        hidden_size=config["hidden_size"], opt_level=0)
    counts = model.get_fused_operator_statistics().items()
    print("onnxruntime fused:", {k: n for k, n in counts if n})
    model.save_model_to_file(fused)


def main():
    folder, out = sys.argv[1:3]
    config = json.load(open(os.path.join(folder, "config.json")))
    os.makedirs(out, exist_ok=True)
    path = {n: os.path.join(out, n)
            for n in ("model.onnx", "opt.onnx", "ov.xml", "ct2-float32")}
    if not os.path.exists(path["opt.onnx"]):
        export_onnx(folder, path["model.onnx"])
        fuse_onnx(path["model.onnx"], path["opt.onnx"], config)
    if not os.path.exists(path["ov.xml"]):
        import openvino
        model = openvino.convert_model(path["model.onnx"])
        openvino.save_model(model, path["ov.xml"], compress_to_fp16=False)
    if not os.path.exists(path["ct2-float32"]):
        from ctranslate2.converters import TransformersConverter
        TransformersConverter(folder).convert(path["ct2-float32"],
                                              quantization="float32")


if __name__ == "__main__":
    main()
