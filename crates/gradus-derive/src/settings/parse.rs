//! The attributes, read.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprLit, Field, Fields, GenericArgument, Ident, Lit,
    LitStr, Meta, Path, PathArguments, Type,
};

/// What the struct declares.
pub(super) struct Declaration {
    pub(super) home: Path,
    pub(super) doc: String,
    /// The name in messages, if it is not that of the type.
    pub(super) title: Option<Expr>,
    pub(super) torch: TokenStream,
    pub(super) source: String,
    pub(super) constructor: Option<String>,
    pub(super) check: Option<Path>,
    /// What is built of them, if they are those of a builder.
    pub(super) of: Option<Ident>,
    pub(super) fields: Vec<Setting>,
    /// Fields that are no settings, and what they are.
    pub(super) skipped: Vec<(Ident, TokenStream)>,
}

/// What a field declares.
pub(super) struct Setting {
    pub(super) name: Ident,
    pub(super) ty: Type,
    pub(super) doc: Vec<String>,
    pub(super) label: String,
    pub(super) unit: String,
    pub(super) default: Option<TokenStream>,
    /// What it is without a value, in words.
    pub(super) unset: Option<String>,
    pub(super) inner: bool,
    /// Whether whatever converts into it is taken.
    pub(super) into: bool,
    /// The bound, and whether it is left out.
    pub(super) low: Option<(TokenStream, bool)>,
    pub(super) high: Option<(TokenStream, bool)>,
}

/// How a setter takes a field.
pub(super) enum Shape<'t> {
    Plain,
    /// By `Into`.
    Into,
    /// By `Into` of what is in the `Option`.
    OptionalInto(&'t Type),
    Optional,
    List,
    Array(&'t Type, usize),
}

impl Declaration {
    pub(super) fn of(input: &DeriveInput, home: Path) -> Result<Self, Error> {
        let Data::Struct(data) = &input.data else {
            return Err(Error::new(Span::call_site(), "Settings can be derived for a struct"));
        };
        if matches!(data.fields, Fields::Unnamed(_)) {
            let message = "Settings need names: write `struct Name { field: type }`";
            return Err(Error::new_spanned(&data.fields, message));
        }
        let mut found = Self {
            home,
            doc: docs(&input.attrs)
                .into_iter()
                .take_while(|line| !line.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
            title: None,
            torch: quote!(""),
            source: String::new(),
            constructor: None,
            check: None,
            of: None,
            fields: Vec::new(),
            skipped: Vec::new(),
        };
        for field in &data.fields {
            match field.attrs.iter().find(|a| a.path().is_ident("skip")) {
                None => found.fields.push(Setting::of(field)?),
                Some(skip) => {
                    let named =
                        field.ident.clone().map(|name| Ok::<_, Error>((name, skip.parse_args()?)));
                    found.skipped.extend(named.transpose()?);
                }
            }
        }
        for attribute in input.attrs.iter().filter(|a| a.path().is_ident("settings")) {
            attribute.parse_nested_meta(|meta| {
                let name = meta.path.require_ident()?.to_string();
                let value = meta.value()?;
                match name.as_str() {
                    "name" => found.title = Some(value.parse()?),
                    "torch" => found.torch = value.parse::<Expr>()?.into_token_stream(),
                    "source" => found.source = value.parse::<LitStr>()?.value(),
                    "new" => found.constructor = Some(value.parse::<LitStr>()?.value()),
                    "check" => found.check = Some(value.parse()?),
                    "of" => found.of = Some(value.parse()?),
                    "home" => found.home = value.parse()?,
                    _ => return Err(meta.error("wanted name, torch, source, new, check, of or home")),
                }
                Ok(())
            })?;
        }
        Ok(found)
    }
}

impl Setting {
    fn of(field: &Field) -> Result<Self, Error> {
        let name = field.ident.clone().ok_or_else(|| Error::new_spanned(field, "wanted a name"))?;
        let label = match name.unraw().to_string().as_str() {
            "lr" => "learning rate".into(),
            name => name.replace('_', " "),
        };
        let mut found = Self {
            label,
            name,
            ty: field.ty.clone(),
            doc: docs(&field.attrs),
            unit: String::new(),
            default: None,
            unset: None,
            inner: false,
            into: false,
            low: None,
            high: None,
        };
        for attribute in &field.attrs {
            let Some(name) = attribute.path().get_ident() else { continue };
            match name.to_string().as_str() {
                "default" => found.default = Some(attribute.parse_args()?),
                "label" => found.label = attribute.parse_args::<LitStr>()?.value(),
                "unit" => found.unit = attribute.parse_args::<LitStr>()?.value(),
                "unset" => found.unset = Some(attribute.parse_args::<LitStr>()?.value()),
                "inner" => found.inner = true,
                "into" => found.into = true,
                "at_least" => found.low = Some((attribute.parse_args()?, false)),
                "above" => found.low = Some((attribute.parse_args()?, true)),
                "at_most" => found.high = Some((attribute.parse_args()?, false)),
                "below" => found.high = Some((attribute.parse_args()?, true)),
                "in_unit" => {
                    found.low = Some((quote!(0), false));
                    found.high = Some((quote!(1), true));
                }
                _ => {}
            }
        }
        if found.doc.is_empty() {
            return Err(Error::new_spanned(field, "say what it does in a comment: `/// …`"));
        }
        Ok(found)
    }

    /// How the setter takes it.
    pub(super) fn shape(&self) -> Shape<'_> {
        match &self.ty {
            ty if self.into => argument(ty, "Option").map_or(Shape::Into, Shape::OptionalInto),
            Type::Array(array) => match &array.len {
                Expr::Lit(ExprLit { lit: Lit::Int(n), .. }) => match n.base10_parse() {
                    Ok(n) => Shape::Array(&array.elem, n),
                    Err(_) => Shape::Plain,
                },
                _ => Shape::Plain,
            },
            ty if argument(ty, "Option").is_some() => Shape::Optional,
            ty if argument(ty, "Vec").is_some() => Shape::List,
            _ => Shape::Plain,
        }
    }

    /// Whether `new` takes it.
    pub(super) fn is_required(&self) -> bool {
        self.default.is_none() && !matches!(self.shape(), Shape::Optional | Shape::OptionalInto(_))
    }
}

/// `T` of `name<T>`.
pub(super) fn argument<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    match &last.arguments {
        PathArguments::AngleBracketed(of) => of.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }),
        _ => None,
    }
}

/// The lines of the comment.
fn docs(attributes: &[Attribute]) -> Vec<String> {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_string()),
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(line).collect()
}
