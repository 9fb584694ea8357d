import JSONSyntax

/// Files that hold one JSON object.
enum JSONFile {
  /// The object in `file`.
  ///
  /// - Throws: ``ArtifactError/invalidJSON(path:_:)`` with the line, or
  ///   ``ArtifactError/unexpectedJSON(path:key:expected:)`` for another kind of value.
  static func object(_ file: MappedFile) throws(ArtifactError) -> JSONValue {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: file.bytes)
    } catch { throw .invalidJSON(path: file.path, error) }
    guard value.object != nil else {
      throw .unexpectedJSON(path: file.path, key: "the text", expected: "an object")
    }
    return value
  }
}
