"""What `examples/spelled` and `examples/spoken-digits` do, in PyTorch: the same network, data, changes in training, rule and
schedule, on the same number of threads. Prints a line for each epoch, and the time that the process took.

    python benches/peers/runners/pytorch_speech.py spelled ../shared/data/speech/an4-mfcc --seed 1
    python benches/peers/runners/pytorch_speech.py digits ../shared/data/speech/fsdd --seed 1       (librosa, too)
    python benches/peers/runners/pytorch_speech.py digits ../shared/data/speech/speech-commands-mini --seed 1
"""
import argparse, math, pathlib, time, wave, numpy as np, torch, torch.nn as nn, torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["spelled", "digits"])
parser.add_argument("data", type=pathlib.Path)
parser.add_argument("--epochs", type=int)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=2)
chosen = parser.parse_args()
torch.set_num_threads(chosen.threads)
torch.manual_seed(chosen.seed)
rng = np.random.default_rng(chosen.seed)

def holes(x, bands, frames, part=1.0):
    """SpecAugment: (times, most) of bands and of frames."""
    x, mean = x.copy(), x.mean()
    for axis, (times, most) in [(1, bands), (0, (frames[0], min(frames[1], int(part * len(x)))))]:
        for _ in range(times):
            width = rng.integers(most + 1)
            start = rng.integers(x.shape[axis] - width + 1)
            (x if axis == 0 else x.T)[start:start + width] = mean
    return x

class BiLstmCtc(nn.Module):
    def __init__(self, features, classes, hidden=160):
        super().__init__()
        self.conv = nn.Conv1d(features, hidden, 5, stride=2, padding=2)
        self.lstm = nn.LSTM(hidden, hidden, 2, bidirectional=True, dropout=0.3)
        self.fc, self.dropout = nn.Linear(2 * hidden, classes), nn.Dropout(0.3)

    def forward(self, x, lengths):
        x = self.dropout(self.conv(x.transpose(1, 2)).relu()).permute(2, 0, 1)
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        x, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0])
        return self.fc(self.dropout(x)).log_softmax(-1)

class KeywordCnn(nn.Module):
    def __init__(self, classes, c=64):
        super().__init__()
        block = lambda: nn.Sequential(
            nn.Conv2d(c, c, 3, padding=1, groups=c, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
            nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU())
        first = nn.Conv2d(1, c, (10, 4), stride=2, padding=(5, 1), bias=False)
        self.body = nn.Sequential(first, nn.BatchNorm2d(c), nn.ReLU(), *[block() for _ in range(4)])
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(c, classes))

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))

def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]

def fit(net, epochs, steps, rate, decay, clip, step, report):
    """AdamW; the rate rises over a twentieth of the steps, and falls along a cosine."""
    rule, warm, start = torch.optim.AdamW(net.parameters(), rate, weight_decay=decay), epochs * steps // 20 + 1, time.time()
    after = lambda n: n / warm if n < warm else (1 + math.cos(math.pi * min(1, (n - warm) / (epochs * steps)))) / 2
    schedule = torch.optim.lr_scheduler.LambdaLR(rule, lambda n: after(n + 1 if n < warm else n))
    for epoch in range(1, epochs + 1):
        net.train()
        for loss in step():
            rule.zero_grad()
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(net.parameters(), clip)
            rule.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            print(f"epoch {epoch}/{epochs}  {report()}  {time.time() - start:.0f} s, of a processor {time.process_time():.0f} s", flush=True)

def spelled():
    def part(name, folder):
        texts = dict(line.strip().removesuffix(")").rsplit(" (", 1)[::-1]
                     for line in open(chosen.data / f"etc/an4_{name}.transcription") if line.strip())
        for line in open(chosen.data / f"etc/an4_{name}.fileids"):
            raw = (chosen.data / "feat" / f"{line.strip()}.mfc").read_bytes()
            x = np.frombuffer(raw[4:], ">f4").reshape(-1, 13).astype(np.float32)
            text = " ".join(w for w in texts[line.strip().split("/")[-1]].split() if w not in ("<s>", "</s>"))
            yield (x - x.mean(0)) / x.std(0), text
    train, test = list(part("train", "an4_clstk")), list(part("test", "an4test_clstk"))
    letters = sorted(set("".join(text for _, text in train)))
    net = BiLstmCtc(13, len(letters) + 1)
    def batch(items):
        lengths = torch.tensor([(len(x) + 1) // 2 for x, _ in items])
        x = nn.utils.rnn.pad_sequence([torch.from_numpy(np.ascontiguousarray(x)) for x, _ in items], batch_first=True)
        return net(x, lengths), lengths
    def changed(x):
        factor = rng.uniform(0.9, 1.1)
        at = np.minimum(np.arange(max(1, int(len(x) * factor))) / factor, len(x) - 1)
        low, part = at.astype(int), (at % 1)[:, None].astype(np.float32)
        return holes(x[low] + part * (x[np.minimum(low + 1, len(x) - 1)] - x[low]), (0, 0), (2, 12), 0.1)
    def step():
        order = rng.permutation(len(train))
        batches = []
        for stretch in np.split(order, range(80, len(order), 80)):
            stretch = sorted(stretch, key=lambda i: len(train[i][0]))
            batches += [stretch[i:i + 8] for i in range(0, len(stretch), 8)]
        for i in rng.permutation(len(batches)):
            items = [(changed(train[j][0]), train[j][1]) for j in batches[i]]
            y, lengths = batch(items)
            labels = [torch.tensor([letters.index(c) + 1 for c in text]) for _, text in items]
            yield F.ctc_loss(y, torch.cat(labels), lengths, torch.tensor([len(x) for x in labels]), zero_infinity=True)
    def report():
        wrong = total = 0
        for i in range(0, len(test), 26):
            y, lengths = batch(test[i:i + 26])
            for n, (_, text) in enumerate(test[i:i + 26]):
                path = torch.unique_consecutive(y[:lengths[n], n].argmax(-1)).tolist()
                wrong += edits([letters[k - 1] for k in path if k], list(text))
                total += len(text)
        return f"{100 * wrong / total:.2f} % of the letters wrong"
    fit(net, chosen.epochs or 50, -(-len(train) // 8), 3e-3, 0.02, 5.0, step, report)

def digits():
    import librosa
    def read(path):
        with wave.open(str(path)) as file:
            return np.frombuffer(file.readframes(-1), "<i2").astype(np.float32) / 32768, file.getframerate()
    train, test = [], []
    if (chosen.data / "train").is_dir():
        for part, items in [("train", train), ("test", test)]:
            items += [(p.parent.name, read(p)) for p in sorted((chosen.data / part).glob("*/*.wav"))]
    else:
        for p in sorted(chosen.data.glob("*.wav")):
            (test if int(p.stem.split("_")[-1]) < 5 else train).append((p.stem.split("_")[0], read(p)))
    labels, rate = sorted({label for label, _ in train}), train[0][1][1]
    def hear(x, augment):
        n_fft, hop = rate * 32 // 1000, rate // 100
        x = np.pad(x, (0, max(0, rate // 30 - len(x))))
        mel = librosa.feature.melspectrogram(y=x, sr=rate, n_fft=n_fft, hop_length=hop, n_mels=40, pad_mode="reflect")
        mel = np.log10(np.maximum(mel, 1e-10)).T[:len(x) // hop]
        mel = np.maximum((mel - mel.max()) / 5 + 1, 0).astype(np.float32)
        mel = holes(mel, (1, 6), (1, 10)) if augment else mel
        start = max(0, len(mel) - 100) // 2
        mel, picture = mel[start:start + 100], np.zeros((100, 40), np.float32)
        at = (100 - len(mel)) // 2
        picture[at:at + len(mel)] = mel
        return picture[None]
    def changed(x):
        speed = [0.9, 1.0, 1.0, 1.1][rng.integers(4)]
        x = librosa.resample(x, orig_sr=int(1000 * speed), target_sr=1000, res_type="soxr_hq") if speed != 1 else x
        shift = rng.integers(-(rate // 20), rate // 20 + 1)
        x = np.pad(x, (shift, 0))[:len(x)] if shift > 0 else np.pad(x, (0, -shift))[-shift:]
        if rng.random() < 0.3:
            noise = rng.normal(size=len(x))
            x = x + noise * np.sqrt(np.mean(x ** 2) / 10 ** rng.uniform(1, 4) / max(np.mean(noise ** 2), 1e-12))
        return x.astype(np.float32)
    net = KeywordCnn(len(labels))
    tested = torch.from_numpy(np.stack([hear(x, False) for _, (x, _) in test]))
    targets = lambda items: torch.tensor([labels.index(label) for label, _ in items])
    def step():
        order = rng.permutation(len(train))
        for i in range(0, len(order), 50):
            items = [train[j] for j in order[i:i + 50]]
            x = torch.from_numpy(np.stack([hear(changed(x), True) for _, (x, _) in items]))
            yield F.cross_entropy(net(x), targets(items), label_smoothing=0.1)
    report = lambda: f"{100 * (net(tested).argmax(1) == targets(test)).double().mean():.2f} % right"
    fit(net, chosen.epochs or 30, -(-len(train) // 50), 4e-3, 0.02, None, step, report)

{"spelled": spelled, "digits": digits}[chosen.what]()
