package import Pipelines

/// The whole run before it happens: resolved, final, and the same bytes whenever nothing changed.
package struct Plan: Hashable, Sendable {
  /// The version of the JSON form.
  package static let format = 1

  package let honeVersion: String
  package let pipeline: PipelineFacts
  package let backend: BackendFacts
  package let model: ModelFacts
  /// In the order of the pipeline; a split section once a part.
  package let data: [DataFacts]
  package let stages: [StagePlan]
  package let memory: MemoryFacts
  /// Every resolved setting, in the order of the pipeline's types.
  package let settings: [ResolvedSetting]
  package let outputs: [OutputFacts]
  /// SHA-256 of all of the above.
  package let identity: String
}

/// Which pipeline, in a form that notices a change.
package struct PipelineFacts: Hashable, Sendable {
  package let file: String
  package let name: String
  package let seed: Int
  /// The run's directory.
  package let output: String
  /// The case of its matrix; nil without one.
  ///
  /// Like the file, of no account for the identity.
  package let caseName: String?
  /// What the command line said in the pipeline's place, of no account for the identity either:
  /// the settings say what came of it.
  package let overrides: [PipelineOverride]
}

/// Which backend, as it declares itself.
package struct BackendFacts: Hashable, Sendable {
  package let name: String
  package let threads: Int
}

/// The model before any stage.
package struct ModelFacts: Hashable, Sendable {
  /// The path of the checkpoint; nil when weights are drawn anew.
  package let path: String?
  package let family: String
  package let parameterCount: Int
  package let weightType: String
  package let contextLength: Int
  package let vocabularySize: Int
  package let layerCount: Int
  /// The layers of an encoder beside them; 0 where there is none.
  package let encoderLayerCount: Int
  /// The weights that the checkpoint lacks and that begin anew: those of a new head.
  package let newWeights: [String]
  /// SHA-256 over the headers of the weight files; nil when weights are drawn anew.
  package let headerIdentity: String?
  /// SHA-256 of what decides how texts become tokens.
  package let tokenizerIdentity: String
  /// SHA-256 of the chat template; nil where there is none.
  package let chatTemplateIdentity: String?
}

/// The rows of one section, or of one part of a split section, after tokenisation.
package struct DataFacts: Hashable, Sendable {
  /// `section` or `section.part`.
  package let name: String
  package let rows: Int
  package let tokens: Int
  package let supervisedTokens: Int
  package let truncatedRows: Int
  package let droppedRows: Int
  package let longestRow: Int
  /// Tokens of the rows' sources.
  package let sourceTokens: Int
  /// Numbers that are to be learned and missing.
  package let missingValues: Int
  /// The classes that rows or words have, the first ``labelLimit`` of them.
  package let labels: [LabelCount]
  /// SHA-256 of the tokens and their supervision.
  package let identity: String
}

extension DataFacts {
  /// The most classes that a plan tells.
  static let labelLimit = 256

  /// How often rows or words have a class.
  package struct LabelCount: Hashable, Sendable {
    package let name: String
    package let count: Int
  }
}

/// A setting with its value in words and where it came from.
package struct ResolvedSetting: Hashable, Sendable {
  package let path: String
  package let value: String
  /// `file:line`, `default` or the option.
  package let origin: String
}

/// Something the run will write.
package struct OutputFacts: Hashable, Sendable {
  package let path: String
  package let content: String
  /// The bytes of its tensors; nil for what grows with the run.
  package let byteCount: Int?
}

/// Peak memory by part, from the layouts themselves.
package struct MemoryFacts: Hashable, Sendable {
  /// Frozen weights, mapped from the file or converted.
  package let frozenBytes: Int
  /// The share of the above that is mapped from the file as it is.
  package let mappedBytes: Int
  package let trainableBytes: Int
  package let gradientBytes: Int
  package let optimizerBytes: Int
  /// The arena of the largest program beside the gradients that lie in it.
  package let activationBytes: Int
  /// The backend's scratch.
  package let workspaceBytes: Int
  /// Key and value caches of generation.
  package let cacheBytes: Int
  /// The tokenized rows.
  package let dataBytes: Int
  /// What the program itself takes: code, tokenizer, libraries.
  package let processBytes: Int

  /// All parts together.
  package var peakBytes: Int {
    frozenBytes + trainableBytes + gradientBytes + optimizerBytes + activationBytes
      + workspaceBytes + cacheBytes + dataBytes + processBytes
  }
}
