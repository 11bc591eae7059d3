//! `cargo xtask serve`: builds what is missing and serves the page on loopback.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
};

use anyhow::{Context, Result};
use axum::{
    Router,
    http::{HeaderValue, header},
};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use crate::{
    pkg::{self, Kind},
    process::{self, root},
};

/// Brings everything up to date, then serves until the process is stopped.
pub fn run(port: u16, open: bool) -> Result<()> {
    // Said before minutes of building rather than after them; the port is free again in between.
    drop(listen(port)?);
    process::alone(|| pkg::build(&Kind::ALL))?;
    let listener = listen(port)?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("gan-playground at {address}");
    if open && let Err(error) = open::that_detached(&address) {
        println!("no browser could be opened ({error}); open {address} yourself");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(serve(
        listener,
        pages(&root().join("www"), &root().join("pkg")),
    ))
}

/// Takes the port on loopback.
fn listen(port: u16) -> Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).with_context(|| {
        format!("cannot listen on {address}; choose another port with `cargo xtask serve --port N`")
    })
}

/// The files of `www` at the root and those of `pkg` under `/pkg`.
///
/// A browser asks again for each file it has (`no-cache`), so that a rebuild shows on reload. A `.gz` goes out as the file it is,
/// without `Content-Encoding`: the page unpacks it itself.
fn pages(www: &Path, pkg: &Path) -> Router {
    let header =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .nest_service("/pkg", ServeDir::new(pkg))
        .fallback_service(ServeDir::new(www))
        .layer(header(header::CACHE_CONTROL, "no-cache"))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

/// Answers requests until an error ends it.
async fn serve(listener: TcpListener, pages: Router) -> Result<()> {
    listener.set_nonblocking(true)?;
    axum::serve(tokio::net::TcpListener::from_std(listener)?, pages).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Read, Write},
        net::TcpStream,
        thread,
    };

    use super::*;

    /// The whole answer, in lower case, of a server with one file of each type, to a GET of `path`.
    fn get(path: &str) -> String {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (www, pkg) = (folder.path().join("www"), folder.path().join("pkg"));
        for file in [
            www.join("index.html"),
            www.join("main.js"),
            www.join("shard.gz"),
            pkg.join("cpu/g.wasm"),
            folder.path().join("secret"),
        ] {
            fs::create_dir_all(file.parent().expect("it lies in a folder")).expect("a folder");
            fs::write(&file, "content").expect("a file");
        }
        let listener = listen(0).expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let pages = pages(&www, &pkg);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .expect("a runtime");
            runtime.block_on(serve(listener, pages))
        });
        let mut stream = TcpStream::connect(address).expect("the server listens");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .expect("a request");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("an answer in text");
        answer.to_lowercase()
    }

    #[test]
    fn files_go_out_under_their_types_and_are_asked_for_again() {
        for (path, content_type) in [
            ("/", "text/html"),
            ("/main.js", "text/javascript"),
            ("/shard.gz", "application/gzip"),
            ("/pkg/cpu/g.wasm", "application/wasm"),
        ] {
            let answer = get(path);
            assert!(answer.starts_with("http/1.1 200"), "{path}: {answer}");
            assert!(
                answer.contains(&format!("content-type: {content_type}")),
                "{path}: {answer}"
            );
            assert!(
                answer.contains("cache-control: no-cache"),
                "{path}: {answer}"
            );
            assert!(!answer.contains("content-encoding"), "{path}: {answer}");
        }
    }

    #[test]
    fn nothing_outside_the_two_folders_goes_out() {
        for path in [
            "/../secret",
            "/%2e%2e/secret",
            "/pkg/../../secret",
            "/..%2fsecret",
            "/pkg/%2e%2e/secret",
            "/missing",
        ] {
            let answer = get(path);
            assert!(answer.starts_with("http/1.1 4"), "{path}: {answer}");
            assert!(
                !answer.contains("content\n") && !answer.ends_with("content"),
                "{path}: {answer}"
            );
        }
    }

    #[test]
    fn a_taken_port_names_the_option() {
        let taken = listen(0).expect("a free port");
        let port = taken.local_addr().expect("it has an address").port();
        let error = listen(port).expect_err("the port is taken");
        assert!(error.to_string().contains("--port"), "{error}");
    }
}
