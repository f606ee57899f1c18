//! What the calls of one instance work on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::ResourceTable;
use wasmtime::error::bail;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::draws::Draws;
use super::event::{Event, Events, Level};
use super::http_response::Responses;
use super::http_upload::Uploads;
use super::limits::Limits;
use super::output::Output;
use super::wasi_http::WasiHttp;
use super::websocket_socket::Sockets;
use crate::http::{Client, CookieLife, Engine};
use crate::metrics::{Schema, TagSet, builtin, with_shard};
use crate::plan::{Config, Seed};

/// From when on a pause is long enough for connections to be parked: to make again what
/// is put away costs some microseconds of each.
const PARKED_FROM: Duration = Duration::from_millis(200);

/// From when on a sleep is long enough for the stack to be given back, which interrupts
/// all cores that this process runs on.
#[cfg(target_os = "linux")]
const STACK_GIVEN_BACK_FROM: Duration = Duration::from_secs(1);

/// What all VUs of a run share. Nothing in it changes while the run goes on.
#[derive(Debug)]
pub struct RunContext {
    /// What the guest may ask for.
    pub config: Config,
    /// Which metrics there are.
    pub schema: Arc<Schema>,
    /// The engine that all clients belong to.
    pub http: Arc<Engine>,
    /// What draws are keyed by.
    pub seed: Seed,
    /// The way of events to the run.
    pub events: Events,
}

impl RunContext {
    /// The text without the values of secrets in it.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        self.config.masked(text)
    }
}

/// What an instance is there for, which decides what it may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// To be asked for its options: it may call nothing.
    Options,
    /// To prepare the run.
    Setup,
    /// To run iterations.
    Load,
    /// To clean up after the run.
    Teardown,
    /// To summarise the results.
    Summary,
}

impl Stage {
    /// The group that everything in it belongs to, as in k6.
    fn group(self) -> &'static str {
        match self {
            Self::Setup => "::setup",
            Self::Teardown => "::teardown",
            Self::Options | Self::Load | Self::Summary => "",
        }
    }
}

/// Who an instance belongs to.
#[derive(Debug, Clone)]
pub struct VuIdentity {
    /// The virtual user, from 1; 0 outside of the load.
    pub vu: u32,
    /// The scenario's name in the plan.
    pub scenario: Arc<str>,
    /// The tags of all its samples, interned in this thread's shard.
    pub tags: TagSet,
}

/// An open group.
#[derive(Debug)]
struct Group {
    /// Its full path, as in k6: `::outer::inner`.
    path: String,
    since: Instant,
}

/// What the calls of one instance work on: its handles, its client, its place in
/// the run. It is made on the worker thread that it stays on.
pub struct Context {
    /// The guest's handles.
    pub(super) table: ResourceTable,
    /// What the guest may take of memory and tables.
    pub(crate) limits: Limits,
    /// The client of this VU, which owns its connections; requests of the guest's own
    /// client go over them as well.
    pub(super) client: Client,
    /// The answers of the iteration under way.
    pub(super) responses: Responses,
    /// The requests of the iteration whose bodies the guest still writes.
    pub(super) uploads: Uploads,
    /// The sessions of the iteration under way.
    pub(super) sockets: Sockets,
    /// What requests of the guest's own client need.
    pub(super) wasi_http: WasiHttp,
    wasi: WasiCtx,
    output: Output,
    pub(super) run: Arc<RunContext>,
    stage: Stage,
    pub(super) identity: VuIdentity,
    draws: Draws,
    /// The requests that `start` built; `None` when it is over.
    built_by_start: Option<Vec<u32>>,
    /// How many iterations the VU had before this one.
    pub(super) vu_iteration: u64,
    /// This iteration's number in its scenario.
    pub(super) scenario_iteration: u64,
    /// How late it started, where it can be late because of the iterations
    /// before it.
    pub(super) late_by: Option<Duration>,
    groups: Vec<Group>,
    own_tags: Vec<(String, String)>,
    /// Of these, the ones that `start` set.
    lasting_tags: Vec<(String, String)>,
    /// Identity, own tags and group together: what a sample of the moment has.
    tags: TagSet,
}

impl Context {
    /// A context for a new instance, with the connections of the one that it
    /// takes the place of, if there was one.
    #[must_use]
    pub fn new(
        run: Arc<RunContext>,
        stage: Stage,
        identity: VuIdentity,
        wasi: WasiCtx,
        output: Output,
        client: Option<Client>,
    ) -> Self {
        let mut client = client.unwrap_or_else(|| Client::new(Arc::clone(&run.http)));
        if run.http.settings().cookies == CookieLife::Iteration {
            // Its start leaves its own.
            client.forget_cookies();
        }
        // Outside of iterations a VU draws what is its own: two that start
        // would otherwise pick the same.
        let place = format!("{}::start", identity.scenario);
        let draws = Draws::new(run.seed, &place, u64::from(identity.vu));
        let tags = identity.tags;
        let mut context = Self {
            table: ResourceTable::new(),
            limits: Limits::default(),
            client,
            responses: Responses::default(),
            uploads: Uploads::default(),
            sockets: Sockets::default(),
            wasi_http: WasiHttp::new(&run, &identity, stage != Stage::Options),
            wasi,
            output,
            run,
            stage,
            identity,
            draws,
            built_by_start: (stage == Stage::Load).then(Vec::new),
            vu_iteration: 0,
            scenario_iteration: 0,
            late_by: None,
            groups: Vec::new(),
            own_tags: Vec::new(),
            lasting_tags: Vec::new(),
            tags,
        };
        context.renew_tags();
        context
    }

    /// Gets ready for an iteration.
    pub fn begin_iteration(
        &mut self,
        vu_iteration: u64,
        scenario_iteration: u64,
        late_by: Option<Duration>,
    ) {
        self.late_by = late_by;
        self.vu_iteration = vu_iteration;
        self.scenario_iteration = scenario_iteration;
        self.draws = Draws::new(self.run.seed, &self.identity.scenario, scenario_iteration);
    }

    /// Tidies up after `start`: closes groups and sessions, and frees answers. The
    /// tags that it set and the cookies that it left stay for as long as the
    /// instance lives.
    pub fn end_start(&mut self) {
        self.lasting_tags.clone_from(&self.own_tags);
        self.client.make_cookies_lasting();
        self.tidy_up();
        if let Some(requests) = self.built_by_start.take() {
            self.share_requests(requests);
        }
    }

    /// Tidies up after an iteration: closes groups and sessions, takes away the
    /// tags that it set and the cookies that it was given, frees its answers. Each
    /// one is a sample of what the VU takes: were only growth recorded, a VU that
    /// grew once would count less than one that leaks.
    pub fn end_iteration(&mut self) {
        if self.stage == Stage::Load {
            let (tags, memory) = (self.identity.tags, self.limits.memory());
            with_shard(|shard| shard.add(builtin::VU_MEMORY, tags, memory as f64));
        }
        self.tidy_up();
    }

    /// Notes that a request was built.
    pub(super) fn note_request(&mut self, request: u32) {
        if let Some(requests) = &mut self.built_by_start {
            requests.push(request);
        }
    }

    fn tidy_up(&mut self) {
        self.uploads.end_iteration();
        self.responses.end_iteration(&mut self.client);
        self.sockets.end_iteration();
        self.client.end_iteration();
        if !self.groups.is_empty() {
            let now = Instant::now();
            while !self.groups.is_empty() {
                self.end_group(now);
            }
        }
        if self.own_tags != self.lasting_tags {
            self.own_tags.clone_from(&self.lasting_tags);
            self.renew_tags();
        }
    }

    /// The VU has nothing to do for now: closes its idle connections.
    pub fn rest(&mut self) {
        self.client.close_idle();
    }

    /// Nothing is to be sent for so long: what is not needed meanwhile is put away.
    pub fn pause(&mut self, how_long: Duration) {
        if how_long >= PARKED_FROM {
            self.client.park();
        }
    }

    /// The guest sleeps for so long, in a call that runs on its stack.
    pub(super) fn sleep(&mut self, how_long: Duration) {
        self.pause(how_long);
        #[cfg(target_os = "linux")]
        if how_long >= STACK_GIVEN_BACK_FROM {
            crate::slab::give_back_unused_stack();
        }
    }

    /// Takes the connections out, for the instance that comes after this one.
    pub fn take_client(&mut self) -> Client {
        self.uploads.end_iteration();
        self.responses.end_iteration(&mut self.client);
        self.sockets.end_iteration();
        let empty = Client::new(Arc::clone(&self.run.http));
        std::mem::replace(&mut self.client, empty)
    }

    /// What all VUs of the run share.
    #[must_use]
    pub fn run(&self) -> &Arc<RunContext> {
        &self.run
    }

    /// What the guest printed since somebody asked last.
    #[must_use]
    pub fn printed(&self) -> String {
        self.output.take()
    }

    /// The tags of a sample of this moment.
    #[must_use]
    pub fn tags(&self) -> TagSet {
        self.tags
    }

    /// Tells the person who runs the test.
    pub fn say(&self, level: Level, message: &str) {
        self.run.events.send(Event::Log {
            level,
            scenario: self.identity.scenario.to_string(),
            vu: self.identity.vu,
            message: self.run.masked(message),
        });
    }

    pub(super) fn identity(&self) -> &VuIdentity {
        &self.identity
    }

    pub(super) fn draws(&mut self) -> &mut Draws {
        &mut self.draws
    }

    /// Traps a guest that calls the host while it is asked for its options.
    pub(super) fn must_be_running(&self, call: &str) -> wasmtime::Result<()> {
        if self.stage == Stage::Options {
            bail!(
                "`options` called `{call}`: options are asked for before anything is configured, \
                 so they must be the same always; move the call to `start`"
            );
        }
        Ok(())
    }

    pub(super) fn begin_group(&mut self, name: &str, now: Instant) {
        let parent = self
            .groups
            .last()
            .map_or(self.stage.group(), |group| &group.path);
        let path = format!("{parent}::{name}");
        self.groups.push(Group { path, since: now });
        self.renew_tags();
    }

    pub(super) fn end_group(&mut self, now: Instant) {
        // The sample belongs to the group itself, as in k6.
        let tags = self.tags;
        if let Some(group) = self.groups.pop() {
            let took = now.duration_since(group.since);
            with_shard(|shard| shard.add_duration(builtin::GROUP_DURATION, tags, took));
            self.renew_tags();
        }
    }

    pub(super) fn set_tag(&mut self, name: String, value: String) {
        self.own_tags.retain(|(own, _)| *own != name);
        self.own_tags.push((name, value));
        self.renew_tags();
    }

    pub(super) fn remove_tag(&mut self, name: &str) {
        self.own_tags.retain(|(own, _)| own != name);
        self.renew_tags();
    }

    fn renew_tags(&mut self) {
        let group = self
            .groups
            .last()
            .map_or(self.stage.group(), |group| &group.path);
        let own_tags = &self.own_tags;
        let base = self.identity.tags;
        self.tags = with_shard(|shard| {
            let mut set = base;
            for (name, value) in own_tags {
                set = shard.with_tag(set, name, value);
            }
            if group.is_empty() {
                set
            } else {
                shard.with_tag(set, "group", group)
            }
        })
        .unwrap_or(base);
    }
}

impl WasiView for Context {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl super::bindings::vuelo::load::types::Host for Context {}
