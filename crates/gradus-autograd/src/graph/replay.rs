//! Recomputing what a checkpoint did not keep.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use super::{Node, Origin, Value};
use crate::arity::PerOutput;
use crate::observe::{self, Pass};
use crate::{Error, Result, mode};

/// Computes the operations of a checkpoint again, up to the given one, from what came into the
/// checkpoint; what their derivatives read is kept this time. As an operation's value depends on its
/// inputs and itself alone, the values have the same bits as before.
pub(super) fn fill(last: &Arc<dyn Node>) -> Result<()> {
    let mut nodes: BTreeMap<u64, &dyn Node> = BTreeMap::new();
    let mut stack = vec![&**last];
    while let Some(node) = stack.pop() {
        if nodes.insert(node.links().id, node).is_none() {
            let edges = node.links().edges.iter().filter(|edge| edge.kept.value().is_none());
            let inside = edges.filter_map(|edge| edge.origin.as_ref());
            stack.extend(inside.map(|origin| &*origin.node));
        }
    }
    // In the order in which they ran: numbers grow along every dependency.
    let mut values: HashMap<u64, PerOutput<Value>> = HashMap::new();
    for (id, node) in nodes {
        let links = node.links();
        let inputs: Vec<Option<Value>> = links
            .edges
            .iter()
            .map(|edge| match (edge.kept.value(), &edge.origin) {
                (Some(value), _) => Some(value.clone()),
                (None, Some(Origin { node, output })) => {
                    values.get(&node.links().id)?.get(*output as usize).cloned()
                }
                (None, None) => None,
            })
            .collect();
        for (edge, input) in links.edges.iter().zip(&inputs) {
            match input {
                Some(input) => edge.kept.fill(input),
                None if edge.kept.is_given() => return Err(lost(node)),
                None => {}
            }
        }
        let since = Instant::now();
        let outputs = node.replay(&inputs)?;
        if mode::is_on(mode::OBSERVED) {
            let outputs: Vec<_> = outputs.iter().cloned().map(Some).collect();
            let attributes = || node.attributes();
            observe::tell(Pass::Again, node.name(), &attributes, &inputs, &outputs, since);
        }
        links.outputs.iter().zip(&outputs).for_each(|(kept, output)| kept.fill(output));
        values.insert(id, outputs);
    }
    Ok(())
}

/// A part of a checkpoint was freed by an earlier pass.
fn lost(node: &dyn Node) -> Error {
    Error::NotKept { op: node.name(), what: "input", place: 0 }
}
