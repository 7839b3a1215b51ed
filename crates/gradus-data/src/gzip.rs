//! Files of gzip as gunzip reads them: members one behind the other are one file, and zeros behind the last are the rest of
//! a block on a tape or a disk.
//!
//! Source: RFC 1952, section 2.2; the manual of GNU gzip, *Using gzip on tapes*.

use std::io::{BufRead, Read, Result};

use flate2::bufread::GzDecoder;

/// Decompresses. Whatever is behind a member and is neither zeros nor a member is an error, and so is a wrong checksum.
pub(crate) struct Gunzip<R> {
    /// Nothing at the end.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gunzip<R> {
    pub fn new(source: R) -> Self {
        Self { member: Some(GzDecoder::new(source)) }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, to: &mut [u8]) -> Result<usize> {
        loop {
            let Some(member) = &mut self.member else { return Ok(0) };
            let n = member.read(to)?;
            if n > 0 || to.is_empty() {
                return Ok(n);
            }
            let Some(mut source) = self.member.take().map(GzDecoder::into_inner) else {
                return Ok(0);
            };
            if skip_zeros(&mut source)? {
                self.member = Some(GzDecoder::new(source));
            }
        }
    }
}

/// Goes to the next byte that is not zero; says whether there is one.
fn skip_zeros(source: &mut impl BufRead) -> Result<bool> {
    loop {
        let bytes = source.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let more = zeros < bytes.len();
        source.consume(zeros);
        if more {
            return Ok(true);
        }
    }
}
