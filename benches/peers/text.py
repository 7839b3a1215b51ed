"""The models of the text programs in PyTorch: the same layers, data, rule and number of steps.

python benches/peers/text.py reviews [--data BLAME PRAISE] [--seeds 1 2 3]
python benches/peers/text.py shakespeare --data tiny-shakespeare.txt [--epochs 12]
python benches/peers/text.py translate --data tatoeba-en-zh.tsv [--epochs 12] --words FOLDER
python benches/peers/text.py writing                        # beside `--bin writing`; needs transformers

`--words` is the output folder of the example `translate`, whose vocabularies are taken. Words are cut as the program does: a Chinese character is a word, so is a run of letters and digits, so is any other sign.
Which reviews of files are the test is another choice than the program's; those that are part of Gradus are divided already.
"""

import argparse
import gzip
import json
import math
import pathlib
import random
import re
import time
import unicodedata
from collections import Counter

import torch
import torch.nn.functional as F
from torch import nn

ROOT = pathlib.Path(__file__).parents[2]


class TextCnn(nn.Module):
    """Windows of three, four and five words, the largest value of each phrase over the text."""

    def __init__(self, words, dim=128, channels=100):
        super().__init__()
        self.embedding = nn.Embedding(words, dim)
        self.convs = nn.ModuleList(nn.Conv1d(dim, channels, k) for k in (3, 4, 5))
        self.dropout, self.fc = nn.Dropout(0.5), nn.Linear(3 * channels, 2)

    def forward(self, tokens, there):
        x = (self.embedding(tokens) * there[..., None]).transpose(1, 2)
        pad = lambda x, k: F.pad(x, ((k - 1) // 2, k // 2))
        found = [(c(pad(x, c.kernel_size[0])).relu() * there[:, None]).amax(2) for c in self.convs]
        return self.fc(self.dropout(torch.cat(found, 1)))


def words_of(text):
    text = unicodedata.normalize("NFKC", text).lower()
    return re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['.][^\W\u3400-\u9fff]+)*|[^\w\s]", text)


def reviews_of(data):
    if not data:
        with gzip.open(ROOT / "crates/gradus-data/data/reviews.txt.gz", "rt", encoding="utf-8") as file:
            lines = [(int(line[0]), line[2:].rstrip("\n")) for line in file]
        return lines[:5000], lines[5000:]
    seen = {}
    for label, path in enumerate(data):
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            if line.strip():
                seen.setdefault(line.strip(), set()).add(label)
    parts = [], []
    for label in range(2):
        lines = [(label, text) for text, labels in seen.items() if labels == {label}]
        random.Random(42).shuffle(lines)
        cut = round(0.8 * len(lines))
        parts[0].extend(lines[:cut])
        parts[1].extend(lines[cut:])
    return parts


def batch_of(items):
    longest = max(len(ids) for _, ids in items)
    tokens = torch.tensor([ids + [0] * (longest - len(ids)) for _, ids in items])
    there = torch.tensor([[1.0] * len(ids) + [0.0] * (longest - len(ids)) for _, ids in items])
    return tokens, there, torch.tensor([label for label, _ in items])


def reviews(args):
    train, test = reviews_of(args.data)
    counts = Counter(word for _, text in train for word in words_of(text))
    known = {w: i + 1 for i, (w, n) in enumerate(counts.most_common(19_999)) if n >= 2}
    encode = lambda part: [(y, [known.get(w, 0) for w in words_of(text)][:300]) for y, text in part]
    train, test = encode(train), encode(test)
    print(f"{len(train)} reviews, {len(test)} more to test; {len(known) + 1} words")
    for seed in args.seeds:
        torch.manual_seed(seed)
        order = random.Random(seed)
        net, clock = TextCnn(len(known) + 1), time.time()
        rule = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
        for _ in range(args.epochs or 8):
            net.train()
            order.shuffle(train)
            # Batches of like length, in random order.
            batches = []
            for i in range(0, len(train), 3200):
                stretch = sorted(train[i : i + 3200], key=lambda item: len(item[1]))
                batches += [stretch[j : j + 32] for j in range(0, len(stretch), 32)]
            order.shuffle(batches)
            for batch in batches:
                tokens, there, labels = batch_of(batch)
                rule.zero_grad()
                F.cross_entropy(net(tokens, there), labels).backward()
                rule.step()
        net.eval()
        hits = 0
        with torch.no_grad():
            for i in range(0, len(test), 100):
                tokens, there, labels = batch_of(test[i : i + 100])
                hits += (net(tokens, there).argmax(1) == labels).sum().item()
        print(f"seed {seed}: {100 * hits / len(test):.2f} % in {time.time() - clock:.0f} s")


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width))

    def forward(self, x):
        n, t, width = x.shape
        parts = self.qkv(self.ln_1(x)).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(*parts, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(n, t, width))
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    """As GPT-2, with its start values."""

    def __init__(self, vocabulary, block=64, width=128, layers=4, heads=4):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(block, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.ln = nn.LayerNorm(width)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                last = "proj" in name or "mlp.2" in name
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * layers) if last else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.ln(x) @ self.wte.weight.T


def shakespeare(args):
    text = pathlib.Path(args.data[0]).read_text(encoding="utf-8")
    alphabet = {c: i for i, c in enumerate(sorted(set(text)))}
    tokens = torch.tensor([alphabet[c] for c in text])
    cut = len(tokens) // 10 * 9
    train, held = tokens[:cut], tokens[cut:]
    windows = lambda part, start: [part[start + i : start + i + 65] for i in range(0, len(part) - 64 - start, 64) if start + i + 65 <= len(part)]
    held = torch.stack(windows(held, 0))
    for seed in args.seeds:
        torch.manual_seed(seed)
        net, clock = Gpt(len(alphabet)), time.time()
        rule = torch.optim.AdamW(net.parameters(), lr=2e-3, betas=(0.9, 0.99), weight_decay=0.1, fused=True)
        epochs, step = args.epochs or 12, 0
        steps = epochs * ((len(train) - 64) // 64 // 32 + 1)
        for epoch in range(epochs):
            rows = torch.stack(windows(train, torch.randint(64, ()).item()))
            for batch in rows[torch.randperm(len(rows))].split(32):
                fade = 0.5 * (1 + math.cos(math.pi * max(0, step - 100) / steps))
                rule.param_groups[0]["lr"] = 2e-3 * min((step + 1) / 100, fade)
                loss = F.cross_entropy(net(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())
                rule.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                rule.step()
                step += 1
            with torch.no_grad():
                losses = [F.cross_entropy(net(b[:, :-1]).flatten(0, 1), b[:, 1:].flatten()).item() * len(b) for b in held.split(128)]
            print(f"seed {seed} epoch {epoch + 1}: {sum(losses) / len(held):.4f} nats, {time.time() - clock:.0f} s", flush=True)


class Translator(nn.Module):
    def __init__(self, english, chinese, width=128):
        super().__init__()
        self.width = width
        self.source, self.target = nn.Embedding(english, width), nn.Embedding(chinese, width)
        nn.init.normal_(self.source.weight, std=width**-0.5)
        nn.init.normal_(self.target.weight, std=width**-0.5)
        self.both = nn.Transformer(width, 4, 3, 3, 512, dropout=0.2, batch_first=True, norm_first=True)
        t, i = torch.arange(200.0)[:, None], torch.arange(width)[None]
        angle = t / 10_000 ** ((i - i % 2) / width)
        self.register_buffer("waves", torch.where(i % 2 == 0, angle.sin(), angle.cos()))
        self.dropout = nn.Dropout(0.2)

    def embed(self, table, tokens):
        return self.dropout(table(tokens) * self.width**0.5 + self.waves[: tokens.shape[1]])

    def encode(self, source, padding):
        return self.both.encoder(self.embed(self.source, source), src_key_padding_mask=padding)

    def decode(self, memory, padding, target):
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        x = self.both.decoder(self.embed(self.target, target), memory, tgt_mask=mask, memory_key_padding_mask=padding)
        return x @ self.target.weight.T


def beam_of(net, ids, beams=4, most=50, start=1, end=2, alpha=0.6):
    """The search of the example: the best complete beginnings by `ln P / ((5 + n) / 6)^alpha`."""
    memory = net.encode(torch.tensor([ids]), None)
    lp = lambda n: ((5 + n) / 6) ** alpha
    live, complete = [(0.0, [])], []
    for _ in range(most):
        target = torch.tensor([[start] + tokens for _, tokens in live])
        steps = net.decode(memory.expand(len(live), -1, -1), None, target)[:, -1].log_softmax(1)
        every = []
        for (total, tokens), row in zip(live, steps):
            best = row.topk(beams + 1)
            every += [(total + p, tokens, t) for p, t in zip(best.values.tolist(), best.indices.tolist())]
        live = []
        for total, tokens, t in sorted(every, key=lambda x: -x[0]):
            if len(live) == beams:
                break
            if t == end:
                complete.append((total / lp(len(tokens)), tokens))
            else:
                live.append((total, tokens + [t]))
        complete = sorted(complete, key=lambda x: -x[0])[:beams]
        if len(complete) == beams and live[0][0] / lp(most) <= complete[-1][0]:
            break
    return max(complete or [(0, live[0][1])])[1]


def translate(args):
    import sacrebleu
    import tokenizers

    english = tokenizers.Tokenizer.from_file(str(pathlib.Path(args.words) / "english.json"))
    vocabulary = json.loads((pathlib.Path(args.words) / "chinese.json").read_text())["model"]["vocab"]
    names = {i: w for w, i in vocabulary.items()}
    sentences = {}
    for line in pathlib.Path(args.data[0]).read_text(encoding="utf-8").splitlines():
        a, b = line.split("\t")
        sentences.setdefault(a.strip(), []).append(b.strip())
    order = sorted(sentences)
    random.Random(42).shuffle(order)
    cut = len(order) // 20
    spaced = lambda text: re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['.][^\W\u3400-\u9fff]+)*|[^\w\s]", text)
    encode = lambda a, b: (english.encode(a).ids[:100], [1] + [vocabulary.get(w, 0) for w in spaced(b)][:98] + [2])
    train = [encode(a, b) for a in order[cut:] for b in sentences[a]]
    fill = lambda rows, with_: torch.tensor([r + [with_] * (max(map(len, rows)) - len(r)) for r in rows])
    for seed in args.seeds:
        torch.manual_seed(seed)
        rng, clock = random.Random(seed), time.time()
        net = Translator(english.get_vocab_size(), len(vocabulary))
        rule = torch.optim.AdamW(net.parameters(), lr=1.5e-3, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        epochs, step = args.epochs or 15, 0
        steps = epochs * math.ceil(len(train) / 64)
        for epoch in range(epochs):
            net.train()
            rng.shuffle(train)
            batches = []
            for i in range(0, len(train), 6400):
                stretch = sorted(train[i : i + 6400], key=lambda pair: len(pair[0]) + len(pair[1]))
                batches += [stretch[j : j + 64] for j in range(0, len(stretch), 64)]
            rng.shuffle(batches)
            for batch in batches:
                read, write = fill([a for a, _ in batch], 0), fill([b for _, b in batch], -100)
                there = torch.tensor([[False] * len(a) + [True] * (read.shape[1] - len(a)) for a, _ in batch])
                fade = 0.5 * (1 + math.cos(math.pi * max(0, step - 400) / steps))
                rule.param_groups[0]["lr"] = 1.5e-3 * min((step + 1) / 400, fade)
                logits = net.decode(net.encode(read, there), there, write[:, :-1].clamp(min=0))
                loss = F.cross_entropy(logits.flatten(0, 1), write[:, 1:].flatten(), label_smoothing=0.1)
                rule.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                rule.step()
                step += 1
            print(f"seed {seed} epoch {epoch + 1}: train {loss.item():.3f}, {time.time() - clock:.0f} s", flush=True)
        net.eval()
        with torch.inference_mode():
            said = ["".join(names[t] for t in beam_of(net, english.encode(a).ids[:100])) for a in order[:cut]]
        most = max(len(sentences[a]) for a in order[:cut])
        references = [[(sentences[a] + [None] * most)[i] for a in order[:cut]] for i in range(most)]
        print(f"seed {seed}: BLEU {sacrebleu.corpus_bleu(said, references, tokenize='zh').score:.1f} of {cut}")


def writing(args):
    import transformers

    for name, size, count in [("128 wide, 4 layers", (65, 256, 128, 4, 4), 200), ("gpt2", (50257, 1024, 768, 12, 12), 50)]:
        words, block, width, layers, heads = size
        config = transformers.GPT2Config(vocab_size=words, n_positions=block, n_embd=width, n_layer=layers, n_head=heads,
                                         bos_token_id=None, eos_token_id=None)
        net = transformers.GPT2LMHeadModel(config).eval()
        rates = []
        for _ in range(4):
            with torch.inference_mode():
                out = net(torch.arange(16)[None], use_cache=True)
                past, token = out.past_key_values, out.logits[:, -1:].argmax(2)
                clock = time.time()
                for _ in range(count):
                    out = net(token, past_key_values=past, use_cache=True)
                    past, token = out.past_key_values, out.logits[:, -1:].argmax(2)
                rates.append(count / (time.time() - clock))
        rates.sort()
        print(f"{name}: {rates[1]:.0f} tokens a second, best of 4 {rates[3]:.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["reviews", "shakespeare", "translate", "writing"])
    parser.add_argument("--data", nargs="+", default=[])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--words")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    globals()[args.what](args)
