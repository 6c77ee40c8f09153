//! Settings, forms of output, baseline and scores, on real files in a folder of their own.

use super::baseline::Baseline;
use super::config::{LintConfig, matches};
use super::files::{self, Source};
use super::labelled;
use super::lint::{Linter, Report, count};
use super::said::Lines;
use super::show::{self, Look};
use std::path::{Path, PathBuf};

const RETRO: &str = "# Checkout\n\n## Lessons learned\n\nThe reviewer should have seen the missing index.\n\n\
                     ## Impact\n\nSome users could not log in.\n";

fn linter(settings: &str) -> Linter {
    let config: LintConfig = toml::from_str(settings).expect("the settings are understood");
    Linter::new(config).expect("the rules are understood")
}

fn reports(settings: &str, texts: &[(&str, &str)]) -> Vec<Report> {
    let linter = linter(settings);
    let check = |(name, text): &(&str, &str)| linter.check(Source::of(name, text.as_bytes()));
    texts.iter().map(|text| check(text).expect("it is checked")).collect()
}

fn rules(reports: &[Report]) -> Vec<&str> {
    reports.iter().flat_map(|report| &report.nudges).map(|nudge| nudge.rule.as_str()).collect()
}

#[test]
fn a_finding_has_its_place_in_lines_and_characters() {
    let found = reports("", &[("a.md", RETRO)]);
    let nudge = found[0].nudges.iter().find(|nudge| nudge.rule == "counterfactual");
    let nudge = nudge.expect("it is found");
    assert_eq!((nudge.line, nudge.column), (5, 14));
    assert_eq!(&RETRO[nudge.start..nudge.end], nudge.words);
    assert_eq!(nudge.end_column - nudge.column, nudge.words.chars().count());
    let lines = Lines::of("aé\nb");
    assert_eq!(lines.place(3), (1, 3));
    assert_eq!(lines.place(4), (2, 1));
    assert_eq!(lines.line(2), "b");
}

#[test]
fn the_text_underlines_the_words_and_asks() {
    let found =
        reports("silence = [\"missing-actions\", \"missing-timeline\"]", &[("a.md", RETRO)]);
    let shown = show::text(&found, Look::default());
    assert!(shown.contains("warn[counterfactual]: It analyses"), "{shown}");
    assert!(shown.contains(" --> a.md:5:14\n"), "{shown}");
    assert!(shown.contains("5 | The reviewer should have seen the missing index.\n"), "{shown}");
    assert!(shown.contains(" |              ^^^^^^^^^^^"), "{shown}");
    assert!(shown.contains("= ask: What was visible"), "{shown}");
    assert!(shown.contains("hint[vague-quantity] a.md:9:1: \"Some users"), "{shown}");
    assert!(!shown.contains('\x1b'));
}

#[test]
fn a_text_cannot_steer_the_terminal() {
    let text = "## Lessons\n\nSomeone \x1b[8m\u{202e}dropped the ball.\n";
    let found = reports("", &[("a\x1b.md", text)]);
    assert!(!found[0].nudges.is_empty());
    let shown = show::text(&found, Look { has_colour: false, shows_hints: true });
    assert!(!shown.contains('\x1b') && !shown.contains('\u{202e}'), "{shown}");
}

#[test]
fn sarif_github_and_json_name_rule_place_and_question() {
    let found = reports("", &[("a b.md", RETRO)]);
    let engine = super::engine("en", &[]).expect("English is shipped");
    let sarif = show::sarif(&found, engine.rules());
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().expect("there are results");
    assert_eq!(results.len(), found[0].nudges.len());
    let one = results.iter().find(|one| one["ruleId"] == "counterfactual").expect("it is there");
    assert_eq!(one["level"], "warning");
    let rule =
        &sarif["runs"][0]["tool"]["driver"]["rules"][one["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], "counterfactual");
    let place = &one["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.md");
    assert_eq!(place["region"]["startLine"], 5);
    let github = show::github(&found);
    assert!(github.contains("::warning file=a b.md,line=5,endLine=5,col=14,"), "{github}");
    assert_eq!(github.lines().count(), found[0].nudges.len());
    let json = show::json(&found);
    assert_eq!(json["warnings"], count(&found).0);
    assert_eq!(json["files"][0]["nudges"].as_array().unwrap().len(), found[0].nudges.len());
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let before = reports("", &[("a.md", RETRO)]);
    let text = Baseline::of(&before).to_text();
    let baseline = Baseline::parse(&text).expect("it reads what it wrote");
    let longer = RETRO.replace("# Checkout", "# Checkout\n\nA new line above.")
        + "\n## Impact\n\nMost orders failed.\n";
    let mut after = reports("", &[("a.md", &longer)]);
    assert!(baseline.take_out(&mut after) > 0);
    assert_eq!(rules(&after), ["vague-quantity"]);
    assert!(Baseline::parse("{}").is_err());
    assert!(Baseline::parse("{\"version\":2,\"files\":{}}").unwrap_err().contains("form 2"));
}

#[test]
fn settings_hold_for_the_paths_they_name() {
    let settings = "silence = [\"vague-quantity\"]\n[[path]]\nfiles = \"old/**\"\nsilence = [\"all\"]\n\
                    [[path]]\nfiles = \"**/new.md\"\nspeak = [\"vague-quantity\"]";
    let found = reports(settings, &[("old/a.md", RETRO), ("b.md", RETRO), ("x/new.md", RETRO)]);
    assert!(found[0].nudges.is_empty());
    assert!(!rules(&found[1..2]).contains(&"vague-quantity"));
    assert!(rules(&found[2..]).contains(&"vague-quantity"));
}

#[test]
fn a_wrong_setting_is_refused_with_its_name() {
    let wrong = |settings: &str| {
        let config: LintConfig = toml::from_str(settings).expect("it is TOML");
        Linter::new(config).expect_err("it is wrong").to_string()
    };
    assert!(wrong("silence = [\"nowhere\"]").contains("`nowhere`"));
    assert!(wrong("language = \"tlh\"").contains("`tlh`"));
    assert!(wrong("rules = [\"not-there.toml\"]").contains("not-there.toml"));
    assert!(toml::from_str::<LintConfig>("colour = 1").is_err());
}

#[test]
fn patterns_are_of_names_and_of_paths() {
    for (pattern, path) in [
        ("*.md", "a/b.md"),
        ("a/*.md", "a/b.md"),
        ("a/**", "a/b/c.md"),
        ("**/c.md", "a/b/c.md"),
        ("**/c.md", "c.md"),
        ("a/**/c.md", "a/c.md"),
        ("a/?.md", "a/b.md"),
    ] {
        assert!(matches(pattern, path), "{pattern} {path}");
    }
    for (pattern, path) in
        [("a/*.md", "a/b/c.md"), ("a/**", "b/a.md"), ("?.md", "ab.md"), ("a", "ab")]
    {
        assert!(!matches(pattern, path), "{pattern} {path}");
    }
}

#[test]
fn folders_are_walked_in_order_and_settings_found_upward() {
    let folder = tempfile::tempdir().expect("there is room");
    let inner = folder.path().join("reports/2026");
    std::fs::create_dir_all(inner.join(".git")).unwrap();
    for (name, text) in [
        ("b.md", RETRO),
        ("a.html", "<h2>Lessons</h2><p>Someone dropped the ball.</p>"),
        ("draft.md", RETRO),
        ("c.rs", "we failed to look"),
        (".git/d.md", RETRO),
    ] {
        std::fs::write(inner.join(name), text).unwrap();
    }
    std::fs::write(
        folder.path().join("nudges.toml"),
        "ignore = [\"draft.md\"]\nmax_warnings = 3\n",
    )
    .unwrap();
    let config = LintConfig::above(&inner).expect("it reads");
    assert_eq!(config.max_warnings, Some(3));
    let found = files::find(std::slice::from_ref(&inner), &config).expect("it is walked");
    let names: Vec<&str> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert_eq!(names, ["a.html", "b.md"]);
    let linter = Linter::new(config).expect("it is made");
    let once = linter.check_files(&found).expect("they are checked");
    let again = linter.check_files(&found).expect("they are checked");
    assert_eq!(once, again);
    assert_eq!(rules(&once[..1]), ["blame-individual"]);
    let missing =
        files::find(&[PathBuf::from("not-there")], &linter.config).expect_err("it is not there");
    assert!(missing.to_string().contains("not-there"));
}

#[test]
fn bytes_of_any_kind_are_checked() {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u8
    };
    let bytes: Vec<u8> = (0..300_000).map(|_| next()).collect();
    let linter = linter("");
    let report = linter.check(Source::of("noise.md", &bytes)).expect("it is checked");
    let shown = show::text(&[report], Look { has_colour: true, shows_hints: true });
    assert!(shown.len() < 40_000_000);
}

#[test]
fn labelled_rows_are_scored_and_predicted() {
    let engine = super::engine("en", &[]).expect("English is shipped");
    let rows = "{\"id\":\"a\",\"text\":\"Someone dropped the ball.\",\"section\":\"lessons\",\"heading\":\"Lessons\",\
                \"kind\":\"p\",\"zone_declared\":false,\"labels\":[\"blame-individual\",\"human-error\"]}\n\
                {\"id\":\"b\",\"text\":\"The pod restarted.\",\"section\":\"factors\",\"labels\":[]}\n";
    let (predicted, score) = labelled::sentences(&engine, rows).expect("they are rows");
    assert_eq!(
        serde_json::to_string(&predicted[0]).unwrap(),
        "{\"id\":\"a\",\"labels\":[\"blame-individual\"]}"
    );
    assert_eq!((score.sum().right, score.sum().wrong, score.sum().missed), (1, 0, 1));
    assert_eq!((score.clean, score.alarms), (1, 0));
    assert_eq!(labelled::sentences(&engine, "\n{").unwrap_err().line, 2);
    let cases = serde_json::json!({
        "id": "d", "doc": "# A\n## Impact\nIt was down.\n## Timeline\n- 09:00 Page\n- 09:10 Mended\n",
        "expected": ["timeline-no-zone"], "scored": ["timeline-no-zone", "timeline-out-of-order"],
    });
    let (predicted, score) = labelled::documents(&engine, &cases.to_string()).expect("it is a row");
    assert_eq!((score.sum().right, score.sum().wrong, score.sum().missed), (1, 0, 0));
    assert!(predicted[0].labels.contains("impact-no-numbers"));
}

#[test]
fn the_examples_in_the_docs_work() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/nudges");
    let hooks = std::fs::read_to_string(docs.join("pre-commit-hooks.yaml")).expect("it is there");
    let workflow = std::fs::read_to_string(docs.join("github-workflow.yml")).expect("it is there");
    for text in [&hooks, &workflow] {
        assert!(text.contains("afterword lint"), "{text}");
    }
    let settings = std::fs::read_to_string(docs.join("nudges.toml")).expect("it is there");
    let mut config: LintConfig = toml::from_str(&settings).expect("it is understood");
    config.folder.clone_from(&docs);
    assert_eq!(config.rules, [PathBuf::from("our-rules.toml")]);
    let linter = Linter::new(config).expect("the rules of the example are understood");
    let engine = linter.engine("en").expect("it is made");
    let own = engine.rules().iter().find(|rule| rule.id == "hero-story").expect("it is there");
    for example in &own.speaks {
        let (_, sentence) = example.split_once(": ").expect("it names its section");
        let text = format!("## Lessons learned\n\n{sentence}\n");
        let report = linter.check(Source::of("a.md", text.as_bytes())).expect("it is checked");
        assert!(rules(&[report]).contains(&"hero-story"), "{example}");
    }
}
