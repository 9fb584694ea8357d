/// What the process takes beside the run's own buffers.
enum ProcessMemory {
  /// Code and libraries with their own tables, measured as the peak of `hone plan`: 31 MiB with
  /// 2,048 tokens, 57 MiB with 49,152.
  static let fixedBytes = 30 << 20
  /// A token's text, its hash-table entries and its merges.
  static let bytesPerToken = 540

  /// The estimate for a tokenizer of `vocabularySize` ids.
  static func byteCount(vocabularySize: Int) -> Int {
    fixedBytes + vocabularySize * bytesPerToken
  }
}
