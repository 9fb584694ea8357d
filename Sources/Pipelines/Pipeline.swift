package import Diagnostics

/// A pipeline that was read and found right on its own: what to load, adapt, read and train.
///
/// Files beside it have not been looked at; that is planning's part.
package struct Pipeline: Hashable, Sendable {
  package let file: String
  package let name: Setting<String>
  package let seed: Setting<Int>
  package let backend: BackendSection
  package let model: ModelSection
  /// In the order of the text.
  package let data: [DataSection]
  package let stages: [Stage]
  /// The run's directory.
  package let output: Setting<String>

  /// Whether the rows are two matrices, so that the model reads numbers in the place of texts.
  package var readsNumbers: Bool {
    switch model.task.value {
    case .seq2seqRegression: true
    case .regression: data.contains { if case .pair = $0.source { true } else { false } }
    case .causalLM, .seq2seqLM, .maskedLM, .sequenceClassification, .tokenClassification: false
    }
  }
}

/// Which backend computes, and how.
package struct BackendSection: Hashable, Sendable {
  /// A backend by the name it has in a pipeline.
  package enum Name: String, CaseIterable, Sendable { case cpu, reference }
  package let name: Setting<Name>
  /// Nil takes as many as there are processors.
  package let threads: Setting<Int>?
}

/// Which model.
package struct ModelSection: Hashable, Sendable {
  /// What the model is for.
  package enum Task: String, CaseIterable, Sendable {
    case causalLM = "causal_lm"
    case seq2seqLM = "seq2seq_lm"
    case maskedLM = "masked_lm"
    case sequenceClassification = "sequence_classification"
    case tokenClassification = "token_classification"
    case regression
    case seq2seqRegression = "seq2seq_regression"
  }
  /// How many labels a row has, in transformers' words.
  package enum ProblemType: String, CaseIterable, Sendable {
    case singleLabel = "single_label_classification"
    case multiLabel = "multi_label_classification"
  }
  /// The type in which frozen weights are kept.
  package enum WeightType: String, CaseIterable, Sendable {
    case float32
    case bfloat16
    case q80 = "q8_0"
    case q40 = "q4_0"
    case nf4
  }

  /// Where the weights come from.
  package indirect enum Source: Hashable, Sendable {
    /// A directory in Hugging Face layout, a .safetensors file, a torch checkpoint or a .gguf file.
    case load(Setting<String>)
    /// Weights drawn anew.
    case create(CreatedModel)
  }

  package let source: Source
  /// A config.json, where it does not lie beside the weights.
  package let config: Setting<String>?
  package let task: Setting<Task>
  /// The names of the classes in the order of their numbers; empty takes the model's or the rows'.
  package let labels: [Setting<String>]
  package let problemType: Setting<ProblemType>
  /// How frozen weights are kept and multiplied.
  package let dtype: Setting<WeightType>
  /// The rate of dropout in training; nil: as the model's configuration says, none where it is created.
  package let dropout: Setting<Double>?
  /// A tokenizer.json or a directory with one, where it does not lie beside the weights.
  package let tokenizer: Setting<String>?
  /// How a tokenizer is made, where it is not read.
  package let tokenizerTraining: TokenizerTraining?
  package let span: SourceSpan?
}

/// `model.tokenizer` as a section: a tokenizer that is made from the pipeline's own data.
package struct TokenizerTraining: Hashable, Sendable {
  /// What its tokens are.
  package enum Kind: String, CaseIterable, Sendable { case bpe, character }
  /// Whose special tokens it has.
  package enum SpecialTokens: String, CaseIterable, Sendable { case gpt2, bart }

  package let kind: Setting<Kind>
  /// How many tokens; nil takes all characters.
  package let size: Setting<Int>?
  /// Nil: by the model's task.
  package let specialTokens: Setting<SpecialTokens>?
  /// The sections of `data` whose texts it is made from; empty: all that are loaded.
  package let data: [Setting<String>]
  package let span: SourceSpan?
}

/// `model.create`: an architecture with weights drawn anew, keys as config.json has them.
package struct CreatedModel: Hashable, Sendable {
  /// An architecture that can be made anew.
  package enum Architecture: String, CaseIterable, Sendable { case llama, bart, t5, bert }
  package let architecture: Setting<Architecture>
  package let hiddenSize: Setting<Int>
  package let intermediateSize: Setting<Int>
  package let hiddenLayers: Setting<Int>
  /// Of a decoder beside an encoder; nil: as many as `hiddenLayers`.
  package let decoderLayers: Setting<Int>?
  package let attentionHeads: Setting<Int>
  /// Nil: as many as `attentionHeads`.
  package let keyValueHeads: Setting<Int>?
  /// Nil: `hiddenSize / attentionHeads`.
  package let headDimension: Setting<Int>?
  package let maxPositionEmbeddings: Setting<Int>
  package let ropeTheta: Setting<Double>
  package let rmsNormEpsilon: Setting<Double>
  /// Where it is not written, as transformers' family has it.
  package let tieWordEmbeddings: Setting<Bool>
  package let initializerRange: Setting<Double>
}

/// One named source of rows.
package struct DataSection: Hashable, Sendable {
  /// How a file holds its rows.
  package enum Format: String, CaseIterable, Sendable { case jsonl, json, csv, tsv, text, fasta }
  /// Which tokens of a row carry loss.
  package enum LossOn: String, CaseIterable, Sendable { case all, completion, assistant }
  /// What becomes of a row that is longer than `max_length`.
  package enum Overlong: String, CaseIterable, Sendable { case truncate, drop, error }

  /// What becomes of a matrix's numbers before a model sees them.
  package enum Transform: String, CaseIterable, Sendable { case none, log1p }

  /// Where a row's parts come from: names of columns.
  package enum Columns: Hashable, Sendable {
    case text(Setting<String>)
    case promptCompletion(prompt: Setting<String>, completion: Setting<String>)
    case messages(Setting<String>)
    case sourceTarget(source: Setting<String>, target: Setting<String>)
    /// A text, or two, with a label in one column or numbers in several.
    case labelled(text: Setting<String>, pair: Setting<String>?, label: [Setting<String>])
    /// A list of words and a list with a label for each.
    case words(tokens: Setting<String>, tags: Setting<String>)
  }

  /// What rows are made of.
  package enum Source: Hashable, Sendable {
    /// Files: paths or globs, relative to the pipeline's directory.
    case load([Setting<String>])
    /// Two files side by side: lines, records, or rows of matrices.
    case pair(source: Setting<String>, target: Setting<String>)
    /// Other sections, mixed in these proportions (all rows of each where nil).
    case mix([MixPart])
  }

  /// One part of a mixed source.
  package struct MixPart: Hashable, Sendable {
    /// The name of a section, or `section.part` of a split one.
    package let data: Setting<String>
    /// How many times each row stands in an epoch; a fraction takes that share of the rows.
    package let weight: Setting<Double>
  }

  /// One named part of a split: a fraction of the rows.
  package struct SplitPart: Hashable, Sendable {
    package let name: String
    package let fraction: Setting<Double>
  }

  package let name: String
  package let source: Source
  /// Nil: by each file's suffix.
  package let format: Setting<Format>?
  package let columns: Columns
  /// A prompt (or text) template with `{{column}}`.
  package let template: Setting<String>?
  package let lossOn: Setting<LossOn>
  /// The most tokens of a row, of a target where there is a source.
  package let maxLength: Setting<Int>?
  /// The most tokens of a source.
  package let maxSourceLength: Setting<Int>?
  package let overlong: Setting<Overlong>
  package let endToken: Setting<Bool>
  /// The share of tokens that are hidden where the model's task is to find them.
  package let maskProbability: Setting<Double>
  /// What becomes of the numbers of the first of two matrices.
  package let sourceTransform: Setting<Transform>
  /// What becomes of the numbers that are learned.
  package let targetTransform: Setting<Transform>
  package let split: [SplitPart]
  package let span: SourceSpan?
  package let path: String

  /// Whether `rows` names this section or a part of it: `support`, `support.train`.
  package func holds(_ rows: String) -> Bool { rows == name || rows.hasPrefix(name + ".") }
}
