//! Convolution, pooling and moments against loops that anyone can check, in every layout and on
//! any number of threads.

mod cases;
mod convolution;
mod moments;
mod pooling;
