//! An XML document as a run of nodes: what is left of XML once everything is taken away that
//! XML-RPC has no use for.

use super::decode_error::DecodeError;
use quick_xml::Reader;
use quick_xml::events::{BytesCData, BytesRef, BytesText, Event};
use std::borrow::Cow;

/// A piece of a document. Comments, processing instructions and attributes are not told; CDATA and
/// references are text.
pub(super) enum Node<'a> {
    /// An element begins.
    Open(Tag),
    /// The element begun last ends.
    Close,
    /// Text. What adjoins may come in pieces.
    Text(Text<'a>),
    /// The document ends.
    End,
}

/// A piece of text as the document holds it: what is passed over need not be made readable.
pub(super) enum Text<'a> {
    Plain(BytesText<'a>),
    Data(BytesCData<'a>),
    /// What a reference stands for.
    Reference(Cow<'static, str>),
}

impl Text<'_> {
    /// What it says, with line ends made newlines.
    pub(super) fn content(&self) -> Cow<'_, str> {
        match self {
            Self::Plain(text) => text.xml10_content(),
            Self::Data(text) => text.xml10_content(),
            Self::Reference(text) => Cow::Borrowed(text),
        }
    }
}

/// The name of an element, as far as XML-RPC knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Array,
    Base64,
    Boolean,
    Data,
    DateTime,
    Double,
    Fault,
    I8,
    /// `int` and `i4`.
    Int,
    Member,
    MethodName,
    Name,
    Nil,
    Param,
    Params,
    Struct,
    Value,
    /// Any other, `string` among them: all that counts in it is its text.
    Other,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name {
            "array" => Self::Array,
            "base64" => Self::Base64,
            "boolean" => Self::Boolean,
            "data" => Self::Data,
            "dateTime.iso8601" => Self::DateTime,
            "double" => Self::Double,
            "fault" => Self::Fault,
            "i8" => Self::I8,
            "int" | "i4" => Self::Int,
            "member" => Self::Member,
            "methodName" => Self::MethodName,
            "name" => Self::Name,
            "nil" => Self::Nil,
            "param" => Self::Param,
            "params" => Self::Params,
            "struct" => Self::Struct,
            "value" => Self::Value,
            _ => Self::Other,
        }
    }
}

/// Reads a document node by node. Document types are refused, so no entity can unfold to more
/// than the document itself holds.
pub(super) struct Document<'a>(Reader<&'a [u8]>);

impl<'a> Document<'a> {
    /// A document that starts with an optional byte-order mark. It must be UTF-8, whatever its
    /// XML declaration says.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)?;
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self(reader))
    }

    /// The next node.
    pub(super) fn next(&mut self) -> Result<Node<'a>, DecodeError> {
        loop {
            return Ok(match self.0.read_event()? {
                Event::Start(tag) | Event::Empty(tag) => {
                    Node::Open(Tag::of(tag.name().into_inner()))
                }
                Event::End(_) => Node::Close,
                Event::Text(text) => Node::Text(Text::Plain(text)),
                Event::CData(text) => Node::Text(Text::Data(text)),
                Event::GeneralRef(name) => Node::Text(Text::Reference(resolve(&name)?)),
                Event::DocType(_) => return Err(DecodeError::DocType),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
                Event::Eof => Node::End,
            });
        }
    }

    /// The text directly inside the element begun last, up to its end. Elements in it are passed
    /// over.
    pub(super) fn text(&mut self) -> Result<String, DecodeError> {
        let mut text = String::new();
        loop {
            match self.next()? {
                Node::Text(piece) => text.push_str(&piece.content()),
                Node::Open(_) => self.skip()?,
                Node::Close => return Ok(text),
                Node::End => return Err(DecodeError::Truncated),
            }
        }
    }

    /// The next element inside the one begun last; `None` when that ends. Text between is passed
    /// over.
    pub(super) fn child(&mut self) -> Result<Option<Tag>, DecodeError> {
        // A quarter of the nodes is blank text between elements: it need not become one.
        self.0.config_mut().trim_text_start = true;
        let child = self.next_element();
        self.0.config_mut().trim_text_start = false;
        child
    }

    fn next_element(&mut self) -> Result<Option<Tag>, DecodeError> {
        loop {
            match self.next()? {
                Node::Open(tag) => return Ok(Some(tag)),
                Node::Close => return Ok(None),
                Node::Text(_) => {}
                Node::End => return Err(DecodeError::Truncated),
            }
        }
    }

    /// Passes over the rest of the element begun last.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        let mut open = 1_usize;
        while open > 0 {
            match self.next()? {
                Node::Open(_) => open += 1,
                Node::Close => open -= 1,
                Node::Text(_) => {}
                Node::End => return Err(DecodeError::Truncated),
            }
        }
        Ok(())
    }

    /// Enters the document's root.
    pub(super) fn root(&mut self) -> Result<(), DecodeError> {
        match self.outside()? {
            Node::Open(_) => Ok(()),
            _ => Err(DecodeError::NoDocument),
        }
    }

    /// Makes sure that nothing follows the root.
    pub(super) fn end(&mut self) -> Result<(), DecodeError> {
        match self.outside()? {
            Node::End => Ok(()),
            _ => Err(DecodeError::Trailing),
        }
    }

    /// The next node outside the root, where text may only be blank.
    fn outside(&mut self) -> Result<Node<'a>, DecodeError> {
        loop {
            match self.next()? {
                Node::Text(text) if text.content().trim().is_empty() => {}
                Node::Text(_) => return Err(DecodeError::NoDocument),
                node => return Ok(node),
            }
        }
    }
}

/// The text that a reference stands for. Only XML's own five names are known.
fn resolve(name: &BytesRef<'_>) -> Result<Cow<'static, str>, DecodeError> {
    if let Some(c) = name.resolve_char_ref()? {
        return Ok(Cow::Owned(c.to_string()));
    }
    quick_xml::escape::resolve_predefined_entity(name)
        .map(Cow::Borrowed)
        .ok_or(DecodeError::Entity)
}
