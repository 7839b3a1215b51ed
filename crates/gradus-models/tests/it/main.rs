//! Tests of the models, in one program.

mod errors;
mod formula;
mod lists;
mod loading;
mod pytorch;
mod speech;
mod whisper;
