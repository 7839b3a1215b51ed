"""Writes it/grouped.json: outputs and gradients of attention with shared keys, rotary positions and windows, by
transformers in double precision. Weights and inputs come from a formula, so none are recorded.

Run with the versions that the file names: python crates/gradus-nn/tests/transformers.py
"""
import json, pathlib, sys

sys.path.pop(0)  # this folder has a pytorch.py
import torch, transformers
from transformers.masking_utils import create_causal_mask, create_sliding_window_causal_mask
from transformers.models.gptj import modeling_gptj
from transformers.models.llama import modeling_llama
from transformers.models.mistral import modeling_mistral
from transformers.models.qwen2 import modeling_qwen2

torch.set_default_dtype(torch.float64)
samples, tokens, width, heads = 2, 7, 16, 4
there = torch.arange(tokens)[None] < torch.tensor([7, 5])[:, None]
cases = {}

def noise(seed, *shape):
    """Numbers from -1 to 1."""
    i = torch.arange(1, 1 + torch.Size(shape).numel(), dtype=torch.float64)
    return (0.37 * i * (i + 1) + 1.7 * seed).sin().reshape(shape)

def short(t):
    return [float(f"{x:.13g}") for x in t.detach().reshape(-1).tolist()]

def mark(t):
    """Two numbers in which every element has a part."""
    return short(torch.stack([(t * noise(9, *t.shape)).sum(), t.norm()]))

def angles(numbers, base):
    """Of places and pairs."""
    pairs = base ** (-torch.arange(0, numbers, 2) / numbers)
    return torch.arange(tokens)[:, None] * pairs

def case(name, attention, config, mask, base):
    config = config(hidden_size=width, num_attention_heads=heads, attn_implementation="sdpa", **cases_of[name])
    layer = attention(config, 0)
    for seed, (_, p) in enumerate(layer.named_parameters()):
        p.data.copy_(0.5 * noise(seed + 1, *p.shape))
    x = noise(0, samples, tokens, width).requires_grad_()
    angle = angles(width // heads, base)
    angle = torch.cat([angle, angle], 1).expand(samples, -1, -1)
    seen = mask(config, x, there.long(), None)
    y, _ = layer(x, (angle.cos(), angle.sin()), seen)
    # What stands in the place of padding does not count.
    y = y * there[:, :, None]
    (y * noise(8, *y.shape)).sum().backward()
    grads = {k: mark(p.grad) for k, p in layer.named_parameters()}
    cases[name] = {"y": short(y), "dx": short(x.grad), "grads": grads}

cases_of = {
    "llama": {"num_key_value_heads": 2},
    "mistral": {"num_key_value_heads": 1, "sliding_window": 3},
    "qwen2": {"num_key_value_heads": 4},
}
case("llama", modeling_llama.LlamaAttention, transformers.LlamaConfig, create_causal_mask, 10_000.0)
case("mistral", modeling_mistral.MistralAttention, transformers.MistralConfig, create_sliding_window_causal_mask, 10_000.0)
case("qwen2", modeling_qwen2.Qwen2Attention, transformers.Qwen2Config, create_causal_mask, 1_000_000.0)
# GPT-J's pairs lie side by side; its heads stand behind its tokens.
angle = angles(6, 10_000.0)[None]
x = noise(0, 1, tokens, 2, 6).requires_grad_()
y = modeling_gptj.apply_rotary_pos_emb(x, angle.sin(), angle.cos())
(y * noise(8, *y.shape)).sum().backward()
cases["gptj"] = {"y": short(y), "dx": short(x.grad)}

about = f"PyTorch {torch.__version__}, transformers {transformers.__version__}"
entries = ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in cases.items())
text = '{"about": "%s",\n"cases": {\n%s\n}}\n' % (about, entries)
(pathlib.Path(__file__).parent / "it" / "grouped.json").write_text(text)
