//! Opens the device a run computes on; the only file that opens flex or wgpu.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Where the tensors live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// Burn's flex backend on the CPU; with WASM SIMD in a browser.
    Cpu,
    /// burn-wgpu: WebGPU in a browser, Vulkan, Metal or DX12 natively.
    WebGpu,
}

impl Backend {
    /// Opens the backend's device; the WebGPU device is opened once and shared by later calls.
    ///
    /// # Errors
    /// [`Error::Device`] if this build was made without the backend, or no adapter answers.
    pub async fn open(self) -> Result<Device, Error> {
        #[cfg(target_arch = "wasm32")]
        run_constructors();
        match self {
            Self::Cpu => open_cpu(),
            Self::WebGpu => open_webgpu().await,
        }
    }
}

/// Runs the static constructors of all crates, once; CubeCL registers its thousands of types and operations by them.
///
/// Nobody else would run them in time: without a call of ours the linker wraps *every* export, so that each call from
/// JavaScript, down to each allocation of a reference, runs all constructors again. 97 % of the time of a WebGPU step went there.
#[cfg(target_arch = "wasm32")]
#[allow(
    unsafe_code,
    reason = "the list of constructors can only be run through the linker's symbol"
)]
fn run_constructors() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    unsafe extern "C" {
        /// Made by the linker.
        fn __wasm_call_ctors();
    }
    // SAFETY: the linker defines the symbol with this signature, and it is called once, before anything reads a registry.
    ONCE.call_once(|| unsafe { __wasm_call_ctors() });
}

#[cfg(feature = "cpu")]
fn open_cpu() -> Result<Device, Error> {
    Ok(Device::flex())
}

#[cfg(not(feature = "cpu"))]
fn open_cpu() -> Result<Device, Error> {
    Err(not_built("cpu"))
}

#[cfg(feature = "webgpu")]
async fn open_webgpu() -> Result<Device, Error> {
    use async_lock::OnceCell;
    use burn_wgpu::{
        RuntimeOptions, WgpuDevice, WgpuInitError, graphics::AutoGraphicsApi, try_init_setup_async,
    };
    // Burn registers one runtime per process and refuses a second registration; whoever asks meanwhile waits for the first.
    static OPENED: OnceCell<Device> = OnceCell::new();
    let failed = |error: WgpuInitError| Error::Device {
        reason: format!("no WebGPU device could be opened: {error}"),
    };
    let open = || async {
        let device = WgpuDevice::default();
        let options = RuntimeOptions::with_tasks_max(None).map_err(failed)?;
        let opening = try_init_setup_async::<AutoGraphicsApi>(&device, options);
        let setup = opening.await.map_err(failed)?;
        let device = Device::from(device);
        #[cfg(target_arch = "wasm32")]
        crate::nudge::by(move || setup.queue.on_submitted_work_done(|| ()));
        prepare(&device, &setup.adapter.get_info()).await?;
        Ok(device)
    };
    OPENED.get_or_try_init(open).await.cloned()
}

/// Measures how matrix products are best cut into tiles on this adapter, unless tilings were set before.
#[cfg(feature = "webgpu")]
async fn prepare(device: &Device, adapter: &burn_wgpu::wgpu::AdapterInfo) -> Result<(), Error> {
    use crate::kernels::tuning;
    use burn_wgpu::wgpu::DeviceType;
    if adapter.device_type != DeviceType::Cpu && tuning::told().is_none() {
        tuning::measure(device).await?;
    }
    Ok(())
}

#[cfg(not(feature = "webgpu"))]
async fn open_webgpu() -> Result<Device, Error> {
    Err(not_built("webgpu"))
}

#[cfg(not(all(feature = "cpu", feature = "webgpu")))]
fn not_built(feature: &str) -> Error {
    Error::Device {
        reason: format!("this build was made without the feature `{feature}`"),
    }
}
