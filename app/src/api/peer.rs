//! From where a request comes, as those are counted who have not signed in.

use crate::app::App;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

/// What a proxy in front of us says about whom it speaks for.
const FORWARDED: &str = "x-forwarded-for";

/// Where a request comes from: an IPv4 address or an IPv6 network, in letters that harm no log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Peer(String);

impl Peer {
    /// Who speaks to us; with `forwarded_for`, whom the proxy in front of us says it speaks for. Only the
    /// last address is the proxy's own word, so that is the one that counts.
    #[must_use]
    pub fn of(extensions: &Extensions, headers: &HeaderMap, forwarded_for: bool) -> Peer {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let last = headers.get_all(FORWARDED).iter().next_back();
        let said =
            last.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        if last.is_some() && !forwarded_for && peer.is_some_and(|ip| ip.is_loopback()) {
            tell_of_the_proxy();
        }
        Peer(counted(said.filter(|_| forwarded_for).or(peer)))
    }

    /// As it is counted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl FromRequestParts<App> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Peer, Infallible> {
        Ok(Peer::of(&parts.extensions, &parts.headers, app.config.forwarded_for))
    }
}

/// Behind a proxy that is not known as one all people are one peer, and would wait for one another.
fn tell_of_the_proxy() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::warn!(
            "requests come through a proxy on this machine, and all of them count as one peer's; \
             when the proxy sets X-Forwarded-For itself, set api.forwarded_for = true"
        );
    });
}

/// An address as one is counted: of IPv6 the network, since a household has as many as it likes.
fn counted(ip: Option<IpAddr>) -> String {
    match ip {
        Some(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(ip) => ip.to_canonical().to_string(),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{FORWARDED, Peer, counted};
    use axum::extract::ConnectInfo;
    use axum::http::{Extensions, HeaderMap};
    use std::net::SocketAddr;

    #[test]
    fn an_address_is_counted_by_its_household() {
        let of = |text: &str| counted(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }

    #[test]
    fn who_is_no_proxy_says_in_vain_for_whom_it_speaks() {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 4000))));
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED, "198.51.100.1".parse().unwrap());
        headers.append(FORWARDED, "198.51.100.2, 203.0.113.9".parse().unwrap());
        assert_eq!(Peer::of(&extensions, &headers, false).as_str(), "192.0.2.7");
        assert_eq!(Peer::of(&extensions, &headers, true).as_str(), "203.0.113.9");
        headers.insert(FORWARDED, "\u{1b}[31m".parse().unwrap_or("nobody".parse().unwrap()));
        assert_eq!(Peer::of(&extensions, &headers, true).as_str(), "192.0.2.7");
    }
}
