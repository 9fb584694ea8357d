import Foundation
import Testing

/// What every module may import beside the table.
private let system: Set<String> = [
  "Swift", "Foundation", "FoundationEssentials", "Glibc", "Darwin", "Dispatch", "Synchronization",
]

@Test func everyImportIsInTheTableOfTheArchitecturePage() throws {
  let allowed = try ProjectSources.allowedImports()
  #expect(allowed.count > 10)
  for file in try ProjectSources().files {
    let permitted = try #require(allowed[file.module], "\(file.module) is not in the table")
    for line in file.lines {
      let words = line.split(separator: " ")
      guard let position = words.firstIndex(of: "import"), position <= 2,
        words[..<position].allSatisfy({ ["package", "internal", "public"].contains($0) }),
        position + 1 < words.count
      else { continue }
      let name = String(words[position + 1])
      #expect(
        permitted.contains(name) || system.contains(name), "\(file.path) imports \(name)")
    }
  }
}

@Test func theTableOnlyAllowsWhatPackageSwiftDeclares() throws {
  let manifest = try String(
    contentsOf: ProjectSources.root.appendingPathComponent("Package.swift"), encoding: .utf8)
  for module in try ProjectSources.allowedImports().keys {
    #expect(manifest.contains("\"\(module)\""), "\(module) is no target")
  }
}

@Test func sourcesHoldNoTrapThatAUserCanReach() throws {
  let forbidden = ["fatalError(", "try!", " as! ", "TODO", "FIXME"]
  for file in try ProjectSources().files {
    for (number, line) in file.lines.enumerated() {
      for word in forbidden where line.contains(word) {
        Issue.record("\(file.path):\(number + 1) holds \(word)")
      }
    }
  }
}

@Test func noFileIsOverFiveHundredLines() throws {
  for file in try ProjectSources().files {
    #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
  }
}

@Test func uncheckedSendableIsArguedWhereItStands() throws {
  for file in try ProjectSources().files {
    for (number, line) in file.lines.enumerated() where line.contains("@unchecked Sendable") {
      let nearby = file.lines[max(0, number - 4)..<min(file.lines.count, number + 6)]
      #expect(
        nearby.contains { $0.contains("SAFETY:") },
        "\(file.path):\(number + 1) has no SAFETY line")
    }
  }
}

/// Except for what keeps a protocol's promise: that is documented where the promise is made.
@Test func typesAndFunctionsForOtherModulesAreDocumented() throws {
  let starts = [
    "package struct ", "package enum ", "package final class ", "package protocol ",
    "package func ", "package static func ", "package mutating func ",
  ]
  let sources = try ProjectSources()
  let promised = sources.requirements.union(["==", "<", "hash"])
  #expect(promised.contains("outputTypes"))
  for file in sources.files {
    for (number, line) in file.lines.enumerated() {
      let text = line.drop(while: { $0 == " " })
      guard starts.contains(where: { text.hasPrefix($0) }) else { continue }
      if let name = ProjectSources.functionName(line), promised.contains(name) { continue }
      #expect(file.isDocumented(number), "\(file.path):\(number + 1) has no doc comment")
    }
  }
}

@Test func theRequirementsOfProtocolsAreDocumented() throws {
  for file in try ProjectSources().files {
    for number in file.requirementLines {
      #expect(file.isDocumented(number), "\(file.path):\(number + 1) has no doc comment")
    }
  }
}

@Test func theProjectStandsOnItsOwn() throws {
  for file in try ProjectSources().files {
    for (number, line) in file.lines.enumerated() where line.contains("../shared") {
      Issue.record("\(file.path):\(number + 1) names a folder outside the project")
    }
  }
}
