//! Tests of the models, in one program.

mod errors;
mod formula;
mod lists;
mod loading;
mod pytorch;
mod silero;
mod speech;
mod whisper;
