//! What a PDF of ours always is, and what no text can do to it.

use std::collections::BTreeSet;
use std::time::Instant;

use typst::World;
use typst::diag::FileError;
use typst::foundations::{Dict, IntoValue};
use typst::syntax::{FileId, RootedPath, VirtualPath, VirtualRoot};

use crate::blocks::{Block, parse};
use crate::runs::{Run, Words};
use crate::{
    Axis, Chart, Document, Error, Fonts, MAX_TEXT, Part, Series, TimelineRow, covered, pdf,
    pdf_with, unprintable, values, world,
};

fn of(parts: Vec<Part>) -> Document {
    Document {
        title: "Carts stopped filling".into(),
        id: "INC-42 · release 2".into(),
        label: "Amber: organisation only".into(),
        hash: "9f3a1c7be02d4451".into(),
        language: "en".into(),
        date: Some((2026, 3, 9)),
        parts,
        ..Document::default()
    }
}

fn markdown(text: &str) -> Document {
    of(vec![Part::Markdown(text.to_owned())])
}

fn has(bytes: &[u8], wanted: &str) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

fn every_part() -> Document {
    let row = |time: &str, text: &str| TimelineRow {
        time: time.into(),
        mark: "repair".into(),
        text: text.into(),
    };
    of(vec![
        Part::Summary("Nobody could *buy*.".into()),
        Part::Facts(vec![("Severity".into(), "2".into())]),
        Part::Heading { level: 3, text: "What happened".into() },
        Part::Markdown("### Deep\n\n> quote[^1]\n\n1. one\n   - two\n\n|a|b|\n|-|-:|\n|1|[2](/x)|\n\n```\nx\n```\n\n---\n\n[^1]: note".into()),
        Part::Timeline(vec![row("13:41", "a [b](https://a.example/)"), row("≈ 13:45", "")]),
        Part::Decision { title: "Check it".into(), state: "done".into(), note: "why".into() },
        Part::Table { header: vec!["a".into()], rows: vec![vec!["1".into(), "2".into()], vec![]] },
        Part::Chart(chart(vec![Some(1.0), None, Some(3.0)])),
        Part::Image { png_or_jpeg: PNG.to_vec(), alt: "a point".into(), caption: "One point".into() },
        Part::Note("aside".into()),
    ])
}

fn chart(ys: Vec<Option<f64>>) -> Chart {
    let points = ys.into_iter().enumerate().map(|(x, y)| (x as f64, y)).collect();
    let axis = |label: &str| Axis { label: label.into(), ticks: vec![] };
    Chart {
        title: "Orders".into(),
        alt: "Orders fall and rise".into(),
        x: axis("minutes"),
        y: axis("orders a minute"),
        series: vec![Series { name: "orders".into(), points }],
        marks: vec![],
    }
}

/// One grey point.
const PNG: [u8; 67] = [
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0,
    0, 0, 58, 126, 155, 85, 0, 0, 0, 10, 73, 68, 65, 84, 120, 156, 99, 104, 0, 0, 0, 130, 0, 129,
    119, 205, 114, 182, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

#[test]
fn every_part_is_set_as_a_tagged_pdf_with_its_fonts() {
    let bytes = pdf(&every_part()).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));
    for wanted in [
        "/MarkInfo",
        "/StructTreeRoot",
        "/Lang",
        "/Outlines",
        "/FontFile",
        "pdfuaid",
        "Carts stopped filling",
    ] {
        assert!(has(&bytes, wanted), "{wanted}");
    }
    assert!(has(&bytes, "+LibertinusSerif"), "fonts are subset");
    assert!(bytes.len() < 200_000, "{}", bytes.len());
}

#[test]
fn the_same_document_is_the_same_bytes() {
    assert_eq!(pdf(&every_part()), pdf(&every_part()));
}

#[test]
fn typst_in_a_text_is_text() {
    let attempts = "#import \"@preview/cetz:0.3.0\" #read(\"/etc/passwd\") #include \"/etc/passwd\" #eval(\"1/0\") #panic() \
        $ #sys $ = x \\u{41} #image(\"/etc/passwd\") #let x = while true {} #set page(width: 1pt) <a> @b // /* ";
    let every = |text: &str| {
        let text = text.to_owned();
        let mut document = of(vec![
            Part::Heading { level: 1, text: text.clone() },
            Part::Markdown(format!(
                "{text}\n\n`{text}`\n\n```{text}\n{text}\n```\n\n# {text}\n\n|{text}|\n|-|\n|{text}|\n\n[{text}](https://a.example/#read)"
            )),
            Part::Summary(text.clone()),
            Part::Facts(vec![(text.clone(), text.clone())]),
            Part::Timeline(vec![TimelineRow {
                time: text.clone(),
                mark: text.clone(),
                text: text.clone(),
            }]),
            Part::Decision { title: text.clone(), state: text.clone(), note: text.clone() },
            Part::Table { header: vec![text.clone()], rows: vec![vec![text.clone()]] },
            Part::Image { png_or_jpeg: PNG.to_vec(), alt: text.clone(), caption: text.clone() },
            Part::Note(text.clone()),
        ]);
        document.title = text.clone();
        document.meta = vec![text.clone()];
        (document.id, document.label, document.hash, document.author) =
            (text.clone(), text.clone(), text.clone(), text.clone());
        (document.language, document.words.page, document.site) =
            (text.clone(), text.clone(), text);
        document
    };
    pdf(&every(attempts)).unwrap();
    let values = values::of(&every(attempts), &BTreeSet::new(), &Fonts::ours()).unwrap();
    assert!(
        format!("{values:?}").contains("#read(\\\"/etc/passwd\\\")"),
        "it stays, word for word"
    );
}

#[test]
fn the_world_has_no_file_no_package_and_no_clock() {
    let room = world::Room::with(Dict::new(), Fonts::ours()).unwrap();
    for path in ["/etc/passwd", "template.typ.bak", "a.typ"] {
        let id =
            FileId::new(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).unwrap()));
        assert_eq!(room.file(id), Err(FileError::AccessDenied));
        assert_eq!(room.source(id).map(|_| ()), Err(FileError::AccessDenied));
    }
    let package = VirtualRoot::Package("@preview/cetz:0.3.0".parse().unwrap());
    let id = FileId::new(RootedPath::new(package, VirtualPath::new("lib.typ").unwrap()));
    assert_eq!(room.source(id).map(|_| ()), Err(FileError::AccessDenied));
    assert!(room.today(None).is_none());
}

#[test]
fn signs_without_a_font_are_named_and_break_nothing() {
    let document = markdown("Ελληνικά, Кириллица → fine. 漢字 🚨 \u{0}\u{7} \u{202e}abc");
    assert_eq!(unprintable(&document, &Fonts::ours()), BTreeSet::from(['漢', '字', '🚨']));
    let bytes = pdf(&document).unwrap();
    assert!(has(&bytes, "/StructTreeRoot"));
    assert!(
        !has(&bytes, "pdfuaid"),
        "a box for a sign is not accessible, so we do not say that it is"
    );
}

#[test]
fn more_fonts_bring_the_signs_that_ours_lack() {
    // A sign of mathematics that some other font of Typst's has.
    let document = markdown("It was 𝔉 all along.");
    let missing = unprintable(&document, &Fonts::ours());
    assert_eq!(missing, BTreeSet::from(['𝔉']));
    let file = typst_assets::fonts().find(|file| covered(file, &missing).len() == 1);
    let more = Fonts::with(vec![b"no font".to_vec(), file.expect("a font with it").to_vec()]);
    assert!(unprintable(&document, &more).is_empty());
    let bytes = pdf_with(&document, &more).unwrap();
    assert!(has(&bytes, "pdfuaid"), "with every sign it is accessible");
    assert_eq!(bytes, pdf_with(&document, &more).unwrap(), "the same bytes each time");
    assert!(covered(b"no font", &missing).is_empty());
}

#[test]
fn links_lead_out_only_where_they_may() {
    let bytes = pdf(&Document {
        site: "https://afterword.example/".into(),
        ..markdown("[a](https://a.example/x) [b](/incidents/42) [c](javascript:alert(1)) [d](file:///etc/passwd) https://bare.example <ada@a.example>")
    })
    .unwrap();
    for wanted in [
        "https://a.example/x",
        "https://afterword.example/incidents/42",
        "https://bare.example",
        "mailto:ada@a.example",
    ] {
        assert!(has(&bytes, wanted), "{wanted}");
    }
    for refused in ["javascript:", "file://"] {
        assert!(!has(&bytes, refused), "{refused}");
    }
}

#[test]
fn a_refused_link_keeps_its_words_and_its_address() {
    let Some(Block::Paragraph(runs)) = parse("[c](javascript:x)").unwrap().into_iter().next()
    else {
        panic!("no paragraph")
    };
    let text: String = runs
        .iter()
        .map(|run| match run {
            Run::Words(Words { text, .. }) => text.as_str(),
            _ => "!",
        })
        .collect();
    assert_eq!(text, "c (javascript:x)");
}

#[test]
fn bad_pictures_are_refused_in_words() {
    let picture = |bytes: &[u8]| {
        pdf(&of(vec![Part::Image {
            png_or_jpeg: bytes.to_vec(),
            alt: "graph".into(),
            caption: String::new(),
        }]))
    };
    let mut bomb = PNG.to_vec();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    for bytes in [&b"<svg/>"[..], b"", &bomb, &PNG[..20]] {
        assert!(matches!(picture(bytes), Err(Error::Picture { .. })), "{:?}", picture(bytes));
    }
    assert!(picture(&PNG[..50]).is_err());
}

#[test]
fn headings_never_skip_a_level() {
    let document = of(vec![
        Part::Heading { level: 4, text: "a".into() },
        Part::Markdown("#### b\n\n###### c\n\n# d".into()),
        Part::Heading { level: 1, text: "e".into() },
    ]);
    let values = values::of(&document, &BTreeSet::new(), &Fonts::ours()).unwrap();
    let parts = values.get("parts").unwrap().clone().cast::<typst::foundations::Array>().unwrap();
    let levels: Vec<i64> = parts
        .iter()
        .map(|part| {
            part.clone().cast::<Dict>().unwrap().get("level").unwrap().clone().cast().unwrap()
        })
        .collect();
    assert_eq!(levels, [1, 2, 3, 2, 1]);
}

#[test]
fn depth_is_flattened_and_loses_no_word() {
    let mut text = "> ".repeat(500) + "deep\n\n";
    for depth in 0..200 {
        text.push_str(&format!("{}- w{depth}\n", "  ".repeat(depth)));
    }
    let words = format!("{:?}", parse(&text));
    assert!(words.contains("deep") && words.contains("w199"));
    pdf(&markdown(&text)).unwrap();
}

#[test]
fn too_much_is_refused_in_words() {
    let error = pdf(&markdown(&"a ".repeat(MAX_TEXT))).unwrap_err();
    assert!(matches!(error, Error::TooLong { what: "bytes of text", most: MAX_TEXT, .. }));
    let words = error.to_string();
    assert!(
        words.starts_with("This is too long for a PDF: 40000")
            && words.ends_with("Its Markdown has everything.")
    );
    let many = "a\n\n".repeat(70_000);
    assert!(matches!(pdf(&markdown(&many)), Err(Error::TooLong { .. })));
}

#[test]
fn a_table_too_wide_for_paper_is_lines_of_words() {
    let wide = format!("{}\n{}\n{}", "|a".repeat(100), "|-".repeat(100), "|cell".repeat(100));
    pdf(&markdown(&wide)).unwrap();
    pdf(&of(vec![Part::Table {
        header: vec!["a".into(); 100],
        rows: vec![vec!["b".into(); 100]],
    }]))
    .unwrap();
    let values = values::of(&markdown(&wide), &BTreeSet::new(), &Fonts::ours()).unwrap();
    assert_eq!(format!("{values:?}").matches("cell").count(), 100);
}

#[test]
fn of_very_many_links_in_a_table_the_later_ones_say_their_address_there() {
    let row =
        |n| TimelineRow { text: format!("[run](https://a.example/{n})"), ..TimelineRow::default() };
    let document = of(vec![Part::Timeline((0..200).map(row).collect())]);
    let values = format!("{:?}", values::of(&document, &BTreeSet::new(), &Fonts::ours()).unwrap());
    assert_eq!(values.matches("\"noted\": true").count(), 24);
    assert_eq!(values.matches("\"here\": true").count(), 176);
    pdf(&document).unwrap();
}

#[test]
fn of_a_table_with_very_many_rows_the_first_are_set_and_the_rest_are_counted() {
    let table = format!("|a|b|\n|-|-|\n{}", "|1|2|\n".repeat(50_000));
    let values = values::of(&markdown(&table), &BTreeSet::new(), &Fonts::ours()).unwrap();
    let said = format!("{values:?}");
    assert!(said.contains("49500 more rows, which the Markdown has"), "it is said");
    let started = Instant::now();
    pdf(&markdown(&table)).unwrap();
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn odd_charts_are_drawn() {
    for ys in [
        vec![],
        vec![None],
        vec![Some(0.0)],
        vec![Some(5.0); 3],
        vec![Some(f64::NAN), Some(f64::INFINITY), Some(-1e308), Some(1e308)],
        (0..50_000).map(|n| Some(f64::from(n).sin() * 1e-9)).collect(),
    ] {
        pdf(&of(vec![Part::Chart(chart(ys))])).unwrap();
    }
    pdf(&of(vec![Part::Chart(Chart::default())])).unwrap();
}

#[test]
fn bad_markdown_takes_little_time() {
    let inputs = [
        "[".repeat(60_000),
        "> ".repeat(20_000),
        "*a_".repeat(30_000),
        (0..5_000).map(|n| format!("x[^{n}]\n\n[^{n}]: [^{n}]\n\n")).collect(),
        "a".repeat(100_000),
        "<div>".repeat(20_000),
        "http://".repeat(20_000),
        "https://a.example/)".repeat(5_000),
        "漢".repeat(30_000),
    ];
    for input in inputs {
        let started = Instant::now();
        let result = pdf(&markdown(&input));
        let took = started.elapsed();
        assert!(result.is_ok(), "{result:?} for {}", &input[..18]);
        assert!(took.as_secs() < 20, "{took:?} for {}", &input[..18]);
        println!("{took:?} {:?}", &input[..18]);
    }
}

#[test]
fn language_tags_are_taken_or_english() {
    for (tag, language) in
        [("de-AT", "de"), ("EN", "en"), ("", "en"), ("zh-Hant-TW", "zh"), ("x\"y", "en")]
    {
        let document = Document { language: tag.into(), ..markdown("a") };
        let values = values::of(&document, &BTreeSet::new(), &Fonts::ours()).unwrap();
        assert_eq!(values.get("language").unwrap(), &language.into_value(), "{tag}");
        pdf(&document).unwrap();
    }
}
