//! Impact: who was harmed, where, how, from when to when, how many and what it cost.

use crate::shell::moment;
use crate::shell::sent::sane;
use kit::db::Time;
use kit::web::{Problem, Said};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

kit::id!(
    /// An impact window's id.
    WindowId,
    "win"
);

kit::words!(
    /// What people experienced.
    Effect {
        /// It could not be used.
        Unavailable = "unavailable", "unavailable";
        /// It answered with errors.
        Errors = "errors", "errors";
        /// It was slow.
        Slow = "slow", "slow";
        /// It showed what was not true.
        WrongData = "wrong_data", "wrong data";
        /// Something was lost.
        LostData = "lost_data", "lost data";
        /// Something was shown to those it was not for.
        ExposedData = "exposed_data", "exposed data";
        /// Nobody noticed.
        None = "none", "no harm";
    }
);

kit::words!(
    /// How sure the count of people is.
    Confidence {
        /// A guess.
        Low = "low", "a guess";
        /// Derived from other figures.
        Likely = "likely", "likely";
        /// Counted.
        High = "high", "counted";
    }
);

/// The most people, requests, cases or minor units that are believed.
const COUNT_MAX: i64 = 1_000_000_000_000;

/// The most of an error budget that is believed, in percent: an outage burns it many times over.
const BURN_MAX: f64 = 10_000.0;

/// What is said of a window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewImpactWindow)]
pub struct NewWindow {
    /// When harm began here.
    pub started_at: Time,
    /// When it ended; none while it lasts.
    pub ended_at: Option<Time>,
    /// The severity while it lasted: 1, the worst, to 4.
    #[schema(minimum = 1, maximum = 4)]
    pub severity: Option<i64>,
    /// Feature, region or segment.
    #[schema(example = "Paying by card", min_length = 1, max_length = 200)]
    pub surface: String,
    /// What people experienced.
    pub effect: Effect,
    /// How many people.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub users_count: Option<i64>,
    /// How they were counted.
    #[serde(default)]
    #[schema(max_length = 400)]
    pub users_method: String,
    /// How sure that is.
    pub users_confidence: Option<Confidence>,
    /// Of the users of that surface, 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    pub percent: Option<f64>,
    /// Requests that failed.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub requests_failed: Option<i64>,
    /// Cases support had.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub support_cases: Option<i64>,
    /// Of the error budget of its window, 0 to 10,000 percent.
    #[serde(default)]
    pub slo_burn_percent: Option<f64>,
    /// What that weekday and window brings, in minor units.
    pub money_expected: Option<i64>,
    /// What it brought.
    pub money_actual: Option<i64>,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: Option<String>,
    /// Which baseline.
    #[serde(default)]
    #[schema(max_length = 400)]
    pub money_basis: String,
}

impl NewWindow {
    /// Expected minus actual, in minor units; none while one is missing.
    #[must_use]
    pub fn money_lost(&self) -> Option<i64> {
        Some(self.money_expected?.saturating_sub(self.money_actual?))
    }

    /// The loss with its currency, `30,000.00 USD`.
    #[must_use]
    pub fn lost_in_words(&self) -> Option<String> {
        let currency = self.currency.as_deref()?;
        Some(format!("{} {currency}", in_major_units(self.money_lost()?, currency)))
    }

    /// The loss in major units of its currency; none while one of the two sums is missing. A sum that
    /// is believed has fewer digits than a float keeps.
    #[must_use]
    pub fn lost_in_major_units(&self) -> Option<f64> {
        let places = i32::try_from(exponent(self.currency.as_deref()?)).ok()?;
        Some(self.money_lost()? as f64 / 10_f64.powi(places))
    }

    /// Whether the count is said to be this sure.
    #[must_use]
    pub fn is_sure(&self, word: &str) -> bool {
        self.users_confidence.is_some_and(|sure| sure.name() == word)
    }

    /// What was expected, as the form's field has it.
    #[must_use]
    pub fn expected_as_typed(&self) -> String {
        self.as_typed(self.money_expected)
    }

    /// What came, as the form's field has it.
    #[must_use]
    pub fn actual_as_typed(&self) -> String {
        self.as_typed(self.money_actual)
    }

    fn as_typed(&self, minor: Option<i64>) -> String {
        let currency = self.currency.as_deref().unwrap_or("EUR");
        minor.map(|minor| in_major_units(minor, currency).replace(',', "")).unwrap_or_default()
    }

    /// What every window needs, wherever it comes from.
    ///
    /// # Errors
    /// 422 with a line for each wrong field.
    pub fn checked(&self) -> Result<(), Problem> {
        sane(&[("started_at", Some(self.started_at)), ("ended_at", self.ended_at)])?;
        let said = Said::default();
        if self.ended_at.is_some_and(|end| end < self.started_at) {
            said.wrong("ended_at", "It ends before it starts: one of the two is wrong.");
        }
        if kit::line::is_blank(&self.surface) {
            said.wrong("surface", "Say which feature, region or part was hit.");
        }
        for (field, text, most) in [
            ("surface", &self.surface, 200),
            ("users_method", &self.users_method, 400),
            ("money_basis", &self.money_basis, 400),
        ] {
            if text.chars().count() > most {
                said.wrong(field, format!("At most {most} characters, please."));
            }
        }
        if self.severity.is_some_and(|level| !(1..=4).contains(&level)) {
            said.wrong("severity", "A severity is a number from 1, the worst, to 4.");
        }
        if self.percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
            said.wrong("percent", "Say a share from 0 to 100.");
        }
        if self.slo_burn_percent.is_some_and(|burn| !(0.0..=BURN_MAX).contains(&burn)) {
            said.wrong("slo_burn_percent", "Say a share from 0 to 10,000 percent.");
        }
        for (field, count) in [
            ("users_count", self.users_count),
            ("requests_failed", self.requests_failed),
            ("support_cases", self.support_cases),
            ("money_expected", self.money_expected),
            ("money_actual", self.money_actual),
        ] {
            if count.is_some_and(|count| !(0..=COUNT_MAX).contains(&count)) {
                said.wrong(field, format!("Say a whole number from 0 to {COUNT_MAX}."));
            }
        }
        if let Some(Err(why)) = self.currency.as_deref().map(parse_currency) {
            said.wrong("currency", why);
        }
        said.checked()
    }

    /// Reads a window from a form, in the zone the form says.
    #[must_use]
    pub fn read(said: &Said) -> Option<NewWindow> {
        let zone = said.text("zone");
        let started_at = said.need("started_at", |text| moment::parse(text, zone));
        let ended_at = said.may("ended_at", |text| moment::parse(text, zone));
        if let (Some(from), Some(to)) = (started_at, ended_at)
            && to < from
        {
            said.wrong("ended_at", "It ends before it starts: one of the two is wrong.");
        }
        let surface: String = said.text("surface").chars().take(200).collect();
        if surface.is_empty() {
            said.wrong("surface", "Say which feature, region or part was hit.");
        }
        let effect = said.need("effect", Effect::parse);
        let currency = said.may("currency", parse_currency);
        let in_currency = currency.as_deref().unwrap_or("EUR");
        let money = |text: &str| parse_money(text, in_currency);
        Some(NewWindow {
            severity: said.may("severity", super::parse_severity),
            users_count: said.may("users_count", parse_count),
            users_method: said.text("users_method").chars().take(400).collect(),
            users_confidence: said.may("users_confidence", Confidence::parse),
            percent: said.may("percent", parse_percent),
            requests_failed: said.may("requests_failed", parse_count),
            support_cases: said.may("support_cases", parse_count),
            slo_burn_percent: said.may("slo_burn_percent", parse_burn),
            money_expected: said.may("money_expected", money),
            money_actual: said.may("money_actual", money),
            money_basis: said.text("money_basis").chars().take(400).collect(),
            started_at: started_at?,
            ended_at,
            surface,
            effect: effect?,
            currency,
        })
    }
}

/// A window as it is read.
#[derive(Debug, Clone, Serialize)]
pub struct Window {
    /// Its id.
    pub id: WindowId,
    /// What is said of it.
    #[serde(flatten)]
    pub said: NewWindow,
}

fn parse_count(text: &str) -> Result<i64, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ',' | ' ' | '_' | '’')).collect();
    match digits.parse::<i64>() {
        Ok(count) if (0..=COUNT_MAX).contains(&count) => Ok(count),
        _ => Err(format!("`{text}` is not a whole number such as 4100.")),
    }
}

fn parse_percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse::<f64>();
    match number {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err(format!("`{text}` is not a share from 0 to 100.")),
    }
}

fn parse_burn(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse::<f64>();
    match number {
        Ok(burn) if (0.0..=BURN_MAX).contains(&burn) => Ok(burn),
        _ => Err(format!("`{text}` is not a share such as 25.")),
    }
}

/// Reads the three letters of a currency.
///
/// # Errors
/// A sentence with an example.
pub fn parse_currency(text: &str) -> Result<String, String> {
    let code = text.to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(code);
    }
    Err(format!("`{text}` is not a currency's three letters such as EUR."))
}

/// Minor units of a major one, as a power of ten (ISO 4217).
fn exponent(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "UGX" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Reads `1200`, `1,200.50` as minor units.
///
/// # Errors
/// A sentence with an example.
pub fn parse_money(text: &str, currency: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is not an amount; write digits such as 1200.50.");
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | ' ' | '’')).collect();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let places = exponent(currency) as usize;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > places {
        return Err(wrong());
    }
    format!("{whole}{fraction:0<places$}").parse::<i64>().map_err(|_| wrong())
}

/// Minor units as people read them: `30,000.00`.
#[must_use]
pub fn in_major_units(minor: i64, currency: &str) -> String {
    let places = exponent(currency);
    let unit = 10_i64.pow(places);
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    let unit = unit.unsigned_abs();
    let whole = grouped(minor / unit);
    if places == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{:0width$}", minor % unit, width = places as usize)
}

/// `4100` as `4,100`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{grouped, in_major_units, parse_count, parse_money};

    #[test]
    fn money_is_minor_units_of_its_currency() {
        assert_eq!(parse_money("1,200.5", "EUR"), Ok(120_050));
        assert_eq!(parse_money("1200", "JPY"), Ok(1200));
        assert!(parse_money("1200.5", "JPY").is_err());
        assert!(parse_money("a lot", "EUR").unwrap_err().contains("write digits"));
        assert_eq!(in_major_units(3_000_000, "USD"), "30,000.00");
        assert_eq!(in_major_units(-5, "EUR"), "-0.05");
    }

    #[test]
    fn counts_read_as_people_write_them() {
        assert_eq!(parse_count("4,100"), Ok(4100));
        assert!(parse_count("-1").is_err());
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
