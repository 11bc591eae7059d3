//! Child processes and progress lines.
//!
//! Every child starts in the workspace root, finds the tools that [`crate::tools`] installed, and sees none of the variables
//! that cargo set for xtask itself.

use std::{
    env,
    ffi::OsStr,
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};

/// The workspace root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace root")
}

/// Folder for tools that must not replace the user's own: `target/tools`.
pub fn own_tools() -> PathBuf {
    root().join("target/tools")
}

/// Where programs are looked for, first match first: our own tools, `PATH`, then cargo's folder of installed programs.
fn search_path() -> Vec<PathBuf> {
    let mut folders = vec![own_tools().join("bin")];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    if let Some(home) = cargo_home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))) {
        folders.push(home.join("bin"));
    }
    folders
}

/// The first file on the search path with one of these names.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let folders = search_path();
    let candidates = names.iter().flat_map(|name| {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        folders.iter().map(move |folder| folder.join(&file))
    });
    candidates.into_iter().find(|path| path.is_file())
}

/// A command to be run in the workspace root, without standard input.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command.env(
        "PATH",
        env::join_paths(search_path()).expect("folders of PATH hold no separator"),
    );
    // `cargo run` describes xtask in these; a build script that reads one of them would take it for its own.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || text == "OUT_DIR"
        {
            command.env_remove(&name);
        }
    }
    command
}

/// The npm command, which is a script on Windows.
pub fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Runs to the end with the output shown; the error names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("    $ {line}");
    let status = command
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

/// Standard output of a command that succeeds, trimmed.
pub fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!(
            "`{line}` failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let mut line = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for arg in command.get_args() {
        write!(line, " {}", arg.to_string_lossy()).expect("writing to a string cannot fail");
    }
    line
}

/// Runs `body` while no other xtask of this workspace does: two builds would write the same files.
pub fn alone<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    fs::create_dir_all(root().join("target"))?;
    alone_with(&root().join("target/xtask.lock"), body)
}

/// Runs `body` while it holds the lock of this file.
fn alone_with<T>(file: &Path, body: impl FnOnce() -> Result<T>) -> Result<T> {
    let lock = File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
    if lock.try_lock().is_err() {
        println!("==> wait for another `cargo xtask` to finish its builds");
        lock.lock()
            .with_context(|| format!("cannot lock {}", file.display()))?;
    }
    // Closing the file, at the latest when this process ends, gives the lock back.
    body()
}

/// Runs a long step between a line that names it and a line with its seconds.
pub fn step<T>(what: &str, body: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what}");
    let start = Instant::now();
    let result = body();
    let verdict = if result.is_ok() { "done" } else { "failed" };
    println!(
        "    {verdict} in {:.1} s: {what}",
        start.elapsed().as_secs_f64()
    );
    result
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc, Barrier,
            atomic::{AtomicBool, Ordering::SeqCst},
        },
        thread,
        time::Duration,
    };

    use super::*;

    #[test]
    fn a_failing_command_is_named_with_its_arguments() {
        let error =
            run(command("cargo").arg("--no-such-option")).expect_err("cargo knows no such option");
        assert!(
            error
                .to_string()
                .starts_with("`cargo --no-such-option` failed"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output(&mut command("no-such-program")).expect_err("there is no such program");
        assert!(
            error.to_string().contains("cannot start `no-such-program`"),
            "{error}"
        );
    }

    #[test]
    fn builds_wait_for_one_another() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("lock");
        let (started, is_running) = (Arc::new(Barrier::new(2)), Arc::new(AtomicBool::new(false)));
        let first = thread::spawn({
            let (started, is_running, file) = (started.clone(), is_running.clone(), file.clone());
            move || {
                alone_with(&file, || {
                    is_running.store(true, SeqCst);
                    started.wait();
                    thread::sleep(Duration::from_millis(50));
                    is_running.store(false, SeqCst);
                    Ok(())
                })
            }
        });
        started.wait();
        assert!(
            !alone_with(&file, || Ok(is_running.load(SeqCst))).expect("the lock is had in the end")
        );
        first
            .join()
            .expect("it does not panic")
            .expect("the lock is had at once");
    }

    #[test]
    fn children_do_not_see_xtasks_own_cargo_variables() {
        let kept: Vec<_> = command("true")
            .get_envs()
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| name.to_owned())
            .collect();
        assert_eq!(kept, ["PATH"]);
    }
}
