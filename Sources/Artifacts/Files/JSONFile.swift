package import JSONSyntax

/// Files that hold one JSON value.
package enum JSONFile {
  /// The value in the file at `path`.
  ///
  /// - Throws: ``ArtifactError/invalidJSON(path:_:)`` with the line, or why it cannot be read.
  package static func value(at path: String) throws(ArtifactError) -> JSONValue {
    try value(in: MappedFile(path))
  }

  private static func value(in file: MappedFile) throws(ArtifactError) -> JSONValue {
    // The bytes are valid as long as `file` is.
    defer { withExtendedLifetime(file) {} }
    do throws(JSONError) {
      return try JSONValue(parsing: file.bytes)
    } catch { throw .invalidJSON(path: file.path, error) }
  }

  /// The object in `file`.
  ///
  /// - Throws: ``ArtifactError/invalidJSON(path:_:)`` with the line, or
  ///   ``ArtifactError/unexpectedJSON(path:key:expected:)`` for another kind of value.
  static func object(_ file: MappedFile) throws(ArtifactError) -> JSONValue {
    let value = try value(in: file)
    guard value.object != nil else {
      throw .unexpectedJSON(path: file.path, key: "the text", expected: "an object")
    }
    return value
  }
}
