import Artifacts
import Diagnostics

/// The pipelines that the arguments of a command name.
struct PipelineSearch {
  /// Each once, in the order of the arguments; those of a folder in the order of their names.
  private(set) var files: [String] = []
  /// YAML files below a folder that are no pipelines.
  private(set) var skippedCount = 0
  /// What names nothing.
  private(set) var diagnostics: [Diagnostic] = []

  private var seen: Set<String> = []
  private var skipped: Set<String> = []

  /// Takes files as they are, looks into folders for pipelines, and expands patterns.
  init(_ arguments: [String]) {
    for argument in arguments {
      if argument != "-", FilePaths.kind(of: argument) == nil,
        let pattern = GlobPattern(argument)
      {
        let paths = pattern.paths()
        for path in paths { add(path) }
        if paths.isEmpty { diagnostics.append(Self.noMatch(argument)) }
      } else {
        add(argument)
      }
    }
  }

  private mutating func add(_ path: String) {
    guard path != "-", FilePaths.kind(of: path) == .directory else {
      append(path)
      return
    }
    if !walk(path == "." ? "" : path) { diagnostics.append(Self.nothing(below: path)) }
  }

  private mutating func append(_ file: String) {
    if seen.insert(file).inserted { files.append(file) }
  }

  /// Takes the pipelines below `folder`.
  ///
  /// - Returns: whether there are any, new or known.
  private mutating func walk(_ folder: String) -> Bool {
    var isFound = false
    for name in Folder.names(folder) where !name.hasPrefix(".") {
      let path = FilePaths.joining(folder, name)
      if name.hasSuffix(".yaml") || name.hasSuffix(".yml"), FilePaths.kind(of: path) == .file {
        if Self.isSkipped(path) {
          if skipped.insert(path).inserted { skippedCount += 1 }
        } else {
          append(path)
          isFound = true
        }
      } else if Folder.isRealDirectory(path) {
        isFound = walk(path) || isFound
      }
    }
    return isFound
  }

  /// Whether the file is known to be no pipeline; one that cannot be read is not.
  private static func isSkipped(_ path: String) -> Bool {
    (try? SourceFile.read(path)).map { !isPipeline($0.bytes) } ?? false
  }

  /// Whether the text has a key `hone` at the top, which makes a YAML file a pipeline.
  static func isPipeline(_ bytes: [UInt8]) -> Bool {
    var line = bytes[...]
    if line.starts(with: SourceText.byteOrderMark) { line = line.dropFirst(3) }
    while !line.isEmpty {
      let content = line.drop { $0 == UInt8(ascii: " ") }
      if content.first == UInt8(ascii: "{") { return holdsKey(content.dropFirst()) }
      if line.count == content.count, isKey(line) { return true }
      guard let end = line.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else { return false }
      line = line[(end + 1)...]
    }
    return false
  }

  /// Whether the text begins with `hone:`, in quotes or not.
  private static func isKey(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    let quote = rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "'")
    if quote { rest = rest.dropFirst() }
    guard rest.starts(with: Array("hone".utf8)) else { return false }
    rest = rest.dropFirst(4)
    if quote { rest = rest.dropFirst() }
    rest = rest.drop { $0 == UInt8(ascii: " ") }
    return rest.first == UInt8(ascii: ":")
  }

  /// The same for the keys of a mapping in braces.
  private static func holdsKey(_ text: ArraySlice<UInt8>) -> Bool {
    text.indices.contains { index in
      let before = text[..<index].last { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D }
      return (before == nil || before == UInt8(ascii: ",")) && isKey(text[index...])
    }
  }

  private static func noMatch(_ pattern: String) -> Diagnostic {
    Diagnostic(
      .error, .missingFile, "`\(pattern)` matches no file",
      help: "look at the pattern and at the directory that the command runs in")
  }

  private static func nothing(below folder: String) -> Diagnostic {
    Diagnostic(
      .error, .missingFile, "there is no pipeline below `\(folder)`",
      help: "a pipeline is a file `*.yaml` or `*.yml` with a key `hone:` at the top")
  }
}
