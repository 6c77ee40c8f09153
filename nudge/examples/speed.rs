//! Measures the engine: MB a CPU-second, start to answer, recheck after a keystroke.

use nudge::{Engine, Facts, Recheck};
use std::time::Instant;

type Any = Box<dyn std::error::Error>;

fn main() -> Result<(), Any> {
    let mut all = String::new();
    for file in std::env::args().skip(1) {
        all.push_str(&String::from_utf8_lossy(&std::fs::read(file)?));
        all.push_str("\n\n");
    }
    let start = Instant::now();
    let engine = Engine::shipped("en").ok_or("no English rules")??;
    println!("engine made ready in {:?}", start.elapsed());
    let mut to = 20_000.min(all.len());
    while !all.is_char_boundary(to) {
        to -= 1;
    }
    let mut text = all[..to].to_owned();
    let start = Instant::now();
    let found = engine.check(&text, &Facts::default()).len();
    println!("20 KB, {found} findings, first time in {:?}", start.elapsed());
    let mut memory = Recheck::default();
    let _ = engine.recheck(&text, &Facts::default(), &mut memory);
    let mut times = Vec::new();
    for at in 0..500 {
        let mut place = to / 2 + at;
        while !text.is_char_boundary(place) {
            place += 1;
        }
        text.insert(place, 'x');
        let start = Instant::now();
        let _ = engine.recheck(&text, &Facts::default(), &mut memory);
        times.push(start.elapsed());
    }
    times.sort();
    println!("recheck after a keystroke: p50 {:?}, p99 {:?}", times[250], times[495]);
    // Each block is another one: what was read before is not read again.
    let copies = (0..20_000_000 / all.len().max(1) + 1)
        .map(|copy| all.replace(" the ", &format!(" the no{copy}x ")));
    let big = copies.collect::<Vec<_>>().join("\n\n");
    let start = Instant::now();
    let found = engine.check(&big, &Facts::default()).len();
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:.1} MB, {found} findings: {:.1} MB a second",
        big.len() as f64 / 1e6,
        big.len() as f64 / 1e6 / seconds
    );
    Ok(())
}
