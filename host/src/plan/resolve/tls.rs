//! How connections are secured.

use std::path::PathBuf;

use super::layers::{Layer, Layers};
use super::reach::is_component;
use super::requests::Known;
use crate::http;
use crate::plan::error::{Mistakes, PlanError};
use crate::plan::file::DEVELOPMENT;
use crate::plan::http::{
    Authorities, ClientCertificate, PemSource, TlsPlan, TlsVersions, certificates, private_key,
};
use crate::plan::options::{
    Options, PemText, TlsAuthOptions, TlsVersionOption, TlsVersionRange, Written,
};
use crate::plan::profile::Wrongs;

pub(super) fn tls(
    options: &Options,
    known: &Known<'_>,
    wrongs: &mut Wrongs,
    mistakes: &mut Mistakes,
) -> TlsPlan {
    let layers = known.layers;
    let key_log = known.process.get("SSLKEYLOGFILE");
    let key_log = mistakes.right(key_log).flatten();
    TlsPlan {
        insecure_skip_verify: insecure(options, known.environment, layers, mistakes),
        versions: versions(options, wrongs),
        client_certificates: client_certificates(layers, mistakes),
        authorities: authorities(layers, mistakes),
        key_log: key_log.map(PathBuf::from),
    }
}

fn insecure(
    options: &Options,
    environment: &str,
    layers: &Layers<'_>,
    mistakes: &mut Mistakes,
) -> bool {
    let insecure = options.insecure_skip_tls_verify.unwrap_or(false);
    let layer = layers.last(|options| options.insecure_skip_tls_verify.is_some());
    if let Some(layer) = layer.filter(|_| insecure && environment != DEVELOPMENT) {
        mistakes.add(PlanError::InsecureTls {
            origin: layer.origin.clone(),
            environment: environment.to_owned(),
        });
    }
    insecure
}

fn versions(options: &Options, wrongs: &mut Wrongs) -> TlsVersions {
    let all = TlsVersions::default();
    let (min, max) = match &options.tls_version {
        None => return all,
        Some(TlsVersionOption::Only(version)) => (*version, *version),
        Some(TlsVersionOption::Between(TlsVersionRange { min, max })) => (
            min.map_or(all.lowest(), |written| written.0),
            max.map_or(all.highest(), |written| written.0),
        ),
    };
    TlsVersions::between(min, max).unwrap_or_else(|| {
        wrongs.say(
            "tlsVersion",
            format!("the oldest, {min}, is newer than the newest, {max}; change the two"),
        );
        all
    })
}

/// The certificates of the highest layer that has some.
fn client_certificates(layers: &Layers<'_>, mistakes: &mut Mistakes) -> Vec<ClientCertificate> {
    let Some(layer) = layers.last(|options| options.tls_auth.is_some()) else {
        return Vec::new();
    };
    let written = layer.options.tls_auth.iter().flatten().enumerate();
    written
        .filter_map(|(index, written)| {
            let at = format!("tlsAuth[{index}]");
            let found = client_certificate(&at, written, layer, layers);
            found
                .map_err(|wrong| {
                    for (path, reason) in wrong {
                        layers.say(layer, &path, reason, mistakes);
                    }
                })
                .ok()
        })
        .collect()
}

/// What is wrong, each with its path.
type Wrong = Vec<(String, String)>;

fn client_certificate(
    at: &str,
    written: &TlsAuthOptions,
    layer: &Layer,
    layers: &Layers<'_>,
) -> Result<ClientCertificate, Wrong> {
    let chain = text_of(&written.cert, layer, layers).and_then(|(source, text)| {
        let found = certificates(&text).map_err(|reason| in_source(&source, &reason))?;
        Ok((source, found))
    });
    let password = written.password.as_ref().map(PemText::expose);
    let key = text_of(&written.key, layer, layers).and_then(|(source, text)| {
        let found = private_key(&text, password).map_err(|reason| in_source(&source, &reason))?;
        Ok((source, found))
    });
    match (chain, key) {
        (Ok((certificate_source, chain)), Ok((key_source, key))) => {
            http::ClientCertificate::check(&chain, key.expose())
                .map_err(|reason| vec![(format!("{at}.key"), in_source(&key_source, &reason))])?;
            Ok(ClientCertificate {
                domains: written
                    .domains
                    .iter()
                    .flatten()
                    .map(|Written(names)| names.clone())
                    .collect(),
                chain,
                key,
                certificate_source,
                key_source,
                has_password: password.is_some(),
            })
        }
        (chain, key) => {
            let wrong = [("cert", chain.err()), ("key", key.err())].into_iter();
            Err(wrong
                .filter_map(|(member, reason)| Some((format!("{at}.{member}"), reason?)))
                .collect())
        }
    }
}

fn in_source(source: &PemSource, reason: &str) -> String {
    match source {
        PemSource::File(path) => format!("{}: {reason}", path.display()),
        PemSource::Inline => reason.to_owned(),
    }
}

/// The PEM text that somebody wrote, or that stands in the file that they named.
fn text_of(
    written: &PemText,
    layer: &Layer,
    layers: &Layers<'_>,
) -> Result<(PemSource, String), String> {
    let text = written.expose();
    if written.is_inline() {
        return Ok((PemSource::Inline, text.to_owned()));
    }
    // What is neither can be a key that somebody pasted without its frame.
    if text.trim().is_empty() || text.contains('\n') {
        return Err("it is neither a text in PEM form nor the path of a file".to_owned());
    }
    if is_component(layer) {
        return Err(
            "a component reads no files of this machine; hold the PEM text itself here, or name the file in the \
             plan file's [options]"
                .to_owned(),
        );
    }
    let path = layers.file_of(layer, text.as_ref());
    let text = read(&path)?;
    Ok((PemSource::File(path), text))
}

/// The authorities of all files that somebody names.
fn authorities(layers: &Layers<'_>, mistakes: &mut Mistakes) -> Vec<Authorities> {
    let mut all: Vec<Authorities> = Vec::new();
    for layer in layers.iter().filter(|layer| !is_component(layer)) {
        let files = layer.options.tls_ca_files.iter().flatten();
        for (index, written) in files.enumerate() {
            let path = layers.file_of(layer, written.as_ref());
            if all.iter().any(|known| known.path == path) {
                continue;
            }
            let found = read(&path).and_then(|text| {
                certificates(&text).map_err(|reason| format!("{}: {reason}", path.display()))
            });
            match found {
                Ok(certificates) => all.push(Authorities { path, certificates }),
                Err(reason) => {
                    layers.say(layer, &format!("tlsCaFiles[{index}]"), reason, mistakes);
                }
            }
        }
    }
    all
}

fn read(path: &std::path::Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("the file {} cannot be read: {error}", path.display()))
}
