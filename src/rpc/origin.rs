//! Whether a request comes from another site's page in somebody's browser.

use actix_web::http::header::{
    ACCEPT_LANGUAGE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERER, USER_AGENT,
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a browser says that the request was made by a page of another site. Such a request may
/// change nothing. Programs other than browsers send none of these headers and pass.
pub(super) fn is_foreign(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let origin = origin.to_str().ok();
    let host = origin.and_then(|origin| Some(origin.split_once("://")?.1));
    host.is_none() || host != headers.get(HOST).and_then(|host| host.to_str().ok())
}

/// Whether a link that changes something may be followed: from our own page, or by a program that is
/// no browser. A browser opens links of mails and the like for no site at all. Over plain HTTP
/// from another machine browsers don't tell the site; there the page that they come from must be ours.
pub(super) fn may_follow(headers: &HeaderMap) -> bool {
    match headers.get(SEC_FETCH_SITE) {
        Some(site) => site == "same-origin",
        None if is_browser(headers) => comes_from_us(headers),
        None => !is_foreign(headers),
    }
}

/// Every browser says that it is Mozilla, and which language is wanted. Scripts may change what it
/// says, but not take the second away.
pub(super) fn is_browser(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).map(HeaderValue::as_bytes);
    let tells = [SEC_FETCH_SITE, ORIGIN, ACCEPT_LANGUAGE];
    agent.is_some_and(|agent| agent.starts_with(b"Mozilla/"))
        || tells.iter().any(|name| headers.contains_key(name))
}

/// Whether the page that a link was on lies here.
fn comes_from_us(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name)?.to_str().ok();
    let page = text(REFERER).and_then(|page| Some(page.split_once("://")?.1));
    let host = page.and_then(|page| page.split('/').next());
    host.is_some() && host == text(HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(headers: &[(HeaderName, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        is_foreign(&headers)
    }

    #[test]
    fn programs_and_our_own_page_pass() {
        assert!(!foreign(&[]));
        assert!(!foreign(&[(SEC_FETCH_SITE, "same-origin")]));
        assert!(!foreign(&[(SEC_FETCH_SITE, "none")]));
        assert!(!foreign(&[(HOST, "a:9001"), (ORIGIN, "http://a:9001")]));
    }

    #[test]
    fn browsers_that_tell_no_site_must_come_from_our_own_page() {
        let may = |page: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_static("Mozilla/5.0 (x)"));
            headers.insert(HOST, HeaderValue::from_static("a:9001"));
            if let Some(page) = page {
                headers.insert(REFERER, HeaderValue::from_static(page));
            }
            may_follow(&headers)
        };
        assert!(may(Some("http://a:9001/index.html")));
        for page in [
            None,
            Some("http://b:9001/"),
            Some("http://a:9001.evil/"),
            Some("a:9001"),
        ] {
            assert!(!may(page), "{page:?}");
        }
    }

    #[test]
    fn links_are_followed_from_our_own_page_or_by_programs() {
        let may = |site: Option<&'static str>| {
            let header = site.map(|site| (SEC_FETCH_SITE, HeaderValue::from_static(site)));
            may_follow(&header.into_iter().collect())
        };
        assert!(may(None) && may(Some("same-origin")));
        assert!(!may(Some("none")) && !may(Some("cross-site")));
    }

    #[test]
    fn pages_of_other_sites_do_not() {
        assert!(foreign(&[(SEC_FETCH_SITE, "cross-site")]));
        assert!(foreign(&[(SEC_FETCH_SITE, "same-site")]));
        assert!(foreign(&[(HOST, "a:9001"), (ORIGIN, "http://a:9002")]));
        assert!(foreign(&[(HOST, "a:9001"), (ORIGIN, "null")]));
        assert!(foreign(&[(ORIGIN, "http://a")]));
    }
}
