/// What the process takes beside the run's own buffers.
enum ProcessMemory {
  /// Code and libraries with their own tables, measured as the peak of `hone plan`: 27 MiB with
  /// 2,048 tokens, 52 MiB with 49,152.
  static let fixedBytes = 26 << 20
  /// A token's text, its hash-table entries and its merges.
  static let bytesPerToken = 540

  /// The estimate for a tokenizer of `vocabularySize` ids.
  static func byteCount(vocabularySize: Int) -> Int {
    fixedBytes + vocabularySize * bytesPerToken
  }
}
