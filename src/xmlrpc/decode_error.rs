//! What can be wrong with a text that is to be XML-RPC.

/// Why bytes are no XML-RPC.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// Not well-formed.
    #[error("{0}")]
    Xml(#[from] quick_xml::Error),
    /// It holds a document type declaration.
    #[error("document types are refused")]
    DocType,
    /// It names an entity other than XML's own five.
    #[error("it refers to an unknown entity")]
    Entity,
    /// It ends inside an element.
    #[error("it ends too early")]
    Truncated,
    /// It has no root element.
    #[error("it is no XML document")]
    NoDocument,
    /// Something follows the root element.
    #[error("something follows the document")]
    Trailing,
    /// An element that can't stand there, or lacks its content.
    #[error("element {0} is out of place or empty")]
    Shape(&'static str),
    /// Text that is not of the type that is announced.
    #[error("bad {0}")]
    Text(&'static str),
    /// Nested deeper than [`MAX_DEPTH`](super::decode::MAX_DEPTH).
    #[error("its values are nested too deep")]
    TooDeep,
    /// More than [`MAX_VALUES`](super::decode::MAX_VALUES) or [`MAX_ANSWER_VALUES`](super::decode::MAX_ANSWER_VALUES).
    #[error("it holds too many values")]
    TooMany,
    /// It calls no method.
    #[error("no method name")]
    NoMethodName,
}
