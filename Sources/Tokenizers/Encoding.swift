/// The tokens of a text and where each stands in it.
package struct Encoding: Hashable, Sendable {
  /// The token ids.
  package var ids: [Int32]
  /// For each token the bytes of the original text's UTF-8 that it holds.
  ///
  /// A token that the post-processor added holds none. Where several tokens share a character,
  /// each has its own bytes of it.
  package var spans: [Range<Int>]

  package init(ids: [Int32] = [], spans: [Range<Int>] = []) {
    self.ids = ids
    self.spans = spans
  }
}
