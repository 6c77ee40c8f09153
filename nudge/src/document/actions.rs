//! Rules about actions: who, by when, and how one will see that it is done.

use super::Document;
use crate::engine::{Engine, Finding};
use crate::markdown::{Block, Kind};
use crate::section::Section;
use crate::shape::Shape;

impl Engine {
    pub(super) fn judge_actions(
        &self,
        document: &Document<'_>,
        sentences: &[Finding],
        found: &mut Vec<Finding>,
    ) {
        let blocks: Vec<(&Block, &Shape)> =
            document.of(Section::Actions).filter(|(_, shape)| shape.words > 0).collect();
        let Some((first, shape)) = blocks.first() else {
            self.push(found, "missing-actions", document.title());
            return;
        };
        if shape.says_none {
            // "None, because …" is an answer; "None." is not.
            if blocks.iter().map(|(_, shape)| shape.words).sum::<u32>() < 5 {
                self.push(found, "missing-actions", first);
            }
            return;
        }
        let head = document
            .all()
            .find(|(block, _)| block.section == Section::Actions && block.kind == Kind::Head);
        let head = head.map(|(block, _)| document.text_of(block).to_lowercase());
        let items: Vec<(&Block, &Shape)> = blocks
            .iter()
            .filter(|(block, _)| matches!(block.kind, Kind::Item | Kind::Row))
            .copied()
            .collect();
        if items.is_empty() {
            return;
        }
        self.who_and_when(document, &items, head.as_deref().unwrap_or(""), found);
        let has = |block: &Block, ids: &[&str]| {
            sentences.iter().any(|finding| {
                block.range.contains(&finding.span.start)
                    && ids.contains(&self.rule(finding).id.as_str())
            })
        };
        // That somebody was reminded shows nothing.
        let is_unchecked = |(block, shape): &&(&Block, &Shape)| {
            !shape.says_checked || has(block, &["training-only-action"])
        };
        let unchecked = items.iter().filter(is_unchecked).count();
        if unchecked * 2 > items.len() {
            self.push(found, "action-no-verification", items[0].0);
        }
        let on_people = |(block, shape): &(&Block, &Shape)| {
            has(block, &["training-only-action"])
                || (has(block, &["vague-action", "blame-individual"]) && shape.is_people_work)
        };
        if items.iter().all(on_people) {
            self.push(found, "actions-all-people", items[0].0);
        }
        let vague =
            items.iter().filter(|(block, _)| has(block, &["vague-action", "training-only-action"]));
        let only_vague = items.iter().filter(|(block, _)| has(block, &["vague-action"])).count();
        if vague.count() == items.len() && only_vague * 2 > items.len() {
            self.push(found, "vague-actions-doc", items[0].0);
        }
    }

    fn who_and_when(
        &self,
        document: &Document<'_>,
        items: &[(&Block, &Shape)],
        head: &str,
        found: &mut Vec<Finding>,
    ) {
        let has_owners = self.has_words("owner_word", head);
        let has_dates = self.has_words("due_heading", head);
        let is_open = |block: &Block| block.is_done != Some(true);
        let ownerless = items.iter().find(|(block, shape)| {
            let text = document.text_of(block);
            is_open(block) && !has_owners && !shape.has_person && !self.has_owner(text)
        });
        if let Some((block, _)) = ownerless {
            self.push(found, "action-no-owner", block);
        }
        let dateless = items.iter().find(|(block, shape)| {
            let has_link =
                document.text_of(block).contains("](") || document.text_of(block).contains("http");
            is_open(block) && !has_dates && !shape.has_date && !shape.has_ticket && !has_link
        });
        if let Some((block, _)) = dateless {
            self.push(found, "action-no-due", block);
        }
    }

    /// Whether someone is named for it: `owner: …`, the first field in parentheses, or after a dash.
    fn has_owner(&self, text: &str) -> bool {
        let small = text.to_lowercase();
        if self.has_words("owner_word", &small) {
            return true;
        }
        let inner = text.rsplit_once('(').map(|(_, inner)| inner.trim_end_matches([')', '.']));
        let tail = text.rsplit_once([';', '—', '–']).map(|(_, tail)| tail);
        let field =
            |fields: &str| fields.split([',', ';']).any(|field| self.is_owner(field.trim()));
        inner.is_some_and(field) || tail.is_some_and(field)
    }

    /// A field of one to three words without digits that is no word of state or proof.
    fn is_owner(&self, field: &str) -> bool {
        let words = field.split_whitespace().count();
        let is_name = field.chars().all(|char| char.is_alphabetic() || " -&/@'.".contains(char));
        (1..=3).contains(&words) && is_name && !self.has_words("no_owner", &field.to_lowercase())
    }
}
