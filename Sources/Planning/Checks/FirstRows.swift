import Artifacts
import Datasets
import Diagnostics
import JSONSyntax
import Pipelines

/// The first row of each data file has the columns and roles that its section names.
///
/// Nothing of the model is needed, so that a wrong name is found before a model is opened.
enum FirstRows {
  /// The files of a section that are looked into.
  private static let fileLimit = 16
  /// The most bytes of a first row; longer ones wait for the reading of all rows.
  private static let byteLimit = 1 << 20

  /// What is wrong with the files of `section` and the first row of each.
  static func findings(_ section: DataSection, _ paths: InputPaths) -> [Diagnostic] {
    let settings: [Setting<String>]
    switch section.source {
    case .load(let written): settings = written
    case .pair(let source, let target): return pairFindings(section, source, target, paths)
    case .mix: return []
    }
    var findings: [Diagnostic] = []
    var files: [DataFile] = []
    for setting in settings {
      do throws(DatasetError) {
        files += try DataFile.find(
          [paths.resolve(setting)], in: "", format: section.dataFormat)
      } catch {
        findings.append(error.diagnostic.located(at: setting.span, path: setting.path))
      }
    }
    for file in files.prefix(fileLimit) {
      do throws(DatasetError) {
        var reader = try RowReader(file, maximumRowBytes: byteLimit)
        guard let row = try reader.next() else { continue }
        findings += Self.findings(row, of: section)
      } catch {
        if case .invalidRow(.tooLarge, _) = error { continue }
        findings.append(error.diagnostic.located(at: section.span, path: section.path))
      }
      if !findings.isEmpty { break }
    }
    return findings
  }

  private static func findings(_ row: SourceRow, of section: DataSection) -> [Diagnostic] {
    var seen: Set<String> = []
    let missing = section.rowSpecification(task: .causalLM).neededColumns.filter {
      row.columns[$0.column] == nil && seen.insert($0.column).inserted
    }
    if missing.isEmpty { return roleFindings(row, of: section) }
    return missing.map { column, part in
      let error = DatasetError.unknownColumn(
        column, available: row.columns.members.map(\.key), at: row.place)
      let (span, path) = section.place(of: part)
      return Diagnostic(
        .error, .unknownColumn, "`\(row.place.file)` has no column `\(column)`",
        at: span ?? section.span, path: path, help: error.diagnostic.help,
        notes: [Diagnostic.Note("its first row is here", at: row.place.span)])
    }
  }

  // MARK: two files

  /// What is wrong with two files, and the first row or the columns of each.
  private static func pairFindings(
    _ section: DataSection, _ source: Setting<String>, _ target: Setting<String>,
    _ paths: InputPaths
  ) -> [Diagnostic] {
    for setting in [source, target] {
      do throws(DatasetError) {
        _ = try DataFile.find([paths.resolve(setting)], in: "", format: section.dataFormat)
      } catch {
        return [error.diagnostic.located(at: setting.span, path: setting.path)]
      }
    }
    let specification = section.rowSpecification(paths, task: .causalLM)
    do throws(DatasetError) {
      for file in try specification.dataFiles() {
        if file.format.isTable {
          _ = try SeriesNames(of: specification)
        } else {
          var reader = try RowReader(file, maximumRowBytes: byteLimit)
          _ = try reader.next()
        }
      }
    } catch {
      if case .invalidRow(.tooLarge, _) = error { return [] }
      return [error.diagnostic.located(at: source.span ?? section.span, path: section.path)]
    }
    return []
  }

  // MARK: conversations

  /// What other formats call the assistant.
  private static let assistants: Set<String> = ["gpt", "bot", "model", "ai", "chatgpt", "chatbot"]

  private static func roleFindings(_ row: SourceRow, of section: DataSection) -> [Diagnostic] {
    guard case .messages(let column) = section.columns,
      let messages = row.columns[column.value]?.array
    else { return [] }
    func finding(_ code: DiagnosticCode, _ message: String, _ help: String) -> [Diagnostic] {
      [
        Diagnostic(
          .error, code, message, at: column.span ?? section.span, path: column.path, help: help,
          notes: [Diagnostic.Note("the first row is here", at: row.place.span)])
      ]
    }
    if messages.contains(where: { $0["from"] != nil && $0["role"] == nil }) {
      return finding(
        .unknownColumn, "the messages of `\(column.value)` have `from` in the place of `role`",
        "rename `from` and `value` to `role` and `content`, `human` to `user`, `gpt` to `assistant`"
      )
    }
    let roles = messages.compactMap { $0["role"]?.string }
    guard section.lossOn.value == .assistant, !roles.contains("assistant"),
      let other = roles.first(where: { assistants.contains($0.lowercased()) || $0 == "Assistant" })
    else { return [] }
    return finding(
      .unknownRole, "nothing is learned from the role `\(other)` in `\(column.value)`",
      "rename it: the loss is taken over the turns of `assistant`")
  }
}

extension DataSection {
  /// The setting that names a column as `part`.
  fileprivate func place(of part: RowSpecification.Part) -> (SourceSpan?, String) {
    switch (part, columns) {
    case (.template, _):
      (template?.span, template?.path ?? path)
    case (_, .text(let setting)), (_, .messages(let setting)): (setting.span, setting.path)
    case (.completion, .promptCompletion(_, let setting)): (setting.span, setting.path)
    case (.target, .sourceTarget(_, let setting)), (.tags, .words(_, let setting)),
      (.textPair, .labelled(_, let setting?, _)):
      (setting.span, setting.path)
    case (.label, .labelled(_, _, let settings)):
      (settings.first?.span, settings.first?.path ?? path)
    case (_, .promptCompletion(let setting, _)), (_, .sourceTarget(let setting, _)),
      (_, .labelled(let setting, _, _)), (_, .words(let setting, _)):
      (setting.span, setting.path)
    }
  }
}
