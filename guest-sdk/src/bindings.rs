//! What `wit-bindgen` makes of the contract. Nothing of it is for authors: they
//! see the modules around it.
//!
//! The optional exports are bindings of their own, so that a component exports
//! exactly what its scenario names in [`scenario!`](crate::scenario!).

#![allow(missing_docs, unsafe_code, unused_qualifications, clippy::pedantic)]

wit_bindgen::generate!({
    path: "../wit",
    world: "load-test",
    ownership: Borrowing { duplicate_if_necessary: false },
    pub_export_macro: true,
    export_macro_name: "__export_scenario",
    default_bindings_module: "vuelo_sdk::bindings",
});

pub mod setup {
    wit_bindgen::generate!({
        path: "../wit",
        world: "only-setup",
        pub_export_macro: true,
        export_macro_name: "__export_setup",
        default_bindings_module: "vuelo_sdk::bindings::setup",
    });
}

pub mod teardown {
    wit_bindgen::generate!({
        path: "../wit",
        world: "only-teardown",
        pub_export_macro: true,
        export_macro_name: "__export_teardown",
        default_bindings_module: "vuelo_sdk::bindings::teardown",
    });
}

pub mod summary {
    wit_bindgen::generate!({
        path: "../wit",
        world: "only-summary",
        pub_export_macro: true,
        export_macro_name: "__export_summary",
        default_bindings_module: "vuelo_sdk::bindings::summary",
    });
}
