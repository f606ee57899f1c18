//! Laying options over each other.

use super::{Named, Options};

impl Options {
    /// Lays options of a higher layer over these. As in k6, one that says when
    /// iterations start takes the place of all that these say of it.
    pub fn overlay(&mut self, over: Self) {
        if over.has_profile() {
            self.scenarios = over.scenarios.clone();
            self.stages.clone_from(&over.stages);
            self.duration = over.duration;
            self.iterations = over.iterations;
        }
        fn replace<T>(slot: &mut Option<T>, over: Option<T>) {
            if over.is_some() {
                *slot = over;
            }
        }
        fn combine<T>(slot: &mut Option<Named<T>>, over: Option<Named<T>>) {
            if let Some(over) = over {
                slot.get_or_insert_default().overlay(over);
            }
        }
        /// Neither order nor a layer matters to what is a set.
        fn add<T: PartialEq>(slot: &mut Option<Vec<T>>, over: Option<Vec<T>>) {
            for item in over.into_iter().flatten() {
                let items = slot.get_or_insert_default();
                if !items.contains(&item) {
                    items.push(item);
                }
            }
        }
        self.overlay_connections(&over);
        replace(&mut self.vus, over.vus);
        combine(&mut self.thresholds, over.thresholds);
        combine(&mut self.tags, over.tags);
        replace(&mut self.setup_timeout, over.setup_timeout);
        replace(&mut self.teardown_timeout, over.teardown_timeout);
        replace(&mut self.user_agent, over.user_agent);
        replace(
            &mut self.insecure_skip_tls_verify,
            over.insecure_skip_tls_verify,
        );
        replace(
            &mut self.discard_response_bodies,
            over.discard_response_bodies,
        );
        replace(&mut self.batch, over.batch);
        replace(&mut self.batch_per_host, over.batch_per_host);
        replace(&mut self.rps, over.rps);
        replace(&mut self.max_series, over.max_series);
        replace(&mut self.execution_segment, over.execution_segment);
        replace(
            &mut self.execution_segment_sequence,
            over.execution_segment_sequence,
        );
        replace(&mut self.http_version, over.http_version);
        replace(&mut self.max_redirects, over.max_redirects);
        replace(&mut self.no_cookies_reset, over.no_cookies_reset);
        replace(&mut self.connect_timeout, over.connect_timeout);
        replace(&mut self.response_head_timeout, over.response_head_timeout);
        replace(&mut self.stream_idle_timeout, over.stream_idle_timeout);
        replace(&mut self.max_body_size, over.max_body_size);
        combine(&mut self.hosts, over.hosts);
        if let Some(dns) = over.dns {
            self.dns.get_or_insert_default().overlay(dns);
        }
        replace(&mut self.local_ips, over.local_ips);
        add(&mut self.blacklist_ips, over.blacklist_ips);
        add(&mut self.block_hostnames, over.block_hostnames);
        add(&mut self.allow_hosts, over.allow_hosts);
        replace(&mut self.proxy, over.proxy);
        replace(&mut self.tls_auth, over.tls_auth);
        replace(&mut self.tls_version, over.tls_version);
        add(&mut self.tls_ca_files, over.tls_ca_files);
        combine(&mut self.config, over.config);
        combine(&mut self.metrics, over.metrics);
    }

    /// How long connections live is said by three options: what a higher layer
    /// says with one takes away what a lower one says against it with another.
    fn overlay_connections(&mut self, over: &Self) {
        let closes = |reuse: Option<bool>| reuse == Some(true);
        if closes(over.no_connection_reuse) || closes(over.no_vu_connection_reuse) {
            self.connections = None;
        }
        if over.connections.is_some() {
            self.no_connection_reuse = None;
            self.no_vu_connection_reuse = None;
        }
        self.no_connection_reuse = over.no_connection_reuse.or(self.no_connection_reuse);
        self.no_vu_connection_reuse = over.no_vu_connection_reuse.or(self.no_vu_connection_reuse);
        self.connections = over.connections.or(self.connections);
    }
}
