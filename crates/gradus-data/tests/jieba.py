"""Writes it/jieba.json: words of Chinese sentences by the package `jieba` 0.42.1 from PyPI, and the part of its
dictionary that they need.

Run: python crates/gradus-data/tests/jieba.py [FILE...]
With files it writes their lines and words, white space dropped, to standard output instead: a JSON list for each line.
"""
import json, pathlib, sys, tempfile

sys.path.pop(0)  # this file has the name of the package
import jieba

jieba.setLogLevel(60)

SENTENCES = """
我来到北京清华大学
他来到了网易杭研大厦
小明硕士毕业于中国科学院计算所，后在日本京都大学深造。
乒乓球拍卖完了
南京市长江大桥
结婚的和尚未结婚的
工信处女干事每月经过下属科室都要亲口交代24口交换机等技术性器件的安装工作
“台中”正确应该不会被切开
我在2026年11月用Rust 1.95写了一个C++程序，提高了3.14%的速度！
今天天气不错,我们去 颐和园   玩吧。
床前明月光，疑是地上霜。举头望明月，低头思故乡。
機器學習與深度學習
书的质量很好，纸张不错，送货也快。推荐！
房间太小了，隔音效果差，早餐一般般，不会再来。
酒店服务态度很好：前台小姐总是微笑着😀，就是wifi有点慢……
李小福是创新办主任也是云计算方面的专家
email: someone@example.com, http://www.example.com/a?b=c&d=e
吉林省长春药店
3-4个人, 1.95.3版, 50%-60%, C++11与e-mail, a_b.c--d..., Wi-Fi
買水果然後來世博園最後去世博會
ＡＢＣ全角１２３
一
㐀 和𠀀，龘
こんにちは世界，안녕하세요
e\u0301 和 à la carte\t制表符
""".strip("\n").split("\n")
SENTENCES += ["", " ", "\u3000\u3000段首空格", "行尾\r\n下一行\n", "的" * 40]

def words(cut, text):
    return [word for word in cut(text) if not word.isspace()]

if sys.argv[1:]:
    for path in sys.argv[1:]:
        for line in pathlib.Path(path).read_text("utf-8").split("\n"):
            print(json.dumps([line, words(jieba.lcut, line)], ensure_ascii=False))
    sys.exit()

whole = pathlib.Path(jieba.__file__).with_name("dict.txt").read_text("utf-8").splitlines()
needed = [line for line in whole if any(line.split(" ")[0] in sentence for sentence in SENTENCES)]
count = lambda lines: sum(int(line.split(" ")[1]) for line in lines)
# The others count as well: in the sum of all.
needed.append(f"其余其余其余 {count(whole) - count(needed)} x")
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "dict.txt")
    path.write_text("\n".join(needed), "utf-8")
    part = jieba.Tokenizer(dictionary=str(path))
    part.cache_file = str(pathlib.Path(folder, "cache"))
    cases = [[sentence, words(part.lcut, sentence)] for sentence in SENTENCES]
for sentence, found in cases:
    assert found == words(jieba.lcut, sentence), (sentence, found)
about = f'"about": "jieba {jieba.__version__}",\n"dictionary": {json.dumps(chr(10).join(needed), ensure_ascii=False)}'
rows = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
text = "{%s,\n\"cases\": [\n%s\n]}\n" % (about, rows)
(pathlib.Path(__file__).parent / "it" / "jieba.json").write_text(text, "utf-8")
