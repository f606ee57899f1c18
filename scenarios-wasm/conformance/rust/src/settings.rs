//! The options, and the keys that they declare.

use vuelo_sdk::prelude::*;

use crate::echo::Echo;
use crate::values::{LENGTHS, LEVEL, PLAIN, SHARE, SIZES, THINGS};
use crate::{or_none, say};

pub(crate) fn options() -> Options {
    Options::new()
        .vus(1)
        .iterations(1)
        .setup_timeout("10s")
        .tag("from", "Grüße, 世界 🦉")
        .tag("quoted", "\"\\/")
        .threshold("checks", "rate>=0")
        .threshold("things", Threshold::new("count>=0").or_no_data())
        .config(Key::url("BASE_URL").required())
        .config(Key::text("CASE").default(""))
        .config(Key::text("URL").default(""))
        .config(Key::text("GREETING").default("hello"))
        .config(Key::text("ABSENT"))
        .config(Key::secret("TOKEN"))
        .metric(&THINGS)
        .metric(&LEVEL)
        .metric(&SHARE)
        .metric(&LENGTHS)
        .metric(&SIZES)
        .metric(&PLAIN)
}

pub(crate) fn tell() -> Result<(), Failure> {
    say("greeting", or_none(config::get("GREETING")));
    say("absent", or_none(config::get("ABSENT")));
    say("undeclared", or_none(config::get("NOBODY")));
    say("secret", or_none(config::get("TOKEN")));
    say("no-secret", config::secret("GREETING").is_none());
    Ok(())
}

pub(crate) fn send_secret(base: &str) -> Result<(), Failure> {
    tell_secret(&secret_request(base)?)
}

pub(crate) fn secret_request(base: &str) -> Result<Request, Failure> {
    let request = http::get(&format!("{base}/echo"));
    Ok(request.bearer(&config::require_secret("TOKEN")?).build())
}

pub(crate) fn tell_secret(request: &Request) -> Result<(), Failure> {
    let echo = Echo::of(&request.send()?)?;
    say("authorization", or_none(echo.first("authorization")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPTIONS;
    use serde_json::{Value, json};

    #[test]
    fn the_builder_says_what_the_plan_says_but_for_defaults_and_what_it_has_no_word_for() {
        let mut built: Value = serde_json::from_str(&options().to_json()).unwrap();
        for metric in built["metrics"].as_object_mut().unwrap().values_mut() {
            let metric = metric.as_object_mut().unwrap();
            metric.retain(|_, value| value != "none");
        }
        for key in built["config"].as_object_mut().unwrap().values_mut() {
            let key = key.as_object_mut().unwrap();
            key.retain(|_, value| value != "string");
        }
        built["discardResponseBodies"] = json!(false);
        built["maxRedirects"] = json!(5);
        built["thresholds"]["things"][0]["abortOnFail"] = json!(false);
        let plan: Value = serde_json::from_str(OPTIONS).unwrap();
        assert_eq!(built, plan);
    }
}
