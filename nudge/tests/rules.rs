//! The rules' own examples, and what holds for every text.

use nudge::{Engine, Facts, Kind, Place, Recheck, SHIPPED, Section, as_markdown};
use proptest::prelude::{
    Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use std::sync::LazyLock;
use std::time::Instant;

static ENGLISH: LazyLock<Engine> = LazyLock::new(|| shipped("en"));

fn shipped(language: &str) -> Engine {
    let engine = Engine::shipped(language).expect("the language is shipped");
    engine.unwrap_or_else(|error| panic!("{language}: {error}"))
}

/// Whether a rule speaks in an example, `section: sentence`.
fn speaks(engine: &Engine, rule: &str, example: &str) -> bool {
    let (section, sentence) = example.split_once(": ").expect("an example names its section");
    let place = Place {
        section: Section::named(section).unwrap_or_else(|| panic!("no section is {section}")),
        kind: Kind::Paragraph,
        heading: "",
        is_zone_declared: false,
        people: &[],
    };
    let found = engine.check_passage(sentence, &place);
    found.iter().any(|finding| engine.rule(finding).id == rule)
}

#[test]
fn every_rule_speaks_and_is_silent_where_its_examples_say() {
    let mut wrong = Vec::new();
    for (language, _) in SHIPPED {
        let engine = shipped(language);
        for rule in engine.rules().iter().filter(|rule| !rule.is_of_document) {
            assert!(!rule.speaks.is_empty(), "{language}: {} has no example", rule.id);
            assert!(!rule.silent.is_empty(), "{language}: {} is silent nowhere", rule.id);
            for example in rule.speaks.iter().filter(|e| !speaks(&engine, &rule.id, e)) {
                wrong.push(format!("{language}: {} misses `{example}`", rule.id));
            }
            for example in rule.silent.iter().filter(|e| speaks(&engine, &rule.id, e)) {
                wrong.push(format!("{language}: {} speaks in `{example}`", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_says_why_asks_and_names_its_source() {
    for (language, _) in SHIPPED {
        for rule in shipped(language).rules() {
            assert!(rule.why.ends_with('.') || rule.why.ends_with('!'), "{language}: {}", rule.id);
            assert!(!rule.question.is_empty(), "{language}: {}", rule.id);
            assert!(!rule.category.is_empty(), "{language}: {}", rule.id);
        }
    }
    assert!(shipped("de").rules().iter().filter(|rule| !rule.is_of_document).count() >= 10);
}

#[test]
fn an_organisation_adds_changes_and_silences_rules() {
    let (_, english) = SHIPPED[0];
    let own = r#"
        silence = ["absence-as-cause"]
        [words]
        heroics = "hero heroic heroics saviour"
        [[rule]]
        id = "vague-quantity"
        severity = "off"
        [[rule]]
        id = "heroics"
        category = "acme"
        severity = "warn"
        why = "A hero is a gap in the system."
        question = "What did the hero make up for?"
        sections = "lessons"
        match = ["{heroics}"]
        speaks = ["lessons: Mia was a hero."]
        silent = ["timeline: Mia was a hero."]
    "#;
    let engine = Engine::of(&[english, own]).expect("the rules are understood");
    assert!(speaks(&engine, "heroics", "lessons: Mia was a hero that night."));
    assert!(!speaks(&engine, "heroics", "timeline: Mia was a hero that night."));
    assert!(!speaks(&engine, "absence-as-cause", "factors: No monitoring on the queue."));
    assert!(!speaks(&engine, "vague-quantity", "impact: Some users could not log in."));
}

#[test]
fn a_fault_in_a_rule_file_is_named_with_its_rule() {
    let fault = |rules: &str| Engine::of(&[rules]).expect_err("it is faulty").to_string();
    let rule = |pattern: &str| {
        format!(
            "[[rule]]\nid = \"x\"\ncategory = \"c\"\nwhy = \"w.\"\nquestion = \"q?\"\nmatch = ['{pattern}']"
        )
    };
    assert!(fault(&rule("{nowhere}")).contains("no class is named"));
    assert!(fault(&rule("a <b>")).contains("no part is named"));
    assert!(fault(&rule(". a")).contains("could begin anywhere"));
    assert!(fault(&rule("a?")).contains("nothing at all"));
    assert!(fault(&rule("(a")).contains("not closed"));
    assert!(fault(&rule("a@martian")).contains("no subject"));
    assert!(fault("silence = [\"x\"]").contains("no rule is `x`"));
    assert!(fault("colour = 1").contains("colour"));
}

#[test]
fn facts_of_the_platform_decide_where_the_text_cannot() {
    let text = "# A\n## Summary\nZbigniewa deleted the bucket at 10:15.\n";
    let ids = |facts: &Facts| -> Vec<String> {
        let found = ENGLISH.check(text, facts);
        found.iter().map(|finding| ENGLISH.rule(finding).id.clone()).collect()
    };
    let unknown = ids(&Facts::default());
    assert!(!unknown.contains(&"named-culprit".to_owned()));
    assert!(unknown.contains(&"unanchored-time".to_owned()));
    let facts = Facts {
        participants: vec!["Zbigniewa Nowak".to_owned()],
        is_zone_declared: Some(true),
        things: Vec::new(),
    };
    let known = ids(&facts);
    assert!(known.contains(&"named-culprit".to_owned()));
    assert!(!known.contains(&"unanchored-time".to_owned()));
}

#[test]
fn a_comment_silences_a_rule_and_must_say_why() {
    let ids = |text: &str| -> Vec<String> {
        let found = ENGLISH.check(text, &Facts::default());
        found.iter().map(|finding| ENGLISH.rule(finding).id.clone()).collect()
    };
    let said = "## Lessons\n\nSomeone dropped the ball.\n";
    assert!(ids(said).contains(&"blame-individual".to_owned()));
    let reason = "## Lessons\n\n<!-- nudge ignore blame-individual: their own words -->\nSomeone dropped the ball.\n";
    assert_eq!(ids(reason), Vec::<String>::new());
    let bare = "## Lessons\n\n<!-- nudge ignore blame-individual -->\nSomeone dropped the ball.\n";
    assert_eq!(ids(bare), ["silence-without-reason"]);
    let off = "## Lessons\n\n<!-- nudge off all: a quote -->\n\nSomeone dropped the ball.\n\n<!-- nudge on all -->\n\nHe was at fault.\n";
    assert_eq!(ids(off), ["blame-individual"]);
}

#[test]
fn code_quotes_and_front_matter_are_not_read() {
    let text = "---\ntitle: who is to blame\n---\n## Lessons\n\n```\nhe is to blame\n```\n\n> he is to blame\n\n\
                The page said \"he is to blame\" and `he is to blame`.\n\n<!-- he is to blame -->\n";
    assert!(ENGLISH.check(text, &Facts::default()).is_empty());
}

#[test]
fn html_is_checked_in_its_own_places() {
    let html = "<h2>Lessons learned</h2>\n<p>Someone <b>dropped</b> the ball.</p>";
    let found = ENGLISH.check(&as_markdown(html), &Facts::default());
    let finding = found.first().expect("there is a finding");
    assert_eq!(&html[finding.span.start..finding.span.end], "dropped</b> the ball");
}

#[test]
fn a_long_text_takes_time_in_proportion() {
    let hard = [
        "(",
        "[",
        "`",
        "\"",
        "'",
        "<",
        "<!--",
        "we did not ",
        "if we had ",
        "root cause ",
        "a. ",
        "| a ",
        "- [ ] ",
        "> ",
        "10:00 ",
        "**",
        "x@y ",
        "http://a/b ",
        "1,2.3/4-5:6 ",
        "not not not ",
        "é’“ ",
        "was never ",
    ];
    for piece in hard {
        let text = piece.repeat(400_000 / piece.len());
        let start = Instant::now();
        let _ = ENGLISH.check(&text, &Facts::default());
        assert!(start.elapsed().as_secs() < 15, "{piece:?} took {:?}", start.elapsed());
    }
}

fn texts() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("we"),
        Just("did not"),
        Just("check"),
        Just("the"),
        Just("root cause was"),
        Just("\n"),
        Just("\n\n## "),
        Just("- [ ] "),
        Just("| a | b |\n"),
        Just("|---|---|\n"),
        Just("`"),
        Just("\""),
        Just("<!--"),
        Just("-->"),
        Just("10:15"),
        Just("Timeline"),
        Just("Action items"),
        Just("1 May"),
        Just("“"),
        Just("é"),
        Just("'"),
        Just("(")
    ];
    let pieces = prop_oneof![4 => words.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_places_are_on_characters(text in texts()) {
        for finding in ENGLISH.check(&text, &Facts::default()) {
            prop_assert!(text.get(finding.span.start..finding.span.end).is_some());
        }
        prop_assert_eq!(as_markdown(&text).len(), text.len());
    }

    #[test]
    fn a_recheck_finds_what_a_check_finds(before in texts(), after in texts()) {
        let mut memory = Recheck::default();
        let facts = Facts::default();
        let _ = ENGLISH.recheck(&before, &facts, &mut memory);
        prop_assert_eq!(ENGLISH.recheck(&after, &facts, &mut memory), ENGLISH.check(&after, &facts));
    }
}
