//! A graph to look at: its operations in the order in which they ran, as data or as a picture.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use gradus_tensor::Float;

use super::node::Kept;
use super::{Node, Value};
use crate::{Attributes, ParamId, Var, mode};

/// The operations that a variable depends on.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_tensor::Tensor;
/// let x = Var::leaf(Tensor::<f32>::ones([2, 3]));
/// let graph = x.exp().sum_axes(&[1], false)?.graph();
/// let names: Vec<&str> = graph.nodes().iter().map(|node| node.name()).collect();
/// assert_eq!(names, ["leaf", "exp", "sum", "reshape"]);
/// assert_eq!(graph.nodes()[2].inputs()[0].shape, [2, 3]);
/// assert!(graph.to_dot().starts_with("digraph"));
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
#[derive(Debug)]
pub struct Graph {
    nodes: Vec<GraphNode>,
}

/// An operation of a graph, or a leaf.
pub struct GraphNode {
    node: Arc<dyn Node>,
    inputs: Vec<GraphEdge>,
    outputs: Vec<Vec<usize>>,
}

/// An input of an operation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GraphEdge {
    /// Where it comes from: the place of an operation among [`Graph::nodes`], and which of its outputs
    /// it is. `None` for a constant, and for what is missing.
    pub from: Option<(usize, usize)>,
    /// Whether it was given, for an input that may be missing.
    pub given: bool,
    /// The size of each axis.
    pub shape: Vec<usize>,
    /// The value, if the graph keeps it.
    pub value: Option<Value>,
}

impl GraphNode {
    /// The name of the operation; `"leaf"` for parameters and other ends of the graph.
    pub fn name(&self) -> &'static str {
        self.node.name()
    }

    /// The settings of the operation.
    pub fn attributes(&self) -> Attributes {
        self.node.attributes()
    }

    /// The inputs.
    pub fn inputs(&self) -> &[GraphEdge] {
        &self.inputs
    }

    /// The shape of each output.
    pub fn outputs(&self) -> &[Vec<usize>] {
        &self.outputs
    }

    /// The value of an output, if the graph keeps it.
    pub fn output_value(&self, output: usize) -> Option<&Value> {
        self.node.links().outputs.get(output).and_then(Kept::value)
    }

    /// The number of a leaf, which is that of its parameter if it has one.
    pub fn param(&self) -> Option<ParamId> {
        let links = self.node.links();
        links.is_leaf().then_some(ParamId(links.id))
    }
}

impl std::fmt::Debug for GraphNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, attributes) = (self.name(), self.attributes());
        let inputs: Vec<_> = self.inputs.iter().map(|edge| edge.from).collect();
        write!(f, "{name}({attributes}) {inputs:?} → {:?}", self.outputs)
    }
}

impl Graph {
    /// The operations, each after all that it depends on.
    pub fn nodes(&self) -> &[GraphNode] {
        &self.nodes
    }

    /// A picture in the language of Graphviz, to be drawn by `dot -Tsvg`.
    pub fn to_dot(&self) -> String {
        self.to_dot_with(|_| None)
    }

    /// The same with names for parameters, such as their paths in a model.
    pub fn to_dot_with(&self, name: impl Fn(ParamId) -> Option<String>) -> String {
        let mut dot = String::from("digraph {\n  node [shape=box, fontname=\"sans-serif\"];\n");
        for (i, node) in self.nodes.iter().enumerate() {
            let shapes: Vec<String> = node.outputs.iter().map(|s| format!("{s:?}")).collect();
            let (label, style) = match node.param() {
                Some(id) => (name(id).unwrap_or_else(|| "leaf".into()), ", style=filled"),
                None => (format!("{}\n{}", node.name(), node.attributes()), ""),
            };
            let label = format!("{}\n{}", label.trim_end(), shapes.join(" "));
            let label = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            // Writing to a string cannot fail.
            let _ = writeln!(dot, "  n{i} [label=\"{label}\"{style}];");
            for (from, _) in node.inputs.iter().filter_map(|edge| edge.from) {
                let _ = writeln!(dot, "  n{from} -> n{i};");
            }
        }
        dot + "}\n"
    }
}

impl<T: Float> Var<T> {
    /// The operations that this variable depends on, as far as they were recorded: constants are not,
    /// but within [`trace`].
    pub fn graph(&self) -> Graph {
        let shape = self.shape().to_vec();
        match self.origin() {
            Some(origin) => graph(&origin.node, shape),
            None => Graph { nodes: Vec::new() },
        }
    }
}

fn graph(root: &Arc<dyn Node>, shape: Vec<usize>) -> Graph {
    let mut found: BTreeMap<u64, &Arc<dyn Node>> = BTreeMap::new();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        if found.insert(node.links().id, node).is_none() {
            let inputs = node.links().edges.iter().filter_map(|edge| edge.origin.as_ref());
            stack.extend(inputs.map(|origin| &origin.node));
        }
    }
    let places: BTreeMap<u64, usize> = found.keys().enumerate().map(|(i, &id)| (id, i)).collect();
    let mut nodes: Vec<GraphNode> = Vec::with_capacity(found.len());
    for node in found.into_values() {
        let mut inputs = Vec::new();
        for edge in &node.links().edges {
            let from = edge.origin.as_ref().map(|o| (places[&o.id()], o.output as usize));
            let shape = edge.kept.shape().to_vec();
            // A leaf has no shape of its own: it is seen where it is used.
            if let Some((i, 0)) = from
                && nodes[i].outputs.is_empty()
            {
                nodes[i].outputs.push(shape.clone());
            }
            let value = edge.kept.value().cloned();
            inputs.push(GraphEdge { from, given: edge.kept.is_given(), shape, value });
        }
        let outputs = node.links().outputs.iter().map(|kept| kept.shape().to_vec()).collect();
        nodes.push(GraphNode { node: Arc::clone(node), inputs, outputs });
    }
    if let [only] = nodes.as_mut_slice()
        && only.outputs.is_empty()
    {
        only.outputs.push(shape);
    }
    Graph { nodes }
}

/// Runs `work` so that its graph holds everything: operations on constants are recorded as well, and
/// every value is kept. For printing and exporting, not for training: it takes the memory of all values.
///
/// ```
/// use gradus_autograd::{Var, trace};
/// use gradus_tensor::Tensor;
/// let x = Var::from(Tensor::<f32>::ones([2]));
/// assert_eq!(x.exp().graph().nodes().len(), 0);
/// let graph = trace(|| x.exp().scale(2.0)).graph();
/// assert_eq!(graph.nodes().len(), 3);
/// assert!(graph.nodes()[1].inputs()[0].value.is_some());
/// ```
pub fn trace<R>(work: impl FnOnce() -> R) -> R {
    mode::with(mode::TRACING | mode::RECORDING, true, work)
}
