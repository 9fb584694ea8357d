/// What a kind of finding means and what to do about it: the page that `hone explain` prints.
package struct DiagnosticExplanation: Hashable, Sendable {
  /// Two pipelines, one with the finding and one without.
  package struct Example: Hashable, Sendable {
    /// Whether reading the pipeline finds it, or only planning, which looks at models and data.
    package let isFoundByReading: Bool
    package let bad: String
    package let good: String
  }

  /// What is wrong, in a few words.
  package let title: String
  /// Why it is refused, and the way out.
  package let text: String
  package let example: Example?
  /// Whether the finding can be a warning, and what has been looked at by then.
  package let warning: Warning

  /// When a finding is made as a warning.
  package enum Warning: Hashable, Sendable {
    /// It is always an error.
    case never
    /// The text of the pipeline is enough.
    case whenReading
    /// Models or data may be needed.
    case whenPlanning
  }

  /// Explains a finding without an example, as it concerns no pipeline's text.
  init(_ title: String, _ text: String, warning: Warning = .never) {
    self.title = title
    self.text = text
    self.warning = warning
    example = nil
  }

  /// Explains a finding in a pipeline.
  init(
    _ title: String, _ text: String, warning: Warning = .never, foundByReading: Bool = true,
    bad: String, good: String
  ) {
    self.title = title
    self.text = text
    self.warning = warning
    example = Example(isFoundByReading: foundByReading, bad: bad, good: good)
  }
}

extension DiagnosticCode {
  /// The page in Markdown; `docs/diagnostics` holds the same text.
  package static func page(for code: DiagnosticCode) -> String {
    let explanation = code.explanation
    var parts = ["# \(code.rawValue): \(explanation.title)", explanation.text]
    if let example = explanation.example {
      parts += [
        example.isFoundByReading
          ? "Refused:" : "Refused where the model or the data do not fit:",
        "```yaml\n\(example.bad)\n```", "Accepted:", "```yaml\n\(example.good)\n```",
      ]
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// The code that someone typed, in any case and with `_` or spaces too.
  package init?(named name: String) {
    self.init(rawValue: name.lowercased().split { $0 == "_" || $0 == " " }.joined(separator: "-"))
  }

  /// What the code means.
  package var explanation: DiagnosticExplanation {
    switch self {
    case .unreadableFile: .unreadableFile
    case .invalidYAML: .invalidYAML
    case .duplicateKey: .duplicateKey
    case .unsupportedYAML: .unsupportedYAML
    case .limitExceeded: .limitExceeded
    case .unknownKey: .unknownKey
    case .missingKey: .missingKey
    case .wrongType: .wrongType
    case .ambiguousValue: .ambiguousValue
    case .unknownChoice: .unknownChoice
    case .valueOutOfRange: .valueOutOfRange
    case .conflictingKeys: .conflictingKeys
    case .unusedAllow: .unusedAllow
    case .unsupportedVersion: .unsupportedVersion
    case .unknownData: .unknownData
    case .duplicateName: .duplicateName
    case .missingAdapter: .missingAdapter
    case .unknownVariable: .unknownVariable
    case .invalidVariable: .invalidVariable
    case .unusedVariable: .unusedVariable
    case .cyclicReference: .cyclicReference
    case .sharedOutput: .sharedOutput
    case .missingFile: .missingFile
    case .invalidJSON: .invalidJSON
    case .invalidCheckpoint: .invalidCheckpoint
    case .refusedPickle: .refusedPickle
    case .missingShard: .missingShard
    case .missingTensor: .missingTensor
    case .tensorShapeMismatch: .tensorShapeMismatch
    case .unsupportedTensorType: .unsupportedTensorType
    case .invalidAdapter: .invalidAdapter
    case .unwritableOutput: .unwritableOutput
    case .unknownArchitecture: .unknownArchitecture
    case .invalidModelConfiguration: .invalidModelConfiguration
    case .deadTarget: .deadTarget
    case .invalidPattern: .invalidPattern
    case .nothingTrainable: .nothingTrainable
    case .unsupportedTarget: .unsupportedTarget
    case .rankExceedsDimensions: .rankExceedsDimensions
    case .lowCoverage: .lowCoverage
    case .tiedWeights: .tiedWeights
    case .taskMismatch: .taskMismatch
    case .contextExceeded: .contextExceeded
    case .invalidTokenizer: .invalidTokenizer
    case .unsupportedTokenizer: .unsupportedTokenizer
    case .missingChatTemplate: .missingChatTemplate
    case .invalidTemplate: .invalidTemplate
    case .unknownFormat: .unknownFormat
    case .invalidRow: .invalidRow
    case .unknownColumn: .unknownColumn
    case .unknownLabel: .unknownLabel
    case .unpairedFiles: .unpairedFiles
    case .unpairedRows: .unpairedRows
    case .unlikeRows: .unlikeRows
    case .noRows: .noRows
    case .noSupervisedTokens: .noSupervisedTokens
    case .rowTooLong: .rowTooLong
    case .fewerRowsThanBatch: .fewerRowsThanBatch
    case .rowsTruncated: .rowsTruncated
    case .unsupervisedRows: .unsupervisedRows
    case .nothingMasked: .nothingMasked
    case .unknownRole: .unknownRole
    case .leakedRows: .leakedRows
    case .doubledBeginning: .doubledBeginning
    case .warmupExceedsSteps: .warmupExceedsSteps
    case .cadenceExceedsRun: .cadenceExceedsRun
    case .machineTooSmall: .machineTooSmall
    case .outputOccupied: .outputOccupied
    case .cannotResume: .cannotResume
    case .stalePlan: .stalePlan
    case .alreadyRun: .alreadyRun
    case .memoryAboveLimit: .memoryAboveLimit
    case .timeAboveLimit: .timeAboveLimit
    case .lossNotFinite: .lossNotFinite
    case .noGradient: .noGradient
    case .unsupportedByBackend: .unsupportedByBackend
    case .internalError: .internalError
    }
  }
}
