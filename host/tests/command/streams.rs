//! The dialects of A2A that stream, against the embedded target.

use crate::harness::Folder;

#[test]
fn the_standard_dialects_run_and_measure_their_streams() {
    for dialect in ["0.3", "1.0"] {
        let folder = Folder::new();
        let dialect = format!("A2A_DIALECT={dialect}");
        let arguments = [
            "run", "a2a", "--demo", "-u", "5", "-i", "10", "-e", &dialect,
        ];
        folder.vuelo(&arguments).ends_with(0);
        let result = folder.result();
        for trend in ["a2a_time_to_first_event", "a2a_stream_duration"] {
            let values = &result["metrics"][trend]["values"];
            assert!(values["count"].as_f64().unwrap() > 0.0, "{dialect} {trend}");
        }
        assert!(
            result["metrics"]["a2a_stream_events"]["values"]["count"]
                .as_f64()
                .unwrap()
                > 10.0
        );
    }
}

#[test]
fn an_agui_run_is_measured_to_its_first_token_and_to_its_end() {
    let folder = Folder::new();
    folder
        .vuelo(&[
            "run",
            "dashboard",
            "--demo",
            "-u",
            "20",
            "-i",
            "20",
            "--seed",
            "3",
        ])
        .ends_with(0);
    let result = folder.result();
    let of = |trend: &str, value: &str| {
        result["metrics"][trend]["values"][value]
            .as_f64()
            .unwrap_or(0.0)
    };
    assert!(of("agui_run_duration", "count") > 0.0);
    assert!(of("agui_time_to_first_token", "avg") < of("agui_run_duration", "avg"));
}
