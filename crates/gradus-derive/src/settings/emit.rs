//! The code, written.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{DeriveInput, Ident};

use super::parse::{Declaration, Setting, Shape, argument};

/// Everything that is derived for a declaration.
pub(super) fn emit(input: &DeriveInput, declaration: &Declaration) -> TokenStream {
    let Declaration { home, doc, torch, source, fields, .. } = declaration;
    let name = &input.ident;
    let (generics, arguments, clause) = input.generics.split_for_impl();
    let constructor = constructor(declaration, input);
    let setters = fields.iter().map(setter);
    let rows = fields.iter().map(|field| row(field, home));
    let names: Vec<&Ident> = fields.iter().map(|field| &field.name).collect();
    let gets = fields.iter().enumerate().filter(|(_, f)| !f.inner).map(|(i, field)| {
        let name = &field.name;
        quote!(#i => #home::Stored::store(&self.#name),)
    });
    let puts = fields.iter().enumerate().filter(|(_, f)| !f.inner).map(|(i, field)| {
        let name = &field.name;
        quote!(#i => #home::Stored::replace(&mut self.#name, value),)
    });
    let inner = fields.iter().find(|field| field.inner).map(|field| {
        let name = &field.name;
        quote! {
            fn inner(&self) -> ::core::option::Option<&dyn #home::Settings> {
                ::core::option::Option::Some(&self.#name)
            }
            fn inner_mut(&mut self) -> ::core::option::Option<&mut dyn #home::Settings> {
                ::core::option::Option::Some(&mut self.#name)
            }
        }
    });
    let check = declaration.check.as_ref().map(|check| {
        quote! {
            fn check_together(&self) -> ::core::result::Result<(), #home::BadSetting> {
                #check(self)
            }
        }
    });
    // Of a type with settings inside, the values alone do not make one.
    let blank = fields.iter().all(|field| !field.inner).then(|| {
        let values = fields.iter().map(|field| match value(field) {
            Some(default) => default,
            None => quote!(#home::Stored::blank()),
        });
        let skipped = skipped(declaration);
        quote! {
            #[automatically_derived]
            impl #generics #home::Blank for #name #arguments #clause {
                fn blank() -> Self {
                    Self { #(#names: #values,)* #(#skipped),* }
                }
            }
        }
    });
    let inner_fields = fields.iter().filter(|field| field.inner).map(|field| &field.ty);
    let mut bounded = input.generics.clone();
    if !input.generics.params.is_empty() {
        let clause = bounded.make_where_clause();
        inner_fields.for_each(|ty| clause.predicates.push(syn::parse_quote!(#ty: #home::Settings)));
    }
    let (_, _, bounded) = bounded.split_for_impl();
    let has_default = declaration.of.is_none() && !fields.iter().any(Setting::is_required);
    let default = has_default.then(|| {
        quote! {
            #[automatically_derived]
            impl #generics ::core::default::Default for #name #arguments #clause {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    let title = match &declaration.title {
        Some(title) => quote!(#title),
        None => declaration.of.as_ref().unwrap_or(name).to_string().into_token_stream(),
    };
    // A builder's constructor is that of what is built.
    let (own, built) = match &declaration.of {
        None => (Some(constructor), None),
        Some(of) => {
            let arguments = input.generics.split_for_impl().1;
            let built = quote! {
                #[automatically_derived]
                impl #generics #of #arguments #clause {
                    #constructor
                }
            };
            (None, Some(built))
        }
    };
    quote! {
        #[automatically_derived]
        impl #generics #name #arguments #clause {
            /// What it is, and what it can be told: a row of the registry.
            pub const ABOUT: &'static #home::About = &#home::About {
                name: #title,
                doc: #doc,
                torch: #torch,
                source: #source,
                fields: &[#(#rows),*],
            };
            #own
            #(#setters)*
        }
        #built
        #[automatically_derived]
        impl #generics #home::Settings for #name #arguments #bounded {
            fn about(&self) -> &'static #home::About {
                Self::ABOUT
            }
            fn get(&self, field: usize) -> #home::Value {
                match field {
                    #(#gets)*
                    _ => #home::Value::Nothing,
                }
            }
            fn put(&mut self, field: usize, value: #home::Value) -> bool {
                let _ = &value;
                match field {
                    #(#puts)*
                    _ => false,
                }
            }
            #inner
            #check
        }
        #blank
        #default
        #[automatically_derived]
        impl #generics ::core::fmt::Display for #name #arguments #bounded {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #home::show(self, f)
            }
        }
    }
}

/// The fields that are no settings, for a struct literal.
fn skipped(declaration: &Declaration) -> Vec<TokenStream> {
    declaration.skipped.iter().map(|(name, value)| quote!(#name: #value)).collect()
}

/// `new`, with what must be given.
fn constructor(declaration: &Declaration, input: &DeriveInput) -> TokenStream {
    let fields = &declaration.fields;
    let required = fields.iter().filter(|field| field.is_required());
    let parameters = required.clone().map(|field| {
        let (name, ty) = (&field.name, &field.ty);
        match field.shape() {
            Shape::List | Shape::Into => quote!(#name: impl ::core::convert::Into<#ty>),
            _ => quote!(#name: #ty),
        }
    });
    let values = fields.iter().map(|field| {
        let name = &field.name;
        match (value(field), field.shape()) {
            (Some(default), _) => quote!(#name: #default),
            (None, Shape::List | Shape::Into) => quote!(#name: #name.into()),
            (None, _) => quote!(#name),
        }
    });
    let skipped = skipped(declaration);
    let given: Vec<String> = required.map(|field| format!("`{}`", field.name.unraw())).collect();
    let text = declaration.constructor.clone().unwrap_or_else(|| match given.len() {
        0 => "With every setting at its default.".into(),
        _ => format!("With the given {}.", given.join(" and ")),
    });
    let others: Vec<String> = fields
        .iter()
        .filter(|field| !field.inner)
        .filter_map(|field| Some(format!("`{}` {}", field.name.unraw(), default_text(field)?)))
        .collect();
    let rest = match others.len() {
        0 => String::new(),
        _ => format!("\n\nUnless they are set: {}.", others.join(", ")),
    };
    let (name, arguments) = (&input.ident, input.generics.split_for_impl().1);
    let (text, returned, allow) = match &declaration.of {
        None => (format!("{text}{rest}"), quote!(Self), None),
        Some(_) => (
            format!("{text} Its settings; the layer comes of [`init`]({name}::init).{rest}"),
            quote!(#name #arguments),
            Some(quote!(#[allow(clippy::new_ret_no_self)])),
        ),
    };
    quote! {
        #[doc = #text]
        #allow
        #[must_use]
        pub fn new(#(#parameters),*) -> #returned {
            #name { #(#values,)* #(#skipped),* }
        }
    }
}

/// The setter of a field.
fn setter(field: &Setting) -> TokenStream {
    let (name, ty) = (&field.name, &field.ty);
    let (parameters, value) = match field.shape() {
        Shape::Plain => (quote!(#name: #ty), quote!(#name)),
        Shape::Optional | Shape::List | Shape::Into => {
            (quote!(#name: impl ::core::convert::Into<#ty>), quote!(#name.into()))
        }
        Shape::OptionalInto(inner) => (
            quote!(#name: impl ::core::convert::Into<#inner>),
            quote!(::core::option::Option::Some(#name.into())),
        ),
        Shape::Array(element, n) => {
            let text = name.unraw().to_string();
            let stem = text.strip_suffix('s').unwrap_or(&text);
            let names: Vec<Ident> = (1..=n).map(|i| format_ident!("{stem}{i}")).collect();
            (quote!(#(#names: #element),*), quote!([#(#names),*]))
        }
    };
    let mut doc = field.doc.join("\n");
    let domain = domain_text(field);
    let default = default_text(field).map(|text| format!("default {text}"));
    let facts: Vec<String> = domain.into_iter().chain(default).collect();
    if !facts.is_empty() {
        let mut facts = facts.join("; ");
        if let Some(first) = facts.get(..1) {
            facts = first.to_uppercase() + &facts[1..];
        }
        doc = format!("{doc}\n\n{facts}.");
    }
    quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #name(mut self, #parameters) -> Self {
            self.#name = #value;
            self
        }
    }
}

/// The row of a field in the list of fields.
fn row(field: &Setting, home: &syn::Path) -> TokenStream {
    let Setting { name, label, unit, inner, .. } = field;
    let name = name.unraw().to_string();
    let doc = field.doc.join(" ");
    let default = default_text(field).unwrap_or_default();
    let required = field.is_required();
    let bound = |bound: &Option<(TokenStream, bool)>| match bound {
        Some((at, open)) => quote!(::core::option::Option::Some((#at as f64, #open))),
        None => quote!(::core::option::Option::None),
    };
    let (low, high) = (bound(&field.low), bound(&field.high));
    let ty = &field.ty;
    let whole = if field.inner { quote!(false) } else { quote!(<#ty as #home::Stored>::WHOLE) };
    quote! {
        #home::Field {
            name: #name,
            label: #label,
            doc: #doc,
            default: #default,
            required: #required,
            inner: #inner,
            domain: #home::Domain { low: #low, high: #high, whole: #whole, unit: #unit },
        }
    }
}

/// What the field is unless it is set.
fn value(field: &Setting) -> Option<TokenStream> {
    match (&field.default, field.shape()) {
        (Some(default), Shape::Into) => Some(quote!(::core::convert::Into::into(#default))),
        (Some(default), _) => Some(default.clone()),
        (None, Shape::Optional | Shape::OptionalInto(_)) => {
            Some(quote!(::core::option::Option::None))
        }
        _ => None,
    }
}

/// The same, as a text.
fn default_text(field: &Setting) -> Option<String> {
    match (&field.default, field.shape()) {
        (Some(default), _) => {
            let text = default.to_string();
            Some(
                text.replace(" ,", ",").replace("- ", "-").replace(" :: ", "::").replace(" (", "("),
            )
        }
        (None, Shape::Optional | Shape::OptionalInto(_)) => {
            Some(field.unset.clone().unwrap_or_else(|| "none".into()))
        }
        _ => None,
    }
}

/// The domain, as a text for the documentation.
fn domain_text(field: &Setting) -> Option<String> {
    let text = |bound: &TokenStream| bound.to_string().replace("- ", "-");
    let of = if argument(&field.ty, "Vec").is_some() { "each " } else { "" };
    Some(match (&field.low, &field.high) {
        (None, None) => return None,
        (Some((low, false)), None) => format!("{of}{} or more", text(low)),
        (Some((low, true)), None) => format!("{of}above {}", text(low)),
        (None, Some((high, false))) => format!("{of}{} or less", text(high)),
        (None, Some((high, true))) => format!("{of}below {}", text(high)),
        (Some((low, open)), Some((high, to_open))) => {
            let (open, close) = (if *open { '(' } else { '[' }, if *to_open { ')' } else { ']' });
            format!("{of}in `{open}{}, {}{close}`", text(low), text(high))
        }
    })
}
