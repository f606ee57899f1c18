//! Each fault once, and the request after it.

use tokio::runtime;
use tokio::time::{sleep, timeout};
use vuelo::http::{Client, Engine, Exchange};

use crate::fault::{Ask, Door, Fault, SOON};
use crate::server::{A_MOMENT, DOOR_OPENS_AFTER, FaultServer};

/// What came of one meeting with a fault.
pub struct Meeting {
    /// The request that met it.
    pub exchange: Exchange,
    /// The data of all events, where it was asked for those.
    pub events: String,
}

/// Sends the fault's request.
pub async fn meet(fault: &Fault, client: &mut Client, server: &FaultServer) -> Meeting {
    let request = fault.request(&server.url("/fault"));
    let mut events = String::new();
    let exchange = match fault.ask {
        Ask::Get | Ask::GetAround | Ask::Discard | Ask::Head | Ask::Upload => {
            client.send(&request, &()).await
        }
        Ask::Again | Ask::PostAgain => {
            let first = client.send(&request, &()).await;
            match &first.outcome {
                Ok(response) if response.body() == "first" => {
                    rest(fault).await;
                    client.send(&request, &()).await
                }
                _ => first,
            }
        }
        Ask::Events => match client.open(&request, &()).await {
            Err(exchange) => exchange,
            Ok(open) => {
                let mut stream = open.into_events(crate::fault::BODY_LIMIT).unwrap();
                while let Ok(Some(arrived)) = stream.next().await {
                    events.push_str(&arrived.event.data);
                }
                stream.finish(client)
            }
        },
    };
    Meeting { exchange, events }
}

async fn rest(fault: &Fault) {
    if fault.rests {
        sleep(A_MOMENT * 3).await;
    }
}

/// Everything that is not as it must be when a client meets a fault, and then
/// goes on.
async fn differences(fault: &Fault) -> Vec<String> {
    let server = FaultServer::first(fault);
    let mut client = Client::new(Engine::new(fault.settings()).unwrap());
    let Ok(Meeting { exchange, events }) = timeout(SOON, meet(fault, &mut client, &server)).await
    else {
        return vec![format!("not over after {SOON:?}")];
    };
    let mut differences = fault.differences(&exchange);
    if fault.ask == Ask::Events && events != fault.body {
        differences.push(format!("events {events:?}, not {:?}", fault.body));
    }
    let asked = server.requests();
    if asked > fault.requests() {
        differences.push(format!("{asked} requests were sent"));
    }
    if fault.door != Door::Open {
        // And a moment, in which it opens.
        sleep(DOOR_OPENS_AFTER + A_MOMENT).await;
    }
    rest(fault).await;
    let next = client.send(&fault.next_request(&server), &()).await;
    match next.outcome {
        Ok(response) if response.body() == "good" => {}
        outcome => differences.push(format!("the next request of the client: {outcome:?}")),
    }
    if !differences.is_empty() {
        differences.push(format!("{exchange:?}"));
    }
    differences
}

#[test]
fn every_fault_has_its_number_and_its_times_and_the_client_goes_on() {
    let _process = crate::beside_others();
    let worker = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut wrong = Vec::new();
    for fault in crate::faults() {
        let differences = worker.block_on(differences(&fault));
        if !differences.is_empty() {
            wrong.push(format!(
                "{}\n    {}",
                fault.name,
                differences.join("\n    ")
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
