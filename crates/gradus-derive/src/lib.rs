//! `#[derive(Module)]` for Gradus.
//!
//! The derived code shows a visitor every field under its name (tuple fields under `0`, `1`, …).
//! Each field must implement `Module`, or be marked `#[module(skip)]`.
//!
//! The type of number is the type parameter that is bounded by `Float`, if there is one; `f64` if a field
//! names it, as `Linear<f64>` does; and `f32` otherwise. You get this macro from `gradus_nn` or from `gradus`, with the trait of the same
//! name; there is no need to depend on this crate.
//!
//! `#[derive(Settings)]` makes a struct of settings a declaration; see [`macro@Settings`].
#![forbid(unsafe_code)]

mod settings;

use proc_macro::TokenStream;
use proc_macro2::{Span, TokenStream as Tokens, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Data, DeriveInput, Error, Field, GenericParam, Index, Member, Path, Type, TypeParamBound,
    WherePredicate, parse_macro_input, parse_quote,
};

/// Implements `gradus_nn::Module` for a struct.
#[proc_macro_derive(Module, attributes(module))]
pub fn module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(input, parse_quote!(::gradus_nn)).unwrap_or_else(Error::into_compile_error).into()
}

/// The same for those who depend on the façade `gradus` alone.
#[proc_macro_derive(FacadeModule, attributes(module))]
pub fn facade_module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(input, parse_quote!(::gradus::nn)).unwrap_or_else(Error::into_compile_error).into()
}

/// `#[derive(Settings)]` under the name that it has for those who get it from the crate of `$home`.
macro_rules! settings {
    ($($function:ident, $name:ident, $home:path;)*) => { $(
        /// Implements `gradus_tensor::Settings` for a struct, with a constructor and a setter for each field.
        #[doc = include_str!("settings/attributes.md")]
        #[proc_macro_derive(
            $name,
            attributes(
                settings, default, at_least, above, at_most, below, in_unit, label, unit, inner, into,
                skip, unset
            )
        )]
        pub fn $function(input: TokenStream) -> TokenStream {
            let input = parse_macro_input!(input as DeriveInput);
            let home = parse_quote!($home);
            settings::expand(&input, home).unwrap_or_else(Error::into_compile_error).into()
        }
    )* };
}

settings! {
    settings, Settings, ::gradus_tensor::settings;
    nn_settings, NnSettings, ::gradus_nn::settings;
    optim_settings, OptimSettings, ::gradus_optim::settings;
    facade_settings, FacadeSettings, ::gradus::tensor::settings;
}

fn expand(mut input: DeriveInput, home: Path) -> Result<Tokens, Error> {
    let Data::Struct(data) = &input.data else {
        let message = "Module can be derived for a struct; implement it by hand for an enum, \
                       by visiting the variant that is there";
        return Err(Error::new(Span::call_site(), message));
    };
    let mut names = Vec::new();
    let mut members = Vec::new();
    let mut types = Vec::new();
    for (i, field) in data.fields.iter().enumerate() {
        if is_skipped(field)? {
            continue;
        }
        let member = match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::Unnamed(Index::from(i)),
        };
        // A raw identifier's name is the part after r#.
        names.push(member.to_token_stream().to_string().trim_start_matches("r#").to_string());
        members.push(member);
        types.push(field.ty.clone());
    }
    let element = element(&input, &types);
    // Asked of the fields rather than of the type parameters: that is what the code needs.
    if !input.generics.params.is_empty() {
        let clause = input.generics.make_where_clause();
        for ty in &types {
            clause.predicates.push(parse_quote!(#ty: #home::Module<#element>));
        }
    }
    let name = &input.ident;
    let (generics, arguments, clause) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics #home::Module<#element> for #name #arguments #clause {
            fn visit(&self, visitor: &mut #home::Visitor<'_, #element>) {
                #(visitor.field(#names, &self.#members);)*
                let _ = visitor;
            }
            fn visit_mut(&mut self, visitor: &mut #home::VisitorMut<'_, #element>) {
                #(visitor.field(#names, &mut self.#members);)*
                let _ = visitor;
            }
        }
    })
}

/// Whether the field has `#[module(skip)]`.
fn is_skipped(field: &Field) -> Result<bool, Error> {
    let mut skipped = false;
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("module")) {
        attribute.parse_nested_meta(|meta| match meta.path.is_ident("skip") {
            true => {
                skipped = true;
                Ok(())
            }
            false => Err(meta.error("unknown option; the only one is #[module(skip)]")),
        })?;
    }
    Ok(skipped)
}

/// The type of number: the type parameter bounded by `Float`, in the list of parameters or in the `where`
/// clause; `f64` where a field names it; otherwise `f32`.
fn element(input: &DeriveInput, fields: &[Type]) -> Tokens {
    let is_float = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|segment| segment.ident == "Float")
        }
        _ => false,
    };
    let inline = input.generics.params.iter().find_map(|param| match param {
        GenericParam::Type(param) if param.bounds.iter().any(is_float) => {
            Some(param.ident.to_token_stream())
        }
        _ => None,
    });
    let clause = input.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let mut clause = clause.filter_map(|predicate| match predicate {
        WherePredicate::Type(of) if of.bounds.iter().any(is_float) => {
            Some(of.bounded_ty.to_token_stream())
        }
        _ => None,
    });
    let named = || fields.iter().any(|ty| names_f64(ty.to_token_stream())).then(|| quote!(f64));
    inline.or_else(|| clause.next()).or_else(named).unwrap_or_else(|| quote!(f32))
}

/// Whether the tokens of a type speak of `f64`, as those of `Linear<f64>` do.
fn names_f64(tokens: Tokens) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "f64",
        TokenTree::Group(group) => names_f64(group.stream()),
        _ => false,
    })
}
