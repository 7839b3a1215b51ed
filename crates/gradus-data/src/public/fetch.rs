//! Fetching a public data set, with the feature `download`.
//!
//! A file is written under a temporary name beside its own, and gets its own when all of it is there and its SHA-256
//! is right; so does the folder of an archive. Whatever goes wrong before, nothing is left. (A process that is killed leaves
//! what it had under a name that begins with `.fetched-`.)
//!
//! HTTP is `ureq`'s, TLS that of `rustls` with `graviola` for its cryptography: Rust and assembly within it, so no C
//! compiler is called. The price is that it knows x86-64 (with AVX2 and ADX) and ARM-64 alone; on other processors
//! there is an error, and the files are fetched by hand. Roots of trust are Mozilla's (`webpki-roots`).

use std::fs;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use graviola::hashing::{Hash, HashContext, Sha256};
use tempfile::NamedTempFile;
use ureq::Agent;
use ureq::tls::{TlsConfig, TlsProvider};

use super::{PublicData, PublicFile};
use crate::{Error, Result};

/// How long a connection may take, and a pause between two bytes.
const PATIENCE: Duration = Duration::from_secs(60);

impl PublicData<'_> {
    /// Fetches what `dir` lacks, and returns the folder in which the files lie: `dir` itself, or what an archive was
    /// unpacked to. What is there is not looked at.
    ///
    /// # Errors
    /// [`Error::Download`] if a file cannot be fetched, or has not the bytes that it should have;
    /// [`Error::File`] if the folder cannot be written.
    pub fn fetch(&self, dir: impl AsRef<Path>) -> Result<PathBuf> {
        self.fetch_with(dir, |_, _| ())
    }

    /// The same; `progress` hears of each file how many of its bytes have come.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub fn fetch_with(
        &self,
        dir: impl AsRef<Path>,
        mut progress: impl FnMut(&PublicFile<'_>, u64),
    ) -> Result<PathBuf> {
        let dir = dir.as_ref();
        let names = self.files.iter().map(|file| file.name).chain(self.folder);
        if let Some(name) = names.into_iter().find(|name| !is_plain(name)) {
            return Err(Error::value(
                "PublicData",
                format!("the name {name:?}"),
                "one without a folder",
            ));
        }
        if let Some(folder) = self.folder {
            let (ready, [archive]) = (dir.join(folder), self.files) else {
                let got = format!("a folder of {} files", self.files.len());
                return Err(Error::value("PublicData", got, "one archive that is unpacked to it"));
            };
            if !ready.is_dir() {
                let fetched = download(archive, dir, &mut progress)?;
                unpack(fetched, archive, &ready)?;
            }
            return Ok(ready);
        }
        for file in self.files {
            let path = dir.join(file.name);
            if !path.is_file() {
                let fetched = download(file, dir, &mut progress)?;
                fetched.persist(&path).map_err(|error| at(&path)(error.error))?;
            }
        }
        Ok(dir.into())
    }
}

/// Whether a name has no folder in it.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
}

fn at(path: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let path = path.to_path_buf();
    move |source| Error::File { path: path.clone(), source }
}

/// Files and folders under a temporary name, with the rights that a new one has.
fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fetched-").suffix(".partial");
    builder
}

/// The bytes of a file, all of them and the right ones, under a temporary name in `dir`.
fn download(
    file: &PublicFile<'_>,
    dir: &Path,
    progress: &mut impl FnMut(&PublicFile<'_>, u64),
) -> Result<NamedTempFile> {
    let wrong = |problem: String| Error::Download { url: file.url.into(), problem };
    if !graviola::util::is_cpu_supported() {
        let problem = "this processor lacks instructions that fetching needs (AVX2 and ADX, or those for \
            cryptography of ARM-64); fetch it by hand";
        return Err(wrong(format!("{problem} ({} bytes, SHA-256 {})", file.bytes, file.sha256)));
    }
    fs::create_dir_all(dir).map_err(at(dir))?;
    let mut response = agent().get(file.url).call().map_err(|error| wrong(error.to_string()))?;
    let body = response.body_mut();
    let differs = |bytes: String| wrong(format!("got {bytes}, wanted {}", file.bytes));
    if let Some(bytes) = body.content_length()
        && bytes != file.bytes
    {
        return Err(differs(format!("a file of {bytes} bytes")));
    }
    let mut builder = temporary();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut kept = builder.tempfile_in(dir).map_err(at(dir))?;
    let (mut hash, mut block, mut count) = (Sha256::new(), vec![0; 1 << 16], 0);
    // One byte more than there may be, to see whether there is one.
    let mut body = body.as_reader().take(file.bytes.saturating_add(1));
    loop {
        let read = match body.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(wrong(format!("{error}, after {count} of {} bytes", file.bytes)));
            }
        };
        hash.update(&block[..read]);
        kept.write_all(&block[..read]).map_err(at(kept.path()))?;
        count += read as u64;
        progress(file, count);
    }
    if count != file.bytes {
        let more = if count > file.bytes { " or more" } else { "" };
        return Err(differs(format!("{count} bytes{more}")));
    }
    let sum: String = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    if !sum.eq_ignore_ascii_case(file.sha256) {
        let problem = format!("got bytes of SHA-256 {sum}, wanted {}", file.sha256);
        return Err(wrong(format!(
            "{problem}: it was changed, there or on its way, and is not kept"
        )));
    }
    kept.as_file().sync_all().map_err(at(kept.path()))?;
    Ok(kept)
}

/// Proxies are those of the environment (`HTTPS_PROXY` and its kin).
fn agent() -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls_graviola::default_provider()));
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE));
    config.build().new_agent()
}

/// Unpacks an archive beside `ready`, and calls its folder so when it is whole.
fn unpack(mut fetched: NamedTempFile, archive: &PublicFile<'_>, ready: &Path) -> Result<()> {
    let dir = ready.parent().unwrap_or(Path::new("."));
    let mut builder = temporary();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let folder = builder.tempdir_in(dir).map_err(at(dir))?;
    let unpacked = fetched.rewind().and_then(|()| {
        let mut files = tar::Archive::new(MultiGzDecoder::new(BufReader::new(fetched.as_file())));
        files.set_preserve_mtime(false);
        files.unpack(folder.path())
    });
    unpacked.map_err(|error| Error::Download {
        url: archive.url.into(),
        problem: format!("the archive cannot be unpacked: {error}"),
    })?;
    // Some archives have the folder in them, others its files.
    let inside =
        ready.file_name().map(|name| folder.path().join(name)).filter(|path| path.is_dir());
    let from = inside.as_deref().unwrap_or(folder.path());
    match fs::rename(from, ready) {
        // Somebody else was faster.
        Err(_) if ready.is_dir() => Ok(()),
        renamed => renamed.map_err(at(ready)),
    }
}
