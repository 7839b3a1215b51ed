//! What a walk ends at, and the containers that it goes through.

use std::collections::BTreeMap;

use gradus_autograd::Param;
use gradus_tensor::{Element, Float};

use super::{Entry, EntryMut, Module, Visitor, VisitorMut};
use crate::Buffer;

impl<T: Float> Module<T> for Param<T> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        visitor.entry(Entry::Param(self));
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        visitor.entry(EntryMut::Param(self));
    }
}

impl<T: Float, E: Element> Module<T> for Buffer<E> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        visitor.entry(Entry::Buffer(self));
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        visitor.entry(EntryMut::Buffer(self));
    }
}

impl<T: Float, M: Module<T> + ?Sized> Module<T> for Box<M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        (**self).visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        (**self).visit_mut(visitor);
    }
}

/// Nothing, or the module that is there.
impl<T: Float, M: Module<T>> Module<T> for Option<M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.iter().for_each(|module| module.visit(visitor));
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.iter_mut().for_each(|module| module.visit_mut(visitor));
    }
}

/// The modules, under the names 0, 1, 2, …
impl<T: Float, M: Module<T>> Module<T> for [M] {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.iter().enumerate().for_each(|(i, module)| {
            visitor.field(i, module);
        });
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.iter_mut().enumerate().for_each(|(i, module)| {
            visitor.field(i, module);
        });
    }
}

/// As those of a slice.
impl<T: Float, M: Module<T>> Module<T> for Vec<M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.as_slice().visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.as_mut_slice().visit_mut(visitor);
    }
}

/// As those of a slice.
impl<T: Float, M: Module<T>, const N: usize> Module<T> for [M; N] {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.as_slice().visit(visitor);
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.as_mut_slice().visit_mut(visitor);
    }
}

/// The modules, under their keys.
impl<T: Float, M: Module<T>> Module<T> for BTreeMap<String, M> {
    fn visit(&self, visitor: &mut Visitor<'_, T>) {
        self.iter().for_each(|(name, module)| {
            visitor.field(name, module);
        });
    }
    fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
        self.iter_mut().for_each(|(name, module)| {
            visitor.field(name, module);
        });
    }
}

macro_rules! tuples {
    ($(($($module:ident $i:tt),*);)*) => { $(
        /// The modules, under the names 0, 1, 2, …
        impl<T: Float, $($module: Module<T>),*> Module<T> for ($($module,)*) {
            fn visit(&self, visitor: &mut Visitor<'_, T>) {
                visitor$(.field($i, &self.$i))*;
            }
            fn visit_mut(&mut self, visitor: &mut VisitorMut<'_, T>) {
                visitor$(.field($i, &mut self.$i))*;
            }
        }
    )* };
}
tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
}
