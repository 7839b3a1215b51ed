//! The same elements under another shape. Nothing here copies, but for a reshape whose elements do
//! not lie in the right order.

mod axes;
mod reshape;
mod slice;
