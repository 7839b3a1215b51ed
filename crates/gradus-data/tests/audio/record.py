#!/usr/bin/env python3
"""Records the reference numbers of these tests: GRADUS_SHARED=DIR python record.py > reference.json

DIR holds data/speech/assets/jfk_16k.wav. Needs numpy, scipy, librosa 0.11, soundfile 0.14, torch and torchaudio (2.11 with torch 2.15 here).
All signals are made here and, by the same formula, in main.rs.
"""

import io
import json
import os
import warnings

import librosa
import numpy as np
import scipy.signal
import soundfile
import torch

torch.version.cuda = None  # torchaudio compares the CUDA versions; nothing here uses CUDA
import torchaudio
import torchaudio.functional as F

warnings.filterwarnings("ignore")
out = {}


def numbers(a):
    """Nine digits, which tell every f32 apart."""
    return [float(f"{x:.9g}") for x in np.asarray(a, dtype=np.float64).ravel()]


def noise(n, seed):
    state, values = seed, []
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state / 2**31 - 1)
    return np.array(values)


def signal(n, rate, seed=1):
    """A sweep from 100 Hz upwards, a tone, and a little noise."""
    t = np.arange(n) / rate
    sweep = 0.5 * np.sin(2 * np.pi * (100 * t + 20000 * t * t))
    tone = 0.2 * np.sin(2 * np.pi * 1250 * t)
    return (sweep + tone + 0.05 * noise(n, seed)).astype(np.float32)


def smooth(n, rate, top):
    """Five tones up to `top` Hz."""
    t = np.arange(n) / rate
    return sum(0.15 * np.sin(2 * np.pi * top * k / 5 * t + k) for k in range(1, 6))


# Files of libsndfile, and what it reads from them.
out["wav"] = []
values = np.concatenate([np.linspace(-1, 0.99, 21), [0.5, -0.25, 1e-3, 0.1]])
frames = np.stack([values, values[::-1]], axis=1)[:25]
for container in ["WAV", "WAVEX"]:
    for subtype in ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW"]:
        for channels in [1, 2]:
            file = io.BytesIO()
            soundfile.write(file, frames[:, :channels], 11025, subtype, format=container)
            read, rate = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32", always_2d=True)
            out["wav"].append({
                "name": f"{container} {subtype} {channels}",
                "file": file.getvalue().hex(),
                "rate": rate,
                "channels": channels,
                "samples": numbers(read),
            })

out["flac"] = []
for subtype in ["PCM_16", "PCM_24"]:
    file = io.BytesIO()
    x = np.stack([signal(120, 16000), signal(120, 16000, 2)], axis=1)
    soundfile.write(file, x, 16000, subtype, format="FLAC")
    read, _ = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32", always_2d=True)
    out["flac"].append({"name": subtype, "file": file.getvalue().hex(), "samples": numbers(read)})

# All 256 codes of A-law and mu-law, by libsndfile.
out["g711"] = {}
for subtype in ["ALAW", "ULAW"]:
    raw = io.BytesIO(bytes(range(256)))
    read, _ = soundfile.read(raw, dtype="float32", format="RAW", subtype=subtype, samplerate=8000,
                             channels=1)
    out["g711"][subtype] = numbers(read)

# Resampling: the filter of librosa's old `kaiser_best` in torchaudio, and the best of soxr in librosa;
# 100 samples from the middle.
out["resample"] = []
for old, new in [(16000, 8000), (8000, 16000), (44100, 16000), (16000, 22050), (16000, 16001)]:
    x = torch.tensor(smooth(20000, old, 0.4 * min(old, new)), dtype=torch.float64)
    y = F.resample(x, old, new, lowpass_filter_width=64, rolloff=0.9475937167399596,
                   resampling_method="sinc_interp_kaiser", beta=14.769656459379492).numpy()
    z = librosa.resample(x.numpy(), orig_sr=old, target_sr=new, res_type="soxr_vhq")
    middle = len(y) // 2
    out["resample"].append({"from": old, "to": new, "len": len(y), "start": middle,
                            "torchaudio": numbers(y[middle:middle + 100]),
                            "librosa": numbers(z[middle:middle + 100])})

# Windows of PyTorch; povey (Kaldi) from torchaudio.
import torchaudio.compliance.kaldi as kaldi
out["windows"] = {}
for name, make in [("hann", torch.hann_window), ("hamming", torch.hamming_window),
                   ("blackman", torch.blackman_window)]:
    for periodic in [True, False]:
        w = make(25, periodic=periodic, dtype=torch.float64)
        out["windows"][f"{name} {'periodic' if periodic else 'symmetric'}"] = numbers(w)
out["windows"]["kaiser symmetric"] = numbers(
    torch.kaiser_window(25, periodic=False, beta=8.5, dtype=torch.float64))
povey = kaldi._feature_window_function("povey", 25, 0.42, torch.device("cpu"), torch.float64)
out["windows"]["povey symmetric"] = numbers(povey)

# Spectra of torch.stft.
out["stft"] = []
x = torch.tensor(signal(100, 16000))
for n_fft, hop, length, center, mode in [(32, 10, 32, True, "reflect"), (32, 16, 20, True, "constant"),
                                         (33, 7, 33, False, "reflect"), (30, 15, 24, True, "reflect")]:
    s = torch.stft(x.double(), n_fft, hop, length, torch.hann_window(length, dtype=torch.float64),
                   center=center, pad_mode=mode, return_complex=True).T.resolve_conj().contiguous()
    out["stft"].append({"n_fft": n_fft, "hop": hop, "length": length, "center": center, "mode": mode,
                        "frames": s.shape[0], "complex": numbers(torch.view_as_real(s))})

# Mel filters and spectra of librosa.
out["mel"] = []
for rate, n_fft, bands, low, high, htk, norm in [
        (16000, 400, 20, 0, 8000, False, "slaney"), (8000, 256, 23, 20, 3700, True, None),
        (22050, 512, 16, 50, 11025, True, "slaney"), (16000, 512, 12, 0, 8000, False, None)]:
    m = librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=bands, fmin=low, fmax=high, htk=htk, norm=norm,
                            dtype=np.float64)
    x = signal(2 * n_fft, rate).astype(np.float64)
    s = librosa.feature.melspectrogram(y=x, sr=rate, n_fft=n_fft, hop_length=n_fft // 2, n_mels=bands,
                                       fmin=low, fmax=high, htk=htk, norm=norm, pad_mode="reflect")
    # For the filters their sums, and their sums weighted by the bins, tell all that can go wrong.
    out["mel"].append({"rate": rate, "n_fft": n_fft, "bands": bands, "low": low, "high": high,
                       "htk": htk, "norm": norm is not None, "sums": numbers(m.sum(1)),
                       "moments": numbers(m @ np.arange(m.shape[1])), "spectrum": numbers(s.T)})
out["hz_to_mel"] = {"hz": numbers([0, 60, 999, 1000, 1001, 4000, 12345]),
                    "slaney": numbers(librosa.hz_to_mel([0, 60, 999, 1000, 1001, 4000, 12345])),
                    "htk": numbers(librosa.hz_to_mel([0, 60, 999, 1000, 1001, 4000, 12345], htk=True))}


def whisper(x):
    """Radford et al. 2022, section 2.2, and their published code, in double precision."""
    stft = torch.stft(torch.tensor(x).double(), 400, 160,
                      window=torch.hann_window(400, dtype=torch.float64), return_complex=True)
    power = stft[:, :-1].abs() ** 2
    filters = torch.tensor(librosa.filters.mel(sr=16000, n_fft=400, n_mels=80, dtype=np.float64))
    log = torch.clamp(filters @ power, min=1e-10).log10()
    return ((torch.maximum(log, log.max() - 8) + 4) / 4).T


out["whisper"] = {"n": 1000, "values": numbers(whisper(signal(1000, 16000)))}
path = os.path.join(os.environ["GRADUS_SHARED"], "data/speech/assets/jfk_16k.wav")
jfk = whisper(soundfile.read(path, dtype="float32")[0])
out["jfk"] = {"frames": jfk.shape[0], "mean": float(jfk.mean()), "row": 300, "values": numbers(jfk[300])}

# MFCC of librosa (its defaults but for sizes), and of torchaudio.
x = signal(1200, 16000).astype(np.float64)
db = librosa.power_to_db(librosa.feature.melspectrogram(
    y=x, sr=16000, n_fft=400, hop_length=160, n_mels=40, pad_mode="reflect"))
mfcc = librosa.feature.mfcc(S=db, n_mfcc=13)
out["mfcc"] = {"n": 1200, "db": numbers(db.T[:3]), "values": numbers(mfcc.T)}
t = torchaudio.transforms.MFCC(16000, n_mfcc=13, log_mels=True, melkwargs={
    "n_fft": 400, "hop_length": 160, "n_mels": 40, "norm": "slaney", "mel_scale": "slaney"})
out["mfcc"]["log_mels"] = numbers(t(torch.tensor(x, dtype=torch.float32)).T)

# Deltas and normalisation of the same coefficients.
m = torch.tensor(mfcc)
out["deltas"] = {"first": numbers(F.compute_deltas(m, win_length=5).T),
                 "wide": numbers(librosa.feature.delta(mfcc, width=7, mode="nearest").T)}
out["cmvn"] = numbers(((mfcc - mfcc.mean(1, keepdims=True)) / mfcc.std(1, keepdims=True)).T)

print(json.dumps(out, separators=(",", ":")).replace('},{', '},\n{').replace(',"', ',\n"'))
