//! What the page is made of: style and scripts, under a path that changes with their content, so
//! that browsers keep them for good.

use crate::rpc::gzip::Packed;
use crate::rpc::reply;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse};
use sha1::{Digest as _, Sha1};
use std::sync::LazyLock;

/// The style of every page.
pub(super) const STYLE: &str = include_str!("assets/page/page.css");

/// Name and content. Scripts import each other by their names alone.
const ASSETS: [(&str, &str); 22] = [
    ("page.css", STYLE),
    ("theme.js", include_str!("assets/page/theme.js")),
    ("main.js", include_str!("assets/page/main.js")),
    ("act.js", include_str!("assets/page/act.js")),
    ("actions.js", include_str!("assets/page/actions.js")),
    ("ansi.js", include_str!("assets/page/ansi.js")),
    ("arrange.js", include_str!("assets/page/arrange.js")),
    ("config.js", include_str!("assets/page/config.js")),
    ("connection.js", include_str!("assets/page/connection.js")),
    ("details.js", include_str!("assets/page/details.js")),
    ("dom.js", include_str!("assets/page/dom.js")),
    ("format.js", include_str!("assets/page/format.js")),
    ("history.js", include_str!("assets/page/history.js")),
    ("keys.js", include_str!("assets/page/keys.js")),
    ("list.js", include_str!("assets/page/list.js")),
    ("log.js", include_str!("assets/page/log.js")),
    ("panel.js", include_str!("assets/page/panel.js")),
    ("resize.js", include_str!("assets/page/resize.js")),
    ("shared.js", include_str!("assets/page/shared.js")),
    ("store.js", include_str!("assets/page/store.js")),
    ("stream.js", include_str!("assets/page/stream.js")),
    ("worker.js", include_str!("assets/page/worker.js")),
];

/// The first script, which browsers run before they paint.
const THEME: &str = "theme.js";

/// The script that imports the others.
const MAIN: &str = "main.js";

/// Where all assets lie, relative to every page: `assets/` and a digest of all of them.
pub(super) static PATH: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha1::new();
    for (name, content) in ASSETS {
        digest.update(name);
        digest.update(content);
    }
    let digest = digest.finalize();
    let hex: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("assets/{hex}")
});

/// The assets as they are sent, in the order of [`ASSETS`]; made when the first is asked for.
static PACKED: LazyLock<Vec<Packed>> = LazyLock::new(|| {
    ASSETS
        .iter()
        .map(|(_, content)| Packed::new(content))
        .collect()
});

/// The elements that load the scripts, all at once and not one after the other.
pub(super) fn scripts() -> String {
    let path = &*PATH;
    let modules = ASSETS.iter().map(|(name, _)| *name);
    let modules = modules.filter(|name| name.ends_with(".js") && ![THEME, MAIN].contains(name));
    let mut html: String = modules
        .map(|name| format!("<link rel=\"modulepreload\" href=\"{path}/{name}\">\n"))
        .collect();
    html.push_str(&format!(
        "<script type=\"module\" src=\"{path}/{MAIN}\"></script>"
    ));
    html
}

/// Answers with an asset, by its path without a leading slash. What another version of the page
/// was made of is not there.
pub(super) fn asset(request: &HttpRequest, path: &str) -> HttpResponse {
    let name = path.strip_prefix(PATH.as_str());
    let name = name.and_then(|rest| rest.strip_prefix('/'));
    let mut all = ASSETS.iter().zip(PACKED.iter());
    let Some(((name, _), packed)) = all.find(|((known, _), _)| Some(*known) == name) else {
        return reply::not_found();
    };
    let kind = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    let mut reply = HttpResponse::Ok();
    reply
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    packed.reply(request, reply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn get(path: &str) -> HttpResponse {
        asset(&TestRequest::default().to_http_request(), path)
    }

    #[test]
    fn assets_are_kept_for_good_and_others_are_not_there() {
        let first = get(&format!("{}/main.js", *PATH));
        assert_eq!(first.status(), 200);
        let kept = first.headers().get(CACHE_CONTROL).unwrap();
        assert!(kept.to_str().unwrap().contains("immutable"));
        for path in [
            "assets/main.js",
            "assets/0123456789abcdef/main.js",
            "assets",
        ] {
            assert_eq!(get(path).status(), 404, "{path}");
        }
        assert_eq!(get(&PATH).status(), 404);
    }

    #[test]
    fn whatever_a_script_imports_is_an_asset() {
        for (name, content) in ASSETS {
            for import in content
                .lines()
                .filter_map(|line| line.split_once("from \"./"))
            {
                let imported = import.1.trim_end_matches("\";");
                assert!(
                    ASSETS.iter().any(|(known, _)| *known == imported),
                    "{name}: {imported}"
                );
            }
        }
    }
}
