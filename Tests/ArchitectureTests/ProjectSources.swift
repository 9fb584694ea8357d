import Foundation

/// The Swift files of this package's `Sources`, by module.
struct ProjectSources {
  struct File {
    let module: String
    let path: String
    let lines: [Substring]

    /// Whether a doc comment stands above a line, attributes between them aside.
    func isDocumented(_ number: Int) -> Bool {
      var above = number - 1
      while above >= 0, lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
      return above >= 0 && lines[above].contains("///")
    }

    /// Where the functions stand that this file's protocols ask for.
    var requirementLines: [Int] {
      var isInProtocol = false
      return lines.indices.filter { number in
        if lines[number].hasPrefix("package protocol ") { isInProtocol = true }
        if lines[number] == "}" { isInProtocol = false }
        return isInProtocol && ProjectSources.functionName(lines[number]) != nil
      }
    }
  }

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  let files: [File]

  init() throws {
    let sources = Self.root.appendingPathComponent("Sources")
    var files: [File] = []
    for module in try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted() {
      let folder = sources.appendingPathComponent(module)
      let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]
      for name in (names ?? []).sorted() where name.hasSuffix(".swift") {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        files.append(
          File(
            module: module, path: "\(module)/\(name)",
            lines: text.split(separator: "\n", omittingEmptySubsequences: false)))
      }
    }
    self.files = files
  }

  /// The functions that protocols of the package ask for, by name.
  var requirements: Set<String> {
    Set(
      files.flatMap { file in
        file.requirementLines.compactMap { Self.functionName(file.lines[$0]) }
      })
  }

  /// The name of the function that a line declares, nil where it declares none.
  static func functionName(_ line: Substring) -> String? {
    let words = line.split(separator: " ")
    guard let keyword = words.firstIndex(of: "func"), keyword + 1 < words.count,
      words[..<keyword].allSatisfy({ !$0.hasPrefix("//") })
    else { return nil }
    return String(words[keyword + 1].prefix { $0 != "(" })
  }

  /// The imports that docs/architecture.md allows each module.
  static func allowedImports() throws -> [String: Set<String>] {
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/architecture.md"), encoding: .utf8)
    var allowed: [String: Set<String>] = [:]
    for line in page.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3 else { continue }
      let module = cells[0].trimmingCharacters(in: CharacterSet(charactersIn: "`"))
      let names = cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      allowed[module] = Set(names.filter { $0 != "–" })
    }
    return allowed
  }
}
