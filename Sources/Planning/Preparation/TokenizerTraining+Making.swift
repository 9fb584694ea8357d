import Artifacts
import Datasets
import Diagnostics
import Pipelines
import Tokenizers

extension TokenizerTraining {
  /// Makes the tokenizer from all rows of the sections that it names, or of every loaded one.
  ///
  /// - Throws: what is wrong with a section's rows, or with the size.
  func tokenizer(_ pipeline: Pipeline, paths: InputPaths) throws(DiagnosticError) -> Tokenizer {
    var texts: [String] = []
    for section in pipeline.data
    where data.isEmpty || data.contains(where: { $0.value == section.name }) {
      if case .mix = section.source { continue }
      do throws(DatasetError) {
        try section.rowSpecification(paths, task: .causalLM).forEachText { texts.append($0) }
      } catch {
        throw DiagnosticError(error.diagnostic.located(at: section.span, path: section.path))
      }
    }
    let setting = size.map { ($0.span, $0.path) } ?? (span, "model.tokenizer")
    return try diagnosing(at: setting.0, path: setting.1) {
      switch kind.value {
      case .bpe:
        try BytePairTrainer.train(
          texts: texts, vocabularySize: size?.value ?? 0, layout: layout(pipeline.model.task.value))
      case .character:
        try CharacterTrainer.train(
          texts: texts, vocabularySize: size?.value, layout: layout(pipeline.model.task.value))
      }
    }
  }

  private func layout(_ task: ModelSection.Task) -> SpecialTokenLayout {
    switch (specialTokens?.value, task) {
    case (.gpt2, _), (nil, .causalLM): .endOfText
    case (.bart, _), (nil, _): .bart
    }
  }
}
