/// What the process takes beside the run's own buffers.
enum ProcessMemory {
  /// Code and libraries with their own tables, measured as the peak of `hone plan` on a small model.
  static let fixedBytes = 40 << 20
  /// A token's text, its hash-table entries and its merges.
  static let bytesPerToken = 400

  /// The estimate for a tokenizer of `vocabularySize` ids.
  static func byteCount(vocabularySize: Int) -> Int {
    fixedBytes + vocabularySize * bytesPerToken
  }
}
