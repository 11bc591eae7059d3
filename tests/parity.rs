//! Step for step equal to PyTorch, Keras and NumPy: every reference run, every loss, on every device there is.

mod common;
#[path = "common/reference.rs"]
mod reference;

use gan_playground::Backend;
use reference::replay_all;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

on_every_target! {
    async fn every_reference_run_is_replayed_on_the_cpu() {
        replay_all(Backend::Cpu).await;
    }
}
