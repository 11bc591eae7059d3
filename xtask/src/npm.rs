//! The page's npm packages: `node_modules` by lock file, and the libraries that are served, copied to `www/vendor`.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::{
    process::{npm, root, run, step},
    tools,
};

/// Files served from npm packages: path in `node_modules`, path in `www/vendor`.
const VENDOR: [(&str, &str); 3] = [
    ("uplot/dist/uPlot.esm.js", "uPlot.esm.js"),
    ("uplot/dist/uPlot.min.css", "uPlot.min.css"),
    ("uplot/LICENSE", "uPlot.LICENSE"),
];

/// Makes `node_modules` what package-lock.json says and `www/vendor` what [`VENDOR`] says.
pub fn ensure() -> Result<()> {
    ensure_in(root())?;
    vendor()
}

/// Makes a folder's `node_modules` what its package-lock.json says.
pub fn ensure_in(folder: &Path) -> Result<()> {
    tools::ensure_node()?;
    let lock = folder.join("package-lock.json");
    let lock = fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
    // npm's own record of what it installed last, written when an installation has succeeded.
    let installed = fs::read_to_string(folder.join("node_modules/.package-lock.json"));
    if !installed.is_ok_and(|installed| is_current(&lock, &installed)) {
        step("install the npm packages", || {
            run(npm()
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(folder)
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
        })?;
    }
    Ok(())
}

/// Copies the files of [`VENDOR`] that are not there yet or have changed.
fn vendor() -> Result<()> {
    for (from, to) in VENDOR {
        let from = root().join("node_modules").join(from);
        let to = root().join("www/vendor").join(to);
        let wanted = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        if !fs::read(&to).is_ok_and(|present| present == wanted) {
            fs::create_dir_all(to.parent().expect("it lies in www/vendor"))?;
            fs::write(&to, wanted).with_context(|| format!("cannot write {}", to.display()))?;
        }
    }
    Ok(())
}

/// Whether npm's record `installed` has exactly the packages of `lock`, less optional ones (those of other platforms).
fn is_current(lock: &str, installed: &str) -> bool {
    let packages = |text: &str| -> Option<Map<String, Value>> {
        let mut value: Value = serde_json::from_str(text).ok()?;
        serde_json::from_value(value.get_mut("packages")?.take()).ok()
    };
    let (Some(lock), Some(installed)) = (packages(lock), packages(installed)) else {
        return false;
    };
    let is_as_locked = |(path, wanted): (&String, &Value)| match installed.get(path) {
        Some(present) => {
            present["version"] == wanted["version"] && present["integrity"] == wanted["integrity"]
        }
        None => path.is_empty() || wanted["optional"] == true,
    };
    lock.iter().all(is_as_locked) && installed.keys().all(|path| lock.contains_key(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"{"packages": {
        "": {"name": "page"},
        "node_modules/a": {"version": "1.0.0", "integrity": "x"},
        "node_modules/mac-only": {"version": "1.0.0", "integrity": "y", "optional": true}}}"#;

    #[test]
    fn packages_of_other_platforms_may_be_missing() {
        assert!(is_current(
            LOCK,
            r#"{"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "x"}}}"#
        ));
    }

    #[test]
    fn a_missing_other_or_extra_package_asks_for_an_installation() {
        for installed in [
            "",
            r#"{"packages": {}}"#,
            r#"{"packages": {"node_modules/a": {"version": "1.0.1", "integrity": "x"}}}"#,
            r#"{"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "z"}}}"#,
            r#"{"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "x"}, "node_modules/b": {"version": "1.0.0"}}}"#,
        ] {
            assert!(!is_current(LOCK, installed), "{installed}");
        }
    }
}
