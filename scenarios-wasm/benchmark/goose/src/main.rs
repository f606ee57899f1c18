//! One GET and its answer's body, again and again, for Goose, which counts them.
//!
//! Host, users and time are Goose's own flags; what it counted goes to the output as JSON.

use goose::prelude::*;

// On one core this is faster than a runtime with a thread beside the main one.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), GooseError> {
    let metrics = GooseAttack::initialize()?
        .register_scenario(scenario!("Visitor").register_transaction(transaction!(get)))
        .execute()
        .await?;
    let succeeded: usize = metrics
        .requests
        .values()
        .map(|requests| requests.success_count)
        .sum();
    let failed: usize = metrics
        .requests
        .values()
        .map(|requests| requests.fail_count)
        .sum();
    // Its own duration is in whole seconds, and without those in which users start and stop.
    let [first, .., last] = &metrics.history[..] else {
        panic!("Goose has not run");
    };
    let seconds = (last.timestamp - first.timestamp).as_seconds_f64();
    println!(r#"{{"succeeded": {succeeded}, "failed": {failed}, "seconds": {seconds}}}"#);
    Ok(())
}

async fn get(user: &mut GooseUser) -> TransactionResult {
    user.get("/health").await?.response?.bytes().await?;
    Ok(())
}
