"""Records what jiwer and sacrebleu say of a few texts, in text.json beside this file.

    python -m venv venv && venv/bin/pip install jiwer==4.0.0 sacrebleu==2.6.0
    venv/bin/python text.py
"""

import json
import pathlib
import random

import jiwer
from sacrebleu.metrics import BLEU

random.seed(14)


def counts(out):
    return [out.hits, out.substitutions, out.deletions, out.insertions]


# Few different words, so that many shortest ways exist.
edits = []
for n in range(40):
    reference = [random.randrange(3) for _ in range(random.randint(1, 12))]
    if n % 2:
        hypothesis = [random.randrange(3) for _ in range(random.randint(0, 12))]
    else:
        hypothesis = [w for w in reference if random.random() < 0.8 for w in [w] * random.randint(1, 2)]
    out = jiwer.process_words(" ".join(map(str, reference)), " ".join(map(str, hypothesis)))
    edits.append({"hypothesis": hypothesis, "reference": reference, "counts": counts(out)})

spoken = [
    ("he hoped there would be stew for dinner", "he hoped there'd be stew for dinner"),
    ("turnips and carrots and bruised potatoes", "turnip and carrots and bruised potato as"),
    ("  and fat  mutton pieces ", "and fat mutton pieces"),
    ("to be ladled out in thick", "to be laid out thick"),
    ("peppered flour fattened sauce", ""),
    ("Größe und Übermut, naïve Café", "grosse und Übermut naive Café"),
    ("今天 天气 很 好", "今天 天器 好"),
]
references, hypotheses = [r for r, _ in spoken], [h for _, h in spoken]
words, characters = jiwer.process_words(references, hypotheses), jiwer.process_characters(references, hypotheses)
rates = {
    "hypotheses": hypotheses,
    "references": references,
    "wer": words.wer,
    "words": counts(words),
    "cer": characters.cer,
    "characters": counts(characters),
}

lines = [
    "Hello, world! It's 3.14 (or 2,71) -- isn't it?",
    "A 5-year-old e.g. \"quoted\" <skipped>text &amp; more &lt;b&gt; &quot;x&quot; &amp;lt;",
    "...,,.a.,b 1.,2 3-4- x-y 10,000.50 .5 5. ,",
    "end-\nof line\nand another",
    "prices: $5/kg @home [a] {b} ~c `d` ^e _f_ a\\b|c *+;=#%'",
    "  tabs\tand\u00a0spaces \u2003 here \x1f unit ",
    "Ünïcödé — “quotes” … 3–4 ½ ٣.٤",
    "今天天气，很好。I have 3.5个苹果！",
    "ﬁ Ａ１ ２.５ 𠀀 ⿰ ㍿ ☃ → ∑ ※ 𝔘",
    ".", "", " ", "-", "1-", "9.9", "a.", ".a",
]
tokens = {name: [BLEU(tokenize=name)._preprocess_segment(line).split() for line in lines]
          for name in ["13a", "zh", "char", "none"]}

english = [
    "The dog bit the man.",
    "It wasn't surprising, was it?",
    "The man had just bitten him -- at 5.30 p.m.",
    "There are 1,234 apples (or so) in the big red box.",
    "Nothing of this kind was ever seen before in the city.",
]
right = [
    ["The dog bit the man.", "The dog had bit the man."],
    ["It was not unexpected, was it?", "No one was surprised."],
    ["The man bit him first -- at 5:30 p.m.", "The man had bitten the dog at 5.30 pm"],
    ["There are 1,234 apples in the large red box.", "1,234 apples (or so) are in the big red box."],
    ["Nothing like it had been seen in the city before.", "Nothing of the kind was ever seen in town."],
]
chinese = ["今天天气很好，我们去公园。", "他有 3.5 个苹果!"]
chinese_right = [["今天天气不错，我们去公园吧。"], ["他有 3.5 个红苹果。"]]
cases = [
    (english, right, {}),
    (english, [r[:1] for r in right], {}),
    (english, right, {"lowercase": True}),
    (english, right, {"tokenize": "none"}),
    (english, right, {"tokenize": "char"}),
    (english, right, {"max_ngram_order": 2}),
    (english, right, {"max_ngram_order": 6}),
    (chinese, chinese_right, {"tokenize": "zh"}),
    (chinese, chinese_right, {}),
    (english[:1], [["A cat ate the man"]], {}),
    (english[:1], [["A cat ate the man"]], {"smooth_method": "none"}),
    (english[:1], [["A cat ate the man"]], {"smooth_method": "floor"}),
    (english[:1], [["A cat ate the man"]], {"smooth_method": "floor", "smooth_value": 0.5}),
    (english[:1], [["A cat ate the man"]], {"smooth_method": "add-k"}),
    (english, right, {"smooth_method": "add-k", "smooth_value": 2}),
    (["the cat"], [["the cat"]], {}),
    (["the cat"], [["the cat"]], {"smooth_method": "add-k"}),
    (["the cat"], [["the cat"]], {"effective_order": True}),
    (["no match"], [["quite different words here"]], {}),
    ([""], [["something"]], {}),
    (["the the the the the the the"], [["the cat is on the mat", "there is a cat on the mat"]], {}),
]
bleu = []
for hypotheses, references, settings in cases:
    # sacrebleu wants the first references of all texts, then the second ones.
    streams = [list(stream) for stream in zip(*references)]
    score = BLEU(**settings).corpus_score(hypotheses, streams)
    bleu.append({"hypotheses": hypotheses, "references": references, "settings": settings,
                 "score": score.score, "precisions": score.precisions, "penalty": score.bp,
                 "lengths": [score.sys_len, score.ref_len]})

record = {"edits": edits, "rates": rates, "lines": lines, "tokens": tokens, "bleu": bleu}
text = json.dumps(record, ensure_ascii=True, separators=(",", ":"))
pathlib.Path(__file__).with_name("text.json").write_text(text.replace('},{', '},\n{') + "\n")
