//! Training: what is learned, and that it is always the same.

use std::collections::HashMap;

use gradus_data::text::{
    BpeTrainer, Model, Splitter, Tokenizer, WordLevelTrainer, WordPieceTrainer,
};
use serde_json::Value;

use super::{record, strings};
use crate::message;

/// The merges by the definition: count all pairs of all words, join the most frequent, begin again.
fn by_definition(words: &[(Vec<u8>, u64)], size: usize, least: u64) -> Vec<Vec<u8>> {
    let bytes: Vec<u8> = (b'!'..=b'~').chain(0xa1..=0xac).chain(0xae..=0xff).collect();
    let rest = (0..=255).filter(|byte| !bytes.contains(byte));
    let mut tokens: Vec<Vec<u8>> = bytes.iter().copied().chain(rest).map(|b| vec![b]).collect();
    let id = |tokens: &[Vec<u8>], token: &[u8]| tokens.iter().position(|t| t == token).unwrap();
    let mut words: Vec<(Vec<usize>, u64)> = words
        .iter()
        .map(|(word, count)| (word.iter().map(|&b| id(&tokens, &[b])).collect(), *count))
        .collect();
    while tokens.len() < size {
        let mut counts: HashMap<(usize, usize), u64> = HashMap::new();
        for (word, count) in &words {
            word.windows(2).for_each(|w| *counts.entry((w[0], w[1])).or_default() += count);
        }
        let best = counts.iter().max_by_key(|(pair, count)| (**count, std::cmp::Reverse(**pair)));
        let Some((&pair, _)) = best.filter(|(_, count)| **count >= least) else { break };
        let token = [&tokens[pair.0][..], &tokens[pair.1]].concat();
        if !tokens.contains(&token) {
            tokens.push(token.clone());
        }
        let joined = id(&tokens, &token);
        for (word, _) in &mut words {
            let mut at = 0;
            while at + 1 < word.len() {
                if (word[at], word[at + 1]) == pair {
                    word[at] = joined;
                    word.remove(at + 1);
                }
                at += 1;
            }
        }
    }
    tokens
}

fn tokens(tokenizer: &Tokenizer) -> Vec<Vec<u8>> {
    tokenizer.model().vocab().iter().map(|(token, _)| token.to_vec()).collect()
}

#[test]
fn merges_follow_the_definition() {
    let texts = [
        "low low low low low lower lower newest newest newest newest newest newest widest widest",
        "aaaaaaa aaaa aaa abababab babababa aabbaabb abcabcabc",
        "明月明月光 明月几时有 🙂🙂🙂 🙂🙂",
        // Many ways to the same tokens.
        "aabaabbabaabababbbaabbabaaabbabbabaababbabaabbaabababbabaabbbabababaabaababbabab",
        "bbabaabaaabbabaababbaaabbababaabbbbaabaababaabbaaabababbbbabaabbaaababababbabaaa",
    ];
    let mut counts: HashMap<Vec<u8>, u64> = HashMap::new();
    for word in texts.iter().flat_map(|text| Splitter::Gpt2.split(text)) {
        *counts.entry(word.into()).or_default() += 1;
    }
    let words: Vec<_> = counts.into_iter().collect();
    for (size, least) in [(256, 1), (262, 1), (300, 1), (300, 2), (300, 3), (1000, 1)] {
        let tokenizer = BpeTrainer::new(size).min_count(least).train(texts).unwrap();
        assert_eq!(tokens(&tokenizer), by_definition(&words, size, least), "{size} {least}");
    }
}

#[test]
fn the_library_learns_the_same() {
    let record = record();
    let wanted = &record["tokenizers"]["gpt2"]["file"]["model"];
    let trainer = BpeTrainer::new(600).special_tokens(["<|endoftext|>"]).min_count(2);
    let tokenizer = trainer.train(strings(&record["texts"])).unwrap();
    let file: Value = serde_json::from_str(&tokenizer.to_json().unwrap()).unwrap();
    assert_eq!(file["model"]["merges"], wanted["merges"]);
    assert_eq!(file["model"]["vocab"], wanted["vocab"]);
}

#[test]
fn the_order_of_texts_does_not_matter() {
    let record = record();
    let texts = strings(&record["texts"]);
    let backwards: Vec<_> = texts.iter().rev().copied().collect();
    let one = WordPieceTrainer::new(900).train(&texts).unwrap().to_json().unwrap();
    assert_eq!(WordPieceTrainer::new(900).train(&backwards).unwrap().to_json().unwrap(), one);
    let one = BpeTrainer::new(900).train(&texts).unwrap().to_json().unwrap();
    assert_eq!(BpeTrainer::new(900).train(&backwards).unwrap().to_json().unwrap(), one);
    let one = WordLevelTrainer::words(300).train(&texts).unwrap().to_json().unwrap();
    assert_eq!(WordLevelTrainer::words(300).train(&backwards).unwrap().to_json().unwrap(), one);
}

#[test]
fn word_pieces() {
    let texts = ["unaffable unable able", "table stable stable", "STABLE Ünable!"];
    let tokenizer = WordPieceTrainer::new(50).train(texts).unwrap();
    let all = tokens(&tokenizer);
    let all: Vec<_> = all.iter().map(|token| std::str::from_utf8(token).unwrap()).collect();
    assert_eq!(all[..5], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
    assert_eq!(all[5..15], ["!", "a", "b", "e", "f", "l", "n", "s", "t", "u"]);
    assert_eq!(all[15..22], ["##a", "##b", "##e", "##f", "##l", "##n", "##t"]);
    assert!(all[22..].contains(&"##able") && all[22..].contains(&"stable"), "{all:?}");
    // Every word that was seen has tokens; a character that was not is unknown.
    for text in texts {
        assert!(!tokenizer.ids(text).unwrap().contains(&1), "{text}");
    }
    assert_eq!(tokenizer.ids("table x").unwrap().last(), Some(&1));

    let small = WordPieceTrainer::new(30).alphabet(3).train(texts).unwrap();
    assert!(matches!(small.model(), Model::WordPiece(_)));
    assert_eq!(small.id("e").is_some(), small.id("b").is_some());
    assert_eq!(small.id("u"), None);
    assert_eq!(
        message(WordPieceTrainer::new(20).train(texts)),
        "vocabulary: size 20; wanted at least 22: 5 special tokens, 10 characters, 7 of them within \
         words; ask for more, or for a smaller alphabet"
    );
}

#[test]
fn words_and_characters_by_count() {
    let texts = ["b a b c, a b", "c"];
    let words = WordLevelTrainer::words(5).unknown("<unk>").special_tokens(["<s>"]);
    assert_eq!(tokens(&words.train(texts).unwrap()), [&b"<unk>"[..], b"<s>", b"b", b"a", b"c"]);
    let often = WordLevelTrainer::words(9).min_count(3).train(texts).unwrap();
    assert_eq!(tokens(&often), [b"b"]);
    let characters = WordLevelTrainer::characters(9).train(["深い 深"]).unwrap();
    assert_eq!(characters.ids("深 深い").unwrap(), [0, 1, 0, 2]);
    assert_eq!(characters.decode(&[0, 2, 1]).unwrap(), "深い ");
}

#[test]
fn sizes_and_special_tokens_that_cannot_be() {
    let wrong = |special: &[&str]| {
        message(BpeTrainer::new(400).special_tokens(special.iter().copied()).train(["a"]))
    };
    assert_eq!(
        wrong(&["x1", "x1"]),
        "vocabulary: special token 1 is \"x1\"; wanted a text that is not there yet"
    );
    assert!(wrong(&[""]).contains("special token 0 is \"\""));
    assert_eq!(wrong(&["a"]), "vocabulary: \"a\" has the ids 0 and 65; wanted one id a token");
    assert_eq!(
        message(BpeTrainer::new(255).train(["a"])),
        "vocabulary: size 255; wanted at least 256: 256 bytes and 0 special tokens"
    );
    assert_eq!(
        message(WordLevelTrainer::words(1).special_tokens(["a", "b"]).train(["c"])),
        "vocabulary: size 1; wanted at least the 2 special tokens"
    );
    // Nothing to learn from.
    assert_eq!(BpeTrainer::new(500).train([""]).unwrap().vocab_size(), 256);
    assert_eq!(WordPieceTrainer::new(500).train(Vec::<&str>::new()).unwrap().vocab_size(), 5);
    assert_eq!(WordLevelTrainer::words(5).train([" "]).unwrap().vocab_size(), 0);
}

#[test]
fn a_long_line_without_spaces() {
    // Learning from one word of a million bytes touches each place a few times, not at every merge.
    let mut state = 7_u32;
    let long: String = (0..1_000_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + (state >> 28) as u8)
        })
        .collect();
    let tokenizer = BpeTrainer::new(600).train([&long]).unwrap();
    assert_eq!(tokenizer.vocab_size(), 600);
    assert_eq!(tokenizer.decode(&tokenizer.ids(&long).unwrap()).unwrap(), long);
}
