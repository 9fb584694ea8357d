import ArgumentParser
import Artifacts
import Diagnostics
import Planning

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Texts that the user names.
enum SourceFile {
  /// The most bytes that a pipeline may have, and one more, so that the reader can refuse it.
  private static let limit = 1 << 20 | 1

  /// Reads `file`; `-` is standard input.
  ///
  /// - Throws: ``DiagnosticError`` when it cannot be read.
  static func read(_ file: String) throws(DiagnosticError) -> SourceText {
    if file == "-" { return SourceText(file: file, bytes: standardInput()) }
    do throws(ArtifactError) {
      return SourceText(file: file, bytes: try MappedFile(file).copy(limit: limit))
    } catch {
      throw DiagnosticError(error.diagnostic)
    }
  }

  private static func standardInput() -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit {
      let count = Glibc.read(STDIN_FILENO, &piece, piece.count)
      if count <= 0 { break }
      bytes += piece.prefix(count)
    }
    return bytes
  }
}
