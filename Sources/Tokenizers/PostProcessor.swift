/// What is put around the tokens of a text.
struct PostProcessor: Hashable, Sendable {
  var prefix: [Int32] = []
  var suffix: [Int32] = []

  /// What `self` and then `other` put around a text.
  func followed(by other: PostProcessor) -> PostProcessor {
    PostProcessor(prefix: other.prefix + prefix, suffix: suffix + other.suffix)
  }
}
