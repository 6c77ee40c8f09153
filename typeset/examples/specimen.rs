//! Writes a specimen of every part: `cargo run -p typeset --example specimen -- specimen.pdf [rows]`.

use std::time::Instant;

use typeset::{Axis, Chart, Document, Mark, Part, Series, TimelineRow};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "specimen.pdf".to_owned());
    let rows = arguments.next().map_or(Ok(0), |rows| rows.parse())?;
    let started = Instant::now();
    typeset::warm();
    println!("fonts: {:?}", started.elapsed());
    for _ in 0..2 {
        let started = Instant::now();
        let bytes = typeset::pdf(&specimen(rows))?;
        println!("{} bytes: {:?}", bytes.len(), started.elapsed());
        std::fs::write(&file, bytes)?;
    }
    Ok(())
}

fn specimen(rows: usize) -> Document {
    let heading = |text: &str| Part::Heading { level: 1, text: text.to_owned() };
    let mut parts = vec![
        Part::Summary(SUMMARY.to_owned()),
        facts(),
        heading("What happened"),
        Part::Markdown(STORY.to_owned()),
        timeline(rows),
        heading("How far it reached"),
        Part::Chart(orders()),
        Part::Note("Orders are counted when the payment is confirmed, so the line trails the carts by about two minutes.".to_owned()),
        heading("What surprised us"),
        Part::Markdown(SURPRISES.to_owned()),
        heading("What we decided"),
    ];
    parts.extend(decisions());
    parts.push(heading("Questions left"));
    parts.push(Part::Markdown(QUESTIONS.to_owned()));
    parts.push(Part::Table {
        header: ["Day", "Orders", "Lost", "Came back"].map(str::to_owned).into(),
        rows: vec![
            ["1 March", "4,212", "611", "301"].map(str::to_owned).into(),
            ["2 March", "4,823", "0", "22"].map(str::to_owned).into(),
        ],
    });
    Document {
        title: "Add to cart did nothing for 45 minutes".into(),
        id: "INC-201 · release 2".into(),
        label: "Amber: organisation only".into(),
        hash: "9f3a1c7be02d44518a60c2f1d7b95e330c1f4a6688d2b7e95a4f03c1e8d76b24".into(),
        language: "en-GB".into(),
        meta: [
            "1 March 2026",
            "standard review",
            "storefront, checkout",
            "written by six people",
            "6 minutes to read",
        ]
        .map(str::to_owned)
        .into(),
        date: Some((2026, 3, 9)),
        author: "Storefront team".into(),
        site: "https://afterword.example".into(),
        parts,
        ..Document::default()
    }
}

fn facts() -> Part {
    let facts = [
        ("Customers could not buy", "about 13:45 to 14:30, 45 minutes"),
        ("Found by", "an alert on orders, 5 minutes after the start"),
        ("Loss", "about 30,000 dollars of orders; half came back the same evening"),
        ("Severity", "2, raised from 3 at 13:58"),
    ];
    Part::Facts(facts.map(|(term, value)| (term.to_owned(), value.to_owned())).into())
}

fn timeline(more: usize) -> Part {
    let row = |time: &str, mark: &str, text: &str| TimelineRow {
        time: time.into(),
        mark: mark.into(),
        text: text.into(),
    };
    let mut rows = vec![
        row(
            "13:41",
            "lead-up",
            "Release 311 reaches the storefront. The change log names [the picture change](/incidents/201/evidence/e03) third.",
        ),
        row("≈ 13:45", "", "Carts stop filling. Pages load *as fast as ever*."),
        row("13:50", "detection", "“Checkouts under 10 in 5 minutes” pages the storefront rota."),
        row(
            "13:58",
            "diagnosis",
            "Severity is raised to 2. `storefront-web` shows no errors; **every** page answers in under 200 ms.",
        ),
        row(
            "14:00",
            "diagnosis",
            "Two engineers see it happen on a phone: the button does not answer.",
        ),
        row("14:12", "repair", "Release 310 is put back on one server, and carts fill there."),
        row("14:30", "after", "A one-line fix is out; carts fill again."),
    ];
    for n in 0..more {
        rows.push(row(
            &format!("15:{:02}", n % 60),
            if n % 3 == 0 { "after" } else { "" },
            &format!("Check {n}: the synthetic customer buys **one** item, and `cart-{n}` holds it; see [the run](https://runs.example/{n})."),
        ));
    }
    Part::Timeline(rows)
}

fn orders() -> Chart {
    let minute = |n: i32| f64::from(n) * 60.0;
    let usual =
        (0..=90).map(|n| (minute(n), Some(42.0 + 4.0 * (f64::from(n) / 9.0).sin()))).collect();
    let day = (0..=90).map(|n| {
        let orders = match n {
            0..=16 => 41.0 + 5.0 * (f64::from(n) * 1.3).sin(),
            17..=24 => 41.0 - 5.0 * f64::from(n - 16),
            25..=59 => 1.0 + (f64::from(n) * 2.1).sin().abs(),
            60..=68 => 4.0 + 5.5 * f64::from(n - 59),
            _ => 52.0 + 4.0 * (f64::from(n) * 0.9).sin(),
        };
        (minute(n), Some(orders))
    });
    Chart {
        title: "Orders a minute on 1 March, and on the four Sundays before it".into(),
        alt: "Orders fall from about 41 a minute at 13:45 to nearly none by 13:55, stay there until 14:30, and rise to 52 by 14:40. On the Sundays before they were about 42 throughout.".into(),
        x: Axis {
            label: "1 March 2026, UTC".into(),
            ticks: (0..=6).map(|n| (minute(n * 15), format!("{}:{:02}", 13 + (30 + n * 15) / 60, (30 + n * 15) % 60))).collect(),
        },
        y: Axis { label: "orders a minute".into(), ticks: vec![] },
        series: vec![
            Series { name: "1 March".into(), points: day.collect() },
            Series { name: "four Sundays, mean".into(), points: usual },
        ],
        marks: vec![
            Mark { x: minute(11), label: "release 311".into() },
            Mark { x: minute(60), label: "fix is out".into() },
        ],
    }
}

fn decisions() -> Vec<Part> {
    let decision = |title: &str, state: &str, note: &str| Part::Decision {
        title: title.into(),
        state: state.into(),
        note: note.into(),
    };
    vec![
        decision(
            "A synthetic customer buys one item every minute",
            "done, verified",
            "ACT-88 · detection · strong · owner storefront team · proof: 14 days of runs",
        ),
        decision(
            "Fail the build when a control is covered",
            "in progress",
            "ACT-89 · prevention · strong · due 30 November",
        ),
        decision(
            "Not doing: a freeze on Thursday afternoons",
            "declined",
            "It would have moved the release, not found the box. Decided by Lena, to be looked at again in March.",
        ),
    ]
}

const SUMMARY: &str = "From about 13:45 to 14:30 nobody could add an item to a cart. A style change had laid an invisible box \
over the button. We lost about 30,000 dollars of orders; half came back the same evening. None of our checks pressed the \
button; now one does, every minute.";

const STORY: &str = "The product page had been waiting for a wider picture since autumn. The change that brought it was small, \
reviewed by two people and looked right in every picture they took.[^pictures] The box it grew was transparent and sat above \
the button; a mouse went through it in one browser and not in the others, as [the note on stacking contexts](https://notes.example/css/stacking-contexts) \
explains better than we could have done that afternoon.

The rule that did it is short:

```css
.product-picture::after { content: \"\"; position: absolute; inset: 0; z-index: 2 }
```

## What people saw

> I pressed it five times and then I thought it was me.

Support heard of it before the alert did:

1. At 13:47 a customer wrote that the button was *dead*.
2. At 13:49 a second one did, with a film.
   - It was read at 14:05.
   - Nobody had been told to look for it.
3. At 13:52 support asked in `#storefront`, where the rota was already at work.

[^pictures]: Taken at 1280 and at 390 points of width, in one browser.";

const SURPRISES: &str = "We believed that a page which *renders* can be *used*. Every check we had looked at pages; none of them \
pressed a button. The tests of the cart itself call its [interface](https://api.example/cart) and never go through the page, \
so they were right, and told us nothing.

| Check | Looks at | Presses | Saw it |
|:--|:--|:-:|--:|
| `uptime-7` | page answers | no | never |
| picture comparison | how it looks | no | never |
| orders alert | orders in five minutes | – | after 5 min |
";

const QUESTIONS: &str = "- [x] Could the same rule cover other controls? *Yes, on two pages; both are mended.*
- [ ] How would we notice a button that answers in one browser only?
- [ ] Who reads what customers write on a Sunday?

See also https://status.example/incidents/2026-03-01 and the log of the run `sha256:9f3a1c7be02d44518a60c2f1d7b95e330c1f4a6688d2b7e95a4f03c1e8d76b24`.";
