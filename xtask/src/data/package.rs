//! An npm package as its archive, fetched by npm and kept in `target/data`.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;

use crate::{
    process::{npm, output, root},
    tools,
};

/// The archive of one version of a package.
pub struct Package {
    name: String,
    archive: PathBuf,
}

impl Package {
    /// The package called `name@version`, by network unless an earlier call has kept it.
    pub fn fetch(name: &str) -> Result<Self> {
        let folder = root().join("target/data");
        let archive = folder.join(format!("{}.tgz", name.replace('@', "-")));
        if !archive.is_file() {
            tools::ensure_node()?;
            // Under another name until it is whole.
            let arriving = folder.join("arriving");
            fs::create_dir_all(&arriving)?;
            let printed = output(
                npm()
                    .args(["pack", name, "--silent", "--pack-destination"])
                    .arg(&arriving),
            )?;
            let file = printed.lines().last().unwrap_or_default();
            fs::rename(arriving.join(file), &archive)
                .with_context(|| format!("npm pack {name} printed {printed:?}"))?;
        }
        Ok(Self {
            name: name.to_owned(),
            archive,
        })
    }

    /// The files with these paths, in this order.
    pub fn files<const N: usize>(&self, paths: [&str; N]) -> Result<[Vec<u8>; N]> {
        let unsound = || format!("{} is not sound: delete it", self.archive.display());
        let file = fs::File::open(&self.archive).with_context(unsound)?;
        let mut archive = tar::Archive::new(GzDecoder::new(file));
        let mut found = [const { None }; N];
        for entry in archive.entries().with_context(unsound)? {
            let mut entry = entry.with_context(unsound)?;
            let path = entry.path()?.into_owned();
            // npm puts everything in a folder of its own.
            let path = path.strip_prefix("package").unwrap_or(&path);
            if let Some(index) = paths.iter().position(|wanted| path.as_os_str() == *wanted) {
                let mut bytes = Vec::new();
                std::io::copy(&mut entry, &mut bytes).with_context(unsound)?;
                found[index] = Some(bytes);
            }
        }
        for (path, bytes) in paths.iter().zip(&found) {
            if bytes.is_none() {
                anyhow::bail!("{} has no file {path}", self.name);
            }
        }
        Ok(found.map(|bytes| bytes.expect("checked above")))
    }
}
