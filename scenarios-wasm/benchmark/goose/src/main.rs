//! One request and its answer's body, again and again, for Goose, which counts them.
//!
//! Host, users and time are Goose's own flags; what it counted goes to the output as JSON.

use goose::prelude::*;

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    let metrics = GooseAttack::initialize()?
        .register_scenario(scenario!("Visitor").register_transaction(transaction!(get)))
        .execute()
        .await?;
    let succeeded: usize = metrics.requests.values().map(|of_path| of_path.success_count).sum();
    let failed: usize = metrics.requests.values().map(|of_path| of_path.fail_count).sum();
    eprintln!("{:?}", metrics.history);
    println!(r#"{{"succeeded": {succeeded}, "failed": {failed}}}"#);
    Ok(())
}

async fn get(user: &mut GooseUser) -> TransactionResult {
    user.get("/health").await?.response?.bytes().await?;
    Ok(())
}
