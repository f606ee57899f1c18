//! Certificates, their keys, and authorities.

use std::fs;

use super::*;
use crate::plan::http::TlsPlan;

/// A folder with a certificate, its key, and a plan file.
struct Folder {
    folder: tempfile::TempDir,
    certificate: String,
    key: String,
}

impl Folder {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["me".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("certs")).unwrap();
        fs::write(folder.path().join("certs/me.pem"), &certificate).unwrap();
        fs::write(folder.path().join("certs/me-key.pem"), &key).unwrap();
        fs::write(folder.path().join("certs/none.pem"), "nothing").unwrap();
        let other = rcgen::generate_simple_self_signed(["other".to_owned()]).unwrap();
        let other = other.signing_key.serialize_pem();
        fs::write(folder.path().join("certs/other-key.pem"), other).unwrap();
        Self {
            folder,
            certificate,
            key,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn setup(&self, file: &str) -> Setup {
        Setup {
            file: PlanFile::parse(&self.folder.path().join("vuelo.toml"), file).unwrap(),
            ..Setup::default()
        }
    }

    fn tls(&self, file: &str) -> TlsPlan {
        self.setup(file).try_resolve("{}").unwrap().plan.http.tls
    }
}

#[test]
fn certificates_are_files_from_the_plan_file_s_folder() {
    let folder = Folder::new();
    let file = "[options]\ntlsCaFiles = [\"certs/me.pem\"]\n\
                [[options.tlsAuth]]\ndomains = [\"example.com\", \"*.Example.com\"]\ncert = \"certs/me.pem\"\n\
                key = \"certs/me-key.pem\"\n";
    let tls = folder.tls(file);
    assert_eq!(tls.authorities.len(), 1);
    assert_eq!(tls.authorities[0].certificates.len(), 1);
    let certificate = &tls.client_certificates[0];
    let domains: Vec<_> = certificate
        .domains
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(domains, ["example.com", "*.example.com"]);
    assert_eq!(certificate.chain, tls.authorities[0].certificates);
    let resolved = folder.setup(file).try_resolve("{}").unwrap();
    let text = resolved.text(&[]);
    let path = folder.path("certs/me.pem");
    let own = format!(
        "\nTLS\n  own      1 certificate, {path}, to example.com, *.example.com\n  trusted  1 certificate, {path}\n"
    );
    assert!(text.contains(&own), "{text}");
    let json = resolved.json();
    assert_eq!(json["tlsAuth"][0]["key"], folder.path("certs/me-key.pem"));
    assert_eq!(json["tlsCaFiles"][0], path);
}

#[test]
fn a_component_holds_its_certificate_itself() {
    let folder = Folder::new();
    let options = serde_json::json!({
        "tlsAuth": [{"cert": folder.certificate, "key": folder.key}],
    });
    let resolved = Setup::default().try_resolve(&options.to_string()).unwrap();
    let certificates = &resolved.plan.http.tls.client_certificates;
    assert!(certificates[0].domains.is_empty());
    let json = resolved.json();
    assert_eq!(json["tlsAuth"][0]["key"], "***");
    let shown = format!("{json}{resolved:?}{}", resolved.text(&[]));
    let secret = folder.key.lines().nth(1).unwrap();
    assert!(!shown.contains(secret), "{shown}");
}

#[test]
fn files_of_authorities_add_up_over_file_variable_and_flag() {
    let folder = Folder::new();
    let other = folder.path("other.pem");
    fs::write(&other, format!("{0}{0}", folder.certificate)).unwrap();
    let mut setup = folder.setup("[options]\ntlsCaFiles = [\"certs/me.pem\"]\n");
    setup.flags.ca_files = vec![other.into(), folder.path("certs/me.pem").into()];
    let tls = setup.try_resolve("{}").unwrap().plan.http.tls;
    let counts: Vec<_> = tls
        .authorities
        .iter()
        .map(|file| file.certificates.len())
        .collect();
    assert_eq!(counts, [1, 2]);
}

#[test]
fn what_cannot_be_used_is_said_with_its_place_and_its_file_and_never_shown() {
    let folder = Folder::new();
    for (auth, texts) in [
        (
            "cert = \"certs/nowhere.pem\"\nkey = \"certs/me-key.pem\"",
            &["`tlsAuth[0].cert`: the file FOLDER/certs/nowhere.pem cannot be read"][..],
        ),
        (
            "cert = \"certs/me-key.pem\"\nkey = \"certs/me.pem\"",
            &[
                "`tlsAuth[0].cert`: FOLDER/certs/me-key.pem: it holds no certificate",
                "`tlsAuth[0].key`: FOLDER/certs/me.pem: it holds no key",
            ],
        ),
        (
            "cert = \"certs/me.pem\"\nkey = \"certs/other-key.pem\"",
            &[
                "`tlsAuth[0].key`: FOLDER/certs/other-key.pem: the key is another certificate's; name the one",
            ],
        ),
        (
            "cert = \"certs/me.pem\"\nkey = \"certs/me-key.pem\"\npassword = \"hush-hush\"",
            &[
                "`tlsAuth[0].key`: FOLDER/certs/me-key.pem: the key is not encrypted; take the `password` away",
            ],
        ),
        (
            "cert = \"certs/me.pem\"\nkey = \"\"\"hush\nhush\"\"\"",
            &["`tlsAuth[0].key`: it is neither a text in PEM form nor the path of a file"],
        ),
        (
            "cert = \"certs/me.pem\"\nkey = \"certs/me-key.pem\"\npassword = 12345678",
            &[
                "`options.tlsAuth[0].password`: a certificate, a key or a password is a text in quotes",
            ],
        ),
        (
            "cert = \"certs/me.pem\"",
            &["`options.tlsAuth[0]`: `key` is missing; add it"],
        ),
        (
            "cert = \"certs/me.pem\"\nkey = \"certs/me-key.pem\"\ndomains = [\"a:80\"]",
            &["`options.tlsAuth[0].domains[0]`: `a:80` is no host"],
        ),
    ] {
        let found = folder
            .setup(&format!("[[options.tlsAuth]]\n{auth}\n"))
            .error("{}");
        for text in texts {
            let text = text.replace("FOLDER", &folder.folder.path().display().to_string());
            assert!(found.contains(&text), "{found}\nlacks {text}");
            assert!(
                found.contains(", line ") || found.contains(": line "),
                "{found}"
            );
        }
        assert!(
            !found.contains("hush") && !found.contains("12345"),
            "{found}"
        );
    }
    let found = folder
        .setup("[options]\ntlsCaFiles = [\"certs/me.pem\", \"certs/none.pem\"]\n")
        .error("{}");
    let none = folder.path("certs/none.pem");
    assert!(
        found.contains(&format!(
            "line 2, column 31: `tlsCaFiles[1]`: {none}: it holds no certificate"
        )),
        "{found}"
    );
}

#[test]
fn the_client_certificates_of_a_higher_layer_replace_those_below() {
    let folder = Folder::new();
    let options = serde_json::json!({"tlsAuth": [{"cert": folder.certificate, "key": folder.key}]});
    let of = |file: &str| {
        let resolved = folder
            .setup(file)
            .try_resolve(&options.to_string())
            .unwrap();
        resolved.plan.http.tls.client_certificates.len()
    };
    assert_eq!(of(""), 1);
    assert_eq!(of("[options]\ntlsAuth = []\n"), 0);
}
