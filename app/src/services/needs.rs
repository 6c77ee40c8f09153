//! What a service needs, what needs it, and the rings in which services need each other. Pure.

use super::store::{Dependency, Service, ServiceId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The services around one, by id.
#[derive(Debug, Default)]
pub struct Needs {
    forth: BTreeMap<ServiceId, Vec<ServiceId>>,
    back: BTreeMap<ServiceId, Vec<ServiceId>>,
}

/// A way from a service back to itself, without the last step.
pub type Ring = Vec<ServiceId>;

impl Needs {
    /// Of what needs what.
    #[must_use]
    pub fn of(all: &[Dependency]) -> Needs {
        let mut needs = Needs::default();
        for one in all {
            let (from, to) = (one.service_id.clone(), one.depends_on.clone());
            needs.forth.entry(from.clone()).or_default().push(to.clone());
            needs.back.entry(to).or_default().push(from);
        }
        needs
    }

    /// What a service needs itself.
    #[must_use]
    pub fn needed_by(&self, id: &ServiceId) -> &[ServiceId] {
        self.forth.get(id).map_or(&[], Vec::as_slice)
    }

    /// What needs it itself.
    #[must_use]
    pub fn needing(&self, id: &ServiceId) -> &[ServiceId] {
        self.back.get(id).map_or(&[], Vec::as_slice)
    }

    /// All that fails with it, near or far, but itself.
    #[must_use]
    pub fn fails_with(&self, id: &ServiceId) -> BTreeSet<ServiceId> {
        let (mut seen, mut next) = (BTreeSet::new(), VecDeque::from([id.clone()]));
        while let Some(one) = next.pop_front() {
            for other in self.needing(&one) {
                if other != id && seen.insert(other.clone()) {
                    next.push_back(other.clone());
                }
            }
        }
        seen
    }

    /// The shortest ring that a service is in, if it is in one.
    #[must_use]
    pub fn ring(&self, id: &ServiceId) -> Option<Ring> {
        let mut came: BTreeMap<ServiceId, ServiceId> = BTreeMap::new();
        let mut next = VecDeque::from([id.clone()]);
        while let Some(one) = next.pop_front() {
            for other in self.needed_by(&one) {
                if other == id {
                    let mut ring = vec![one.clone()];
                    while let Some(before) = ring.last().and_then(|last| came.get(last)) {
                        ring.push(before.clone());
                    }
                    ring.reverse();
                    return Some(ring);
                }
                if !came.contains_key(other) {
                    came.insert(other.clone(), one.clone());
                    next.push_back(other.clone());
                }
            }
        }
        None
    }
}

/// The services of ids, in the order of the whole list.
#[must_use]
pub fn named(all: &[Service], ids: impl Fn(&ServiceId) -> bool) -> Vec<&Service> {
    all.iter().filter(|one| ids(&one.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Dependency, Needs, ServiceId};

    fn id(n: u8) -> ServiceId {
        ServiceId::parse(&format!("svc_{n:032x}")).unwrap()
    }

    fn of(pairs: &[(u8, u8)]) -> Needs {
        let all = pairs.iter().map(|(a, b)| Dependency { service_id: id(*a), depends_on: id(*b) });
        Needs::of(&all.collect::<Vec<_>>())
    }

    #[test]
    fn what_fails_with_a_service_is_found_near_and_far_and_rings_end() {
        let needs = of(&[(1, 2), (2, 3), (3, 1), (4, 1), (5, 4), (3, 6)]);
        assert_eq!(needs.ring(&id(1)), Some(vec![id(1), id(2), id(3)]));
        assert_eq!(needs.ring(&id(4)), None);
        let with: Vec<ServiceId> = needs.fails_with(&id(1)).into_iter().collect();
        assert_eq!(with, [id(2), id(3), id(4), id(5)]);
        assert_eq!(needs.needed_by(&id(3)), [id(1), id(6)]);
        assert_eq!(needs.needing(&id(1)), [id(3), id(4)]);
        assert!(needs.fails_with(&id(5)).is_empty());
    }
}
