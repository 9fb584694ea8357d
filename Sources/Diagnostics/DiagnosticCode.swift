/// The name of a kind of finding; each has a page that `hone explain` prints.
package enum DiagnosticCode: String, CaseIterable, Sendable {
  // The text of a pipeline.
  case unreadableFile = "unreadable-file"
  case invalidYAML = "invalid-yaml"
  case duplicateKey = "duplicate-key"
  case unsupportedYAML = "unsupported-yaml"
  case limitExceeded = "limit-exceeded"

  // The pipeline's own rules.
  case unknownKey = "unknown-key"
  case missingKey = "missing-key"
  case wrongType = "wrong-type"
  case ambiguousValue = "ambiguous-value"
  case unknownChoice = "unknown-choice"
  case valueOutOfRange = "value-out-of-range"
  case conflictingKeys = "conflicting-keys"
  case unsupportedVersion = "unsupported-version"
  case unknownData = "unknown-data"
  case duplicateName = "duplicate-name"
  case missingAdapter = "missing-adapter"
  case unusedAllow = "unused-allow"

  // How a pipeline is composed.
  case unknownVariable = "unknown-variable"
  case invalidVariable = "invalid-variable"
  case unusedVariable = "unused-variable"
  case cyclicReference = "cyclic-reference"
  case sharedOutput = "shared-output"

  // Checkpoints, adapters and other artifacts.
  case missingFile = "missing-file"
  case invalidJSON = "invalid-json"
  case invalidCheckpoint = "invalid-checkpoint"
  case missingShard = "missing-shard"
  case missingTensor = "missing-tensor"
  case tensorShapeMismatch = "tensor-shape-mismatch"
  case unsupportedTensorType = "unsupported-tensor-type"
  case invalidAdapter = "invalid-adapter"
  case unwritableOutput = "unwritable-output"

  // Models and adaptation.
  case unknownArchitecture = "unknown-architecture"
  case invalidModelConfiguration = "invalid-model-configuration"
  case deadTarget = "dead-target"
  case invalidPattern = "invalid-pattern"
  case nothingTrainable = "nothing-trainable"
  case unsupportedTarget = "unsupported-target"
  case rankExceedsDimensions = "rank-exceeds-dimensions"
  case lowCoverage = "low-coverage"
  case tiedWeights = "tied-weights"
  case taskMismatch = "task-mismatch"
  case contextExceeded = "context-exceeded"

  // Tokenizers and chat templates.
  case invalidTokenizer = "invalid-tokenizer"
  case unsupportedTokenizer = "unsupported-tokenizer"
  case missingChatTemplate = "missing-chat-template"
  case invalidTemplate = "invalid-template"

  // Data.
  case unknownFormat = "unknown-format"
  case invalidRow = "invalid-row"
  case unknownColumn = "unknown-column"
  case unknownLabel = "unknown-label"
  case unpairedFiles = "unpaired-files"
  case unpairedRows = "unpaired-rows"
  case unlikeRows = "unlike-rows"
  case noRows = "no-rows"
  case noSupervisedTokens = "no-supervised-tokens"
  case rowTooLong = "row-too-long"
  case fewerRowsThanBatch = "fewer-rows-than-batch"
  case rowsTruncated = "rows-truncated"
  case unsupervisedRows = "unsupervised-rows"
  case nothingMasked = "nothing-masked"
  case unknownRole = "unknown-role"
  case leakedRows = "leaked-rows"
  case doubledBeginning = "doubled-beginning"

  // Plans and runs.
  case warmupExceedsSteps = "warmup-exceeds-steps"
  case cadenceExceedsRun = "cadence-exceeds-run"
  case machineTooSmall = "machine-too-small"
  case outputOccupied = "output-occupied"
  case cannotResume = "cannot-resume"
  case stalePlan = "stale-plan"
  case alreadyRun = "already-run"
  case memoryAboveLimit = "memory-above-limit"
  case timeAboveLimit = "time-above-limit"
  case lossNotFinite = "loss-not-finite"
  case noGradient = "no-gradient"
  case unsupportedByBackend = "unsupported-by-backend"
  case internalError = "internal-error"
}
