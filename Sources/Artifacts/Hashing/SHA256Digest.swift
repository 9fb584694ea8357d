import CCrypto

/// A SHA-256 hash: 32 bytes that stand for all that was hashed.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// Hashes `bytes` at once.
  package init(hashing bytes: UnsafeRawBufferPointer) {
    let hasher = SHA256Hasher()
    hasher.update(bytes)
    self = hasher.finish()
  }

  /// Hashes `bytes` at once.
  package init(hashing bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { SHA256Digest(hashing: $0) }
  }

  /// Hashes the UTF-8 of `text` at once.
  package init(hashing text: String) { self.init(hashing: Array(text.utf8)) }

  fileprivate init(digest: [UInt8]) { bytes = digest }

  /// The bytes as 64 lower-case hexadecimal digits.
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  package var description: String { hex }
}

/// Hashes bytes as they come.
package final class SHA256Hasher {
  private let context: OpaquePointer?

  /// Starts with nothing hashed.
  package init() {
    context = EVP_MD_CTX_new()
    precondition(
      context != nil && EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1,
      "libcrypto must have SHA-256")
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Hashes `bytes` after what was hashed before.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    EVP_DigestUpdate(context, start, bytes.count)
  }

  /// Hashes `bytes` after what was hashed before.
  package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// Hashes the UTF-8 of `text` after what was hashed before.
  package func update(_ text: String) { update(Array(text.utf8)) }

  /// The hash of all that was given; the hasher starts anew.
  package func finish() -> SHA256Digest {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
    return SHA256Digest(digest: digest)
  }
}
