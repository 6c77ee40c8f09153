//! The lexer's tests.

use super::*;

fn shapes(text: &str) -> Vec<(String, u32)> {
    let mut lexicon = Lexicon::default();
    let month = lexicon.names.number("month").expect("there is room");
    lexicon.put("may", month, 0);
    lexicon.put("did", month, 0);
    let marks = Marks::of(&mut lexicon);
    let mut lexer = Lexer::new(text, &lexicon, marks, &[]);
    let (mut tokens, mut all) = (Vec::new(), Vec::new());
    while lexer.sentence(&mut tokens) {
        let inner = &tokens[1..tokens.len() - 1];
        all.extend(inner.iter().map(|token| (token.text(text).to_owned(), token.shapes)));
    }
    all
}

fn texts(text: &str) -> Vec<String> {
    shapes(text).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn a_number_beside_a_month_is_a_date() {
    let found = shapes("seen on 1 May (ops)");
    let one = found.iter().find(|(text, _)| text == "1").expect("there is a number");
    assert_eq!(one.1, classes::DATE);
}

#[test]
fn contractions_are_two_words() {
    assert_eq!(texts("We didn't look"), ["We", "did", "n't", "look"]);
    assert_eq!(texts("Elena's fault"), ["Elena", "'s", "fault"]);
    assert_eq!(texts("couldn’t"), ["could", "n’t"]);
}

#[test]
fn code_quotes_addresses_and_tags_are_one_token_or_none() {
    assert_eq!(texts("run `a b` now"), ["run", "`a b`", "now"]);
    assert_eq!(texts("said \"it broke\" twice"), ["said", "\"it broke\"", "twice"]);
    assert_eq!(
        texts("see https://a.example/b?c=d here"),
        ["see", "https://a.example/b?c=d", "here"]
    );
    assert_eq!(texts("the [old page](https://a.example) fell"), ["the", "old", "page", "fell"]);
    assert_eq!(texts("a <b>bold</b> word"), ["a", "bold", "word"]);
}

#[test]
fn every_look_ahead_ends() {
    for text in [
        "`", "\"", "“a", "'a", "<a", "<!--", "[a](b", "a@", "@", "&", "1", "a.b.", "é’", "a'", ":b",
    ] {
        let _ = texts(text);
    }
}
