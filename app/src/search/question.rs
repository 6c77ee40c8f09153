//! What somebody asks: words, phrases in quotes, beginnings with `*`, words with `-` that must not be
//! there; and what the answers are narrowed to. Reading never fails on the words, whatever they are.

use super::language;
use super::tokens::{Sort, Word, is_dense, words};
use crate::incidents::{Kind, Status, parse_severity};
use jiff::civil::Date;
use kit::web::{FieldError, Problem, Said};

/// The most characters of a question.
pub const LONGEST: usize = 4_000;

/// The most words that are asked for; of a longer line its first.
const MOST: usize = 40;

/// From so many words on it is taken for a pasted line, of which most words must be there.
const PASTED: usize = 7;

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A word; several when it is joined by signs or of a script without spaces.
    Words(Vec<Word>),
    /// Words in this order.
    Phrase(Vec<Word>),
    /// What begins so.
    Beginning(Word),
}

impl Ask {
    /// Its words.
    #[must_use]
    pub fn words(&self) -> &[Word] {
        match self {
            Ask::Words(words) | Ask::Phrase(words) => words,
            Ask::Beginning(word) => std::slice::from_ref(word),
        }
    }

    /// The word itself, when it is one plain word.
    #[must_use]
    pub fn plain(&self) -> Option<&Word> {
        match self {
            Ask::Words(words) => {
                let mut own = words.iter().filter(|word| word.sort != Sort::Part);
                let first = own.next().filter(|word| word.sort == Sort::Plain);
                if own.next().is_none() { first } else { None }
            }
            _ => None,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// What must be there.
    pub wanted: Vec<Ask>,
    /// What must not.
    pub unwanted: Vec<Ask>,
    /// Whether it is a pasted line: most of it must be there.
    pub is_pasted: bool,
}

impl Asked {
    /// Reads a line of words.
    #[must_use]
    pub fn parse(text: &str) -> Asked {
        let mut asked = Asked::default();
        let mut rest = text;
        while let Some(begin) = rest.find(|c: char| !c.is_whitespace() && !c.is_control()) {
            rest = &rest[begin..];
            let (is_unwanted, after) = match rest.strip_prefix('-') {
                Some(after) if excludes(after) => (true, after),
                _ => (false, rest),
            };
            let (ask, after) = match after.strip_prefix(['"', '“', '„']) {
                Some(quoted) => {
                    let end = quoted.find(['"', '”', '“']).unwrap_or(quoted.len());
                    (phrase(&quoted[..end]), &quoted[end..])
                }
                None => {
                    let space = |c: char| c.is_whitespace() || c.is_control() || c == '"';
                    let end = after.find(space).unwrap_or(after.len());
                    (one(&after[..end]), &after[end..])
                }
            };
            rest = after.strip_prefix(['"', '”', '“']).filter(|_| is_quote(after)).unwrap_or(after);
            let into = if is_unwanted { &mut asked.unwanted } else { &mut asked.wanted };
            for ask in ask {
                if !into.contains(&ask) && into.len() < MOST {
                    into.push(ask);
                }
            }
        }
        asked.settle();
        asked
    }

    /// Drops words that tell nothing, and says whether this is a pasted line.
    fn settle(&mut self) {
        let is_small = |ask: &Ask| ask.plain().is_some_and(|word| language::is_small(&word.text));
        if self.wanted.iter().any(|ask| !is_small(ask)) {
            self.wanted.retain(|ask| !is_small(ask));
        }
        self.is_pasted = self.wanted.len() >= PASTED;
        if self.is_pasted {
            let is_figure = |ask: &Ask| ask.words().iter().all(|word| is_figure(&word.text));
            if self.wanted.iter().any(|ask| !is_figure(ask)) {
                self.wanted.retain(|ask| !is_figure(ask));
            }
        }
    }

    /// The same with its last word as a beginning, for what is still typed.
    #[must_use]
    pub fn typed(mut self, text: &str) -> Asked {
        if text.ends_with(char::is_whitespace) || self.is_pasted {
            return self;
        }
        if let Some(last) = self.wanted.last()
            && let Some(word) = last.plain().cloned()
        {
            self.wanted.pop();
            self.wanted.push(Ask::Beginning(word));
        }
        self
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }
}

/// Whether a `-` before this takes a word out; `-s` and `-rf` are options of a command that was pasted.
fn excludes(after: &str) -> bool {
    let letters = after.chars().take_while(|c| c.is_alphanumeric()).count();
    after.starts_with('"') || letters > 2 || after.chars().next().is_some_and(is_dense)
}

fn is_quote(after: &str) -> bool {
    after.starts_with(['"', '”', '“'])
}

/// A time or a number: it is different in each line of a log.
fn is_figure(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ':' | '-' | 't' | 'z' | '+'))
}

fn phrase(text: &str) -> Vec<Ask> {
    let mut found = words(text);
    found.retain(|word| matches!(word.sort, Sort::Plain | Sort::Pair));
    found.truncate(MOST);
    match found.len() {
        0 => Vec::new(),
        1 => vec![Ask::Words(found)],
        _ => vec![Ask::Phrase(found)],
    }
}

/// What stands between two spaces.
fn one(text: &str) -> Vec<Ask> {
    let is_beginning = text.ends_with('*');
    let mut found = words(text);
    let plain = found.iter().filter(|word| word.sort == Sort::Plain).count();
    if is_beginning && let Some(last) = found.iter().rfind(|word| word.sort != Sort::Part) {
        let whole = found.iter().find(|word| word.sort == Sort::Whole);
        return vec![Ask::Beginning(whole.unwrap_or(last).clone())];
    }
    // Many words without a space between them are not one name.
    if plain > 8 {
        found.retain(|word| matches!(word.sort, Sort::Plain | Sort::Pair));
        return found.into_iter().map(|word| Ask::Words(vec![word])).collect();
    }
    if found.is_empty() { Vec::new() } else { vec![Ask::Words(found)] }
}

/// What answers are narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The slug of a service it hit.
    pub service: Option<String>,
    /// The slug of a team of its.
    pub team: Option<String>,
    /// Its kind.
    pub kind: Option<Kind>,
    /// Its severity.
    pub severity: Option<i64>,
    /// Where it is in its life.
    pub state: Option<Status>,
    /// It began on this day or later.
    pub from: Option<Date>,
    /// It began on this day or earlier.
    pub to: Option<Date>,
    /// Whether actions are still owed.
    pub open_actions: Option<bool>,
}

/// A question as it was sent.
#[derive(Debug, Clone)]
pub struct Question {
    /// The words as they were typed.
    pub text: String,
    /// What they ask for.
    pub asked: Asked,
    /// What narrows it.
    pub filter: Filter,
    /// Which page of the answers, from 1.
    pub page: usize,
}

/// The last page that is shown.
const LAST_PAGE: usize = 50;

fn day(text: &str) -> Result<Date, String> {
    text.parse::<Date>().map_err(|_| format!("`{text}` is not a day such as 2026-03-05."))
}

fn yes(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(format!("`{other}` is neither yes nor no.")),
    }
}

fn page(text: &str) -> Result<usize, String> {
    let page = text.parse::<usize>().ok().filter(|page| (1..=LAST_PAGE).contains(page));
    page.ok_or_else(|| format!("`{text}` is not a page from 1 to {LAST_PAGE}; narrow the search."))
}

impl Question {
    /// Reads an address's query.
    ///
    /// # Errors
    /// [`Problem`] 400 with a line for each parameter that is wrong.
    pub fn read(said: &Said) -> Result<Question, Problem> {
        let mut errors = Vec::new();
        let text = said.text("q");
        let long = text.chars().count();
        if long > LONGEST {
            let message = format!(
                "A search has at most {LONGEST} characters; this has {long}. Paste the line that tells most."
            );
            errors.push(FieldError { path: "q".to_owned(), message });
        }
        let filter = Filter {
            service: said.some("service").map(str::to_owned),
            team: said.some("team").map(str::to_owned),
            kind: may(said, "kind", &mut errors, Kind::parse),
            severity: may(said, "severity", &mut errors, parse_severity),
            state: may(said, "state", &mut errors, Status::parse),
            from: may(said, "from", &mut errors, day),
            to: may(said, "to", &mut errors, day),
            open_actions: may(said, "open_actions", &mut errors, yes),
        };
        let page = may(said, "page", &mut errors, page).unwrap_or(1);
        if errors.is_empty() {
            let text = text.to_owned();
            return Ok(Question { asked: Asked::parse(&text), text, filter, page });
        }
        let mut problem = Problem::invalid(errors);
        problem.status = axum::http::StatusCode::BAD_REQUEST;
        Err(problem)
    }
}

fn may<T>(
    said: &Said,
    name: &str,
    errors: &mut Vec<FieldError>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    match said.some(name).map(read) {
        None => None,
        Some(Ok(value)) => Some(value),
        Some(Err(message)) => {
            errors.push(FieldError { path: name.to_owned(), message });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ask, Asked};
    use proptest::prelude::{ProptestConfig, any, proptest};

    fn told(text: &str) -> Vec<String> {
        let asked = Asked::parse(text);
        let texts = |ask: &Ask| {
            let words: Vec<&str> = ask.words().iter().map(|word| word.text.as_str()).collect();
            match ask {
                Ask::Words(_) => words.join("+"),
                Ask::Phrase(_) => format!("“{}”", words.join(" ")),
                Ask::Beginning(_) => format!("{}*", words.join("+")),
            }
        };
        let wanted = asked.wanted.iter().map(texts);
        wanted.chain(asked.unwanted.iter().map(|ask| format!("-{}", texts(ask)))).collect()
    }

    #[test]
    fn words_phrases_beginnings_and_what_must_not_be_there() {
        assert_eq!(told("pool exhausted"), ["pool", "exhausted"]);
        assert_eq!(told("\"pool was exhausted\" conn*"), ["“pool was exhausted”", "conn*"]);
        assert_eq!(told("pool -redis -\"a b\""), ["pool", "-redis", "-“a b”"]);
        assert_eq!(told("the pool of the database"), ["pool", "database"]);
        assert_eq!(told("heroku config -s eval"), ["heroku", "config", "s", "eval"]);
        assert_eq!(told("the of"), ["the", "of"]);
        assert_eq!(told("\"unfinished phrase"), ["“unfinished phrase”"]);
        assert_eq!(told("foo.bar"), ["foo+bar+foo.bar"]);
    }

    #[test]
    fn odd_questions_ask_for_little_and_break_nothing() {
        for odd in ["", "\"", "*", "(((", "\0", "-", "--", "\"\"", "-\"", "* * *", "{}[]^~"] {
            assert!(told(odd).is_empty(), "{odd:?}: {:?}", told(odd));
        }
        assert_eq!(told("NEAR/99999"), ["near+99999+near/99999"]);
        assert_eq!(told("a* b* c*"), ["a*", "b*", "c*"]);
        assert_eq!(told("x\0b"), ["x", "b"]);
        assert!(told(&"x1y ".repeat(10_000)).len() == 1);
    }

    #[test]
    fn a_pasted_line_loses_its_times() {
        let line = "2026-03-05T12:01:02Z ERROR pool: dial tcp 10.0.0.1:5432: connect: connection refused after 30";
        let asked = Asked::parse(line);
        assert!(asked.is_pasted);
        let found = told(line);
        assert!(found.contains(&"refused".to_owned()) && !found.contains(&"30".to_owned()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_text_is_a_question(text in any::<String>()) {
            let _ = Asked::parse(&text).typed(&text);
        }
    }
}
