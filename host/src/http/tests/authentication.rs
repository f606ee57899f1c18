//! Users and passwords.

use bytes::Bytes;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::server::{answer, answering_each};
use super::*;

fn hex<D: Digest>(text: &str) -> String {
    D::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The value of a parameter of an `authorization`.
fn parameter<'a>(authorization: &'a str, name: &str) -> &'a str {
    let of_name = |part: &'a str| part.trim().strip_prefix(name)?.strip_prefix('=');
    let value = authorization.split(',').find_map(of_name);
    value
        .unwrap_or_else(|| panic!("no {name} in {authorization}"))
        .trim_matches('"')
}

/// Whether a request knows the password, by RFC 7616, 3.4.1.
fn knows<D: Digest>(request: &str, user: &str, password: &str) -> bool {
    let line = request.lines().next().unwrap();
    let (method, uri) = line.rsplit_once(' ').unwrap().0.split_once(' ').unwrap();
    let Some(authorization) = request
        .lines()
        .find_map(|line| line.strip_prefix("authorization: Digest "))
    else {
        return false;
    };
    let of = |name: &str| parameter(authorization, name);
    let secret = hex::<D>(&format!("{user}:load:{password}"));
    let what = match of("qop") {
        "auth-int" => {
            let body = hex::<D>(request.split_once("\r\n\r\n").unwrap().1);
            hex::<D>(&format!("{method}:{uri}:{body}"))
        }
        _ => hex::<D>(&format!("{method}:{uri}")),
    };
    let (nonce, count, own) = (of("nonce"), of("nc"), of("cnonce"));
    let quality = of("qop");
    let expected = hex::<D>(&format!("{secret}:{nonce}:{count}:{own}:{quality}:{what}"));
    of("uri") == uri && of("username") == user && of("response") == expected
}

#[tokio::test]
async fn a_challenge_is_answered_and_told_apart_from_a_failure() {
    for (algorithm, quality) in [
        ("MD5", "auth"),
        ("SHA-256", "auth"),
        ("SHA-256", "auth-int"),
    ] {
        let challenge = format!(
            "www-authenticate: Basic realm=\"load\"\r\n\
             www-authenticate: Digest realm=\"load\", qop=\"{quality}\", \
             algorithm={algorithm}, nonce=\"abc\", opaque=\"def\"\r\n"
        );
        let (server, seen) = answering_each(move |request| {
            let knows = match algorithm {
                "MD5" => knows::<Md5>(request, "ann", "open, sesame"),
                _ => knows::<Sha256>(request, "ann", "open, sesame"),
            };
            if knows {
                answer(200, "", "welcome")
            } else {
                answer(401, &challenge, "who?")
            }
        })
        .await;
        let mut request = Request::new("POST", &server.url("/a?b=c")).unwrap();
        request.set_body(Bytes::from_static(b"body"));
        request.set_digest_auth("ann", "open, sesame");
        let mut client = client();
        let witness = Witness::default();
        assert_eq!(text(&client.send(&request, &witness).await), "welcome");
        let told = std::mem::take(&mut *witness.on_the_way.lock().unwrap());
        assert_eq!(told.len(), 1);
        let (_, exchange, waypoint) = &told[0];
        assert_eq!(*waypoint, Waypoint::Challenge);
        assert_eq!(exchange.outcome.as_ref().unwrap().status(), 401);
        assert!(exchange.redirected.is_none());
        assert_eq!((server.connections(), server.requests()), (1, 2));
        assert!(
            seen.lock()
                .unwrap()
                .iter()
                .all(|sent| sent.ends_with("\r\n\r\nbody"))
        );

        // Who does not know the password gets the server's second answer.
        request.set_digest_auth("ann", "wrong");
        let exchange = client.send(&request, &()).await;
        assert_eq!(exchange.code().unwrap().0, 1401);
        assert_eq!(text(&exchange), "who?");
        assert_eq!(server.requests(), 4);
    }
}

#[tokio::test]
async fn a_challenge_that_nobody_can_answer_is_the_answer() {
    for challenge in [
        "",
        "www-authenticate: Basic realm=\"load\"\r\n",
        "www-authenticate: Digest realm=\"load\"\r\n",
        "www-authenticate: Digest realm=\"load\", nonce=\"a\", algorithm=ROT13\r\n",
    ] {
        let (server, _) = answering_each(move |_| answer(401, challenge, "who?")).await;
        let mut request = get(&server.url("/"));
        request.set_digest_auth("ann", "password");
        let witness = Witness::default();
        let exchange = client().send(&request, &witness).await;
        assert_eq!((text(&exchange).as_str(), server.requests()), ("who?", 1));
        assert!(witness.on_the_way.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_password_is_in_no_text_of_a_request() {
    let mut request = get("http://host/");
    request.set_digest_auth("ann", "geheim");
    request.set_basic_auth("ann", "geheim").unwrap();
    request.set_sensitive_header("x-key", "geheim").unwrap();
    let text = format!("{request:?}");
    assert!(
        !text.contains("geheim") && !text.contains("YW5uOmdlaGVpbQ"),
        "{text}"
    );
    assert!(request.set_basic_auth("a:b", "geheim").is_err());
}
