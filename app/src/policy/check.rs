//! Whether an expression says something that can be true of an incident: names, words and types.

use super::fact::{self, SERVICE, Type, Words};
use cel::common::ast::{
    CallExpr, ComprehensionExpr, Expr, ListExpr, LiteralValue, SelectExpr, operators as op,
};
use cel::parser::Expression as Tree;

/// How deep an expression may be nested, after it was read.
const DEEPEST: usize = 24;
/// How many parts it may have.
const PARTS: usize = 400;

/// What is wrong, with the id of the part that is.
pub(super) type Found = Vec<(u64, String)>;

/// Checks it; gives the facts it asks for.
pub(super) fn check(tree: &Tree) -> Result<Vec<&'static str>, Found> {
    let mut checker = Checker::default();
    let is = checker.of(tree);
    if !matches!(is, Type::Bool | Type::Wrong) {
        let said = format!("A rule is true or false; this is {}.", is.words());
        checker.wrong(tree, said);
    }
    if checker.found.is_empty() { Ok(checker.asks) } else { Err(checker.found) }
}

#[derive(Default)]
struct Checker {
    found: Found,
    asks: Vec<&'static str>,
    /// Names that stand for something within `exists` and `all`.
    names: Vec<(String, Type)>,
    depth: usize,
    parts: usize,
    loops: usize,
}

impl Checker {
    fn wrong(&mut self, part: &Tree, message: impl Into<String>) -> Type {
        self.found.push((part.id, message.into()));
        Type::Wrong
    }

    fn of(&mut self, part: &Tree) -> Type {
        self.parts += 1;
        if self.depth >= DEEPEST || self.parts > PARTS {
            let is_first = !self.found.iter().any(|(_, said)| said.contains("nested too deeply"));
            if is_first {
                self.wrong(part, "It is too long or nested too deeply. Make two rules of it.");
            }
            return Type::Wrong;
        }
        self.depth += 1;
        let is = match &part.expr {
            Expr::Literal(value) => self.literal(part, value),
            Expr::Ident(name) => self.name(part, name),
            Expr::Select(select) => self.part_of(part, select),
            Expr::Call(call) => self.call(part, call),
            Expr::List(list) => self.list(part, list),
            Expr::Comprehension(each) => self.each(part, each),
            Expr::Map(_) | Expr::Struct(_) => self.wrong(part, "Braces have no meaning here."),
            Expr::Unspecified => self.wrong(part, "Something is missing here."),
        };
        self.depth -= 1;
        is
    }

    fn literal(&mut self, part: &Tree, value: &LiteralValue) -> Type {
        match value {
            LiteralValue::Boolean(_) => Type::Bool,
            LiteralValue::Int(_) => Type::Int,
            LiteralValue::Double(_) => Type::Number,
            LiteralValue::String(_) => Type::Text,
            LiteralValue::Null => self.wrong(
                part,
                "`null` has no meaning here: a fact that is missing is told by itself.",
            ),
            LiteralValue::Bytes(_) | LiteralValue::UInt(_) => {
                self.wrong(part, "Write numbers such as 3 or 2.5, and texts such as 'data'.")
            }
        }
    }

    fn name(&mut self, part: &Tree, name: &str) -> Type {
        if let Some((_, is)) = self.names.iter().rev().find(|(known, _)| known == name) {
            return is.clone();
        }
        if let Some(fact) = fact::find(name) {
            if !self.asks.contains(&fact.name) {
                self.asks.push(fact.name);
            }
            return fact.is.clone();
        }
        let facts = fact::all().iter().map(|fact| fact.name);
        let said = match crate::settings::place::nearest(name, facts) {
            Some(near) => format!("There is no fact `{name}`; did you mean `{near}`?"),
            None => format!("There is no fact `{name}`. The facts are listed beside the rules."),
        };
        self.wrong(part, said)
    }

    fn part_of(&mut self, part: &Tree, select: &SelectExpr) -> Type {
        let is = self.of(&select.operand);
        let field = &select.field;
        let known = SERVICE.iter().find(|(name, _)| name == field);
        match (is, known) {
            (Type::Wrong, _) => Type::Wrong,
            (Type::Service, Some(_)) if select.test => Type::Bool,
            (Type::Service, Some((_, is))) => is.clone(),
            (Type::Service, None) => {
                let names = SERVICE.iter().map(|(name, _)| *name);
                let said = match crate::settings::place::nearest(field, names) {
                    Some(near) => format!("A service has no `{field}`; did you mean `{near}`?"),
                    None => format!("A service has no `{field}`; it has slug, name, tier, team."),
                };
                self.wrong(part, said)
            }
            (other, _) => {
                let said = format!("{} has no parts, so no `.{field}`.", begun(&other.words()));
                self.wrong(part, said)
            }
        }
    }

    fn list(&mut self, part: &Tree, list: &ListExpr) -> Type {
        let mut of: Option<Type> = None;
        for one in &list.elements {
            let is = self.of(one);
            match &of {
                _ if is == Type::Wrong => {}
                None => of = Some(is),
                Some(first) if *first == is || (first.is_number() && is.is_number()) => {}
                Some(first) => {
                    let said = format!(
                        "A list holds one sort of thing; this is {}, the first is {}.",
                        is.words(),
                        first.words()
                    );
                    self.wrong(one, said);
                }
            }
        }
        match of {
            Some(of) => Type::List(Box::new(of)),
            None if list.elements.is_empty() => self.wrong(part, "An empty list holds nothing."),
            None => Type::Wrong,
        }
    }

    fn each(&mut self, part: &Tree, each: &ComprehensionExpr) -> Type {
        let over = self.of(&each.iter_range);
        let of = match over {
            Type::List(of) => *of,
            Type::Wrong => Type::Wrong,
            other => {
                let said = format!("One can go through a list; this is {}.", other.words());
                return self.wrong(&each.iter_range, said);
            }
        };
        let sum = match &each.accu_init.expr {
            Expr::Literal(LiteralValue::Boolean(_)) => Type::Bool,
            Expr::Literal(LiteralValue::Int(_)) => Type::Int,
            _ => Type::Wrong,
        };
        if sum == Type::Wrong || each.iter_var2.is_some() {
            let said = "Of a list one can say `exists`, `all` or `exists_one`.";
            return self.wrong(part, said);
        }
        if self.loops >= 2 {
            return self.wrong(part, "At most one list can be gone through within another.");
        }
        self.loops += 1;
        let before = self.names.len();
        self.names.push((each.iter_var.clone(), of));
        self.names.push((each.accu_var.clone(), sum));
        self.of(&each.loop_step);
        let is = self.of(&each.result);
        self.names.truncate(before);
        self.loops -= 1;
        is
    }

    fn call(&mut self, part: &Tree, call: &CallExpr) -> Type {
        let args: Vec<&Tree> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), args.as_slice()) {
            (op::LOGICAL_AND, [_, _]) => self.all_bool("&&", &args),
            (op::LOGICAL_OR, [_, _]) => self.all_bool("||", &args),
            (op::LOGICAL_NOT, [_]) => self.all_bool("!", &args),
            (op::NOT_STRICTLY_FALSE, [one]) => {
                self.of(one);
                Type::Bool
            }
            (op::CONDITIONAL, [when, then, or]) => self.choice(when, then, or),
            (op::EQUALS | op::NOT_EQUALS, [a, b]) => self.equal(part, a, b),
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [a, b]) => {
                self.numbers(&[a, b]);
                Type::Bool
            }
            (op::IN, [one, list]) => self.within(one, list),
            (op::ADD | op::SUBSTRACT | op::MULTIPLY, [a, b]) => self.sum(part, a, b),
            (op::NEGATE, [one]) => self.numbers(&[one]),
            (op::DIVIDE | op::MODULO, _) => {
                self.wrong(part, "A rule does not divide; multiply the other side instead.")
            }
            ("size", [one]) => self.size(one),
            ("startsWith" | "endsWith" | "contains", [a, b]) if call.target.is_some() => {
                for one in [a, b] {
                    let is = self.of(one);
                    if !matches!(is, Type::Text | Type::Word(_) | Type::Wrong) {
                        self.wrong(one, format!("This is {}, not a text.", is.words()));
                    }
                }
                Type::Bool
            }
            (name, _) => {
                let name = name.trim_matches(['_', '@']);
                let said = format!(
                    "There is no function `{name}` with these parts; there are: size, startsWith, \
                     endsWith, contains, exists, all, exists_one."
                );
                self.wrong(part, said)
            }
        }
    }

    fn all_bool(&mut self, operator: &str, args: &[&Tree]) -> Type {
        for one in args {
            let is = self.of(one);
            if !matches!(is, Type::Bool | Type::Wrong) {
                let said =
                    format!("`{operator}` joins what is true or false; this is {}.", is.words());
                self.wrong(one, said);
            }
        }
        Type::Bool
    }

    fn choice(&mut self, when: &Tree, then: &Tree, or: &Tree) -> Type {
        self.all_bool("? :", &[when]);
        let (a, b) = (self.of(then), self.of(or));
        match (a, b) {
            (Type::Wrong, other) | (other, Type::Wrong) => other,
            (a, b) if a == b => a,
            (a, b) if a.is_number() && b.is_number() => Type::Number,
            (a, b) => {
                let said =
                    format!("Both sides of `:` are one sort: {} or {}?", a.words(), b.words());
                self.wrong(or, said)
            }
        }
    }

    fn numbers(&mut self, args: &[&Tree]) -> Type {
        let mut whole = true;
        for one in args {
            let is = self.of(one);
            whole &= is == Type::Int;
            if !is.is_number() && is != Type::Wrong {
                self.wrong(one, format!("A number is needed here; this is {}.", is.words()));
            }
        }
        if whole { Type::Int } else { Type::Number }
    }

    fn sum(&mut self, part: &Tree, a: &Tree, b: &Tree) -> Type {
        match (self.numbers(&[a]), self.numbers(&[b])) {
            (Type::Int, Type::Int) => Type::Int,
            (Type::Number, Type::Number) => Type::Number,
            _ => self.wrong(part, "Write both numbers with a fraction, such as 2.0, or neither."),
        }
    }

    fn equal(&mut self, part: &Tree, a: &Tree, b: &Tree) -> Type {
        let (left, right) = (self.of(a), self.of(b));
        self.same(part, (a, &left), (b, &right));
        Type::Bool
    }

    /// Whether two can be compared; a word with a text only when that is one of the words.
    fn same(&mut self, part: &Tree, (a, left): (&Tree, &Type), (b, right): (&Tree, &Type)) {
        match (left, right) {
            (Type::Wrong, _) | (_, Type::Wrong) => {}
            (Type::Word(words), Type::Text) => self.is_word(*words, b),
            (Type::Text, Type::Word(words)) => self.is_word(*words, a),
            (left, right) if left.is_number() && right.is_number() => {}
            (left, right) if left == right && *left != Type::Service => {}
            (left, right) => {
                let said =
                    format!("{} cannot be compared with {}.", begun(&left.words()), right.words());
                self.wrong(part, said);
            }
        }
    }

    fn is_word(&mut self, words: Words, part: &Tree) {
        let Expr::Literal(LiteralValue::String(text)) = &part.expr else { return };
        let (text, names) = (text.inner().to_owned(), words.names());
        if names.contains(&text.as_str()) {
            return;
        }
        let said = match crate::settings::place::nearest(&text, names.iter().copied()) {
            Some(near) => {
                format!("`{text}` is not a {}; did you mean `{near}`?", words.noun())
            }
            None => format!("`{text}` is not a {}: {}.", words.noun(), names.join(", ")),
        };
        self.wrong(part, said);
    }

    fn within(&mut self, one: &Tree, list: &Tree) -> Type {
        let (what, of) = (self.of(one), self.of(list));
        match of {
            Type::List(of) if *of == Type::Service => {
                let said = "Services have parts; write services.exists(s, s.slug == 'pay').";
                self.wrong(list, said);
            }
            Type::List(of) => match (&list.expr, &what) {
                (Expr::List(all), Type::Word(words)) if *of == Type::Text => {
                    for text in &all.elements {
                        self.is_word(*words, text);
                    }
                }
                _ => self.same(one, (one, &what), (list, &of)),
            },
            Type::Wrong => {}
            other => {
                self.wrong(list, format!("`in` looks into a list; this is {}.", other.words()));
            }
        }
        Type::Bool
    }

    fn size(&mut self, one: &Tree) -> Type {
        match self.of(one) {
            Type::List(_) | Type::Text | Type::Word(_) | Type::Wrong => Type::Int,
            other => {
                let said = format!("`size` counts a list or a text; this is {}.", other.words());
                self.wrong(one, said)
            }
        }
    }
}

/// A sentence's beginning.
fn begun(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
