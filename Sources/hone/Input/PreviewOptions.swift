import ArgumentParser
import Diagnostics
import Planning

/// What `hone plan` takes to show rows.
struct PreviewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Show this many rows of each data section as the model will see them, token by token, with "
        + "what is learned marked.", valueName: "rows"))
  var preview: Int?

  @Option(
    help: ArgumentHelp(
      "Show rows of this data section alone, as support or support.train.", valueName: "section"))
  var previewData: String?

  @Flag(help: "Print the id of each token below it.")
  var previewIds = false

  @Flag(help: "Show the whole of long rows, not their ends and what is around each boundary.")
  var previewWhole = false

  func validate() throws {
    if let preview, preview < 1 {
      throw ValidationError("--preview takes a number of rows, at least 1")
    }
  }

  /// Whether rows are asked for.
  var isAsked: Bool { request != nil }

  /// What is asked for; nil where no option says so.
  private var request: PreviewRequest? {
    guard preview != nil || previewData != nil || previewIds || previewWhole else { return nil }
    return PreviewRequest(rowCount: preview ?? 2, data: previewData, isWhole: previewWhole)
  }

  /// The rows of `run` that are asked for; prints why they cannot be shown.
  ///
  /// - Throws: ``ExitCode/invalid`` for a section that the pipeline does not have.
  func preview(of run: PreparedRun, _ terminal: Terminal) throws -> Preview? {
    guard let request else { return nil }
    do throws(DiagnosticError) {
      return try run.preview(request)
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.invalid
    }
  }

  /// How it is written on `terminal`.
  func style(_ terminal: Terminal) -> PreviewStyle {
    PreviewStyle(width: terminal.width, isColored: terminal.usesColour, showsIDs: previewIds)
  }
}
