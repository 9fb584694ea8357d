import Diagnostics

/// The heads of a created model divide its width and each other.
enum CreatedModelShape {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard case .create(let model) = pipeline.model.source,
      findings.isSound(model.attentionHeads)
    else { return }
    let heads = model.attentionHeads
    if let pairs = model.keyValueHeads, findings.isSound(pairs),
      heads.value % pairs.value != 0
    {
      findings.report(
        .valueOutOfRange,
        "`num_key_value_heads` must divide `num_attention_heads`: "
          + "\(heads.value) is no multiple of \(pairs.value)", at: pairs.span, pairs.path,
        help: divisors(of: heads.value),
        notes: [Diagnostic.Note("`num_attention_heads` is \(heads.value)", at: heads.span)])
    }
    if let width = model.headDimension {
      guard findings.isSound(width), width.value % 2 != 0 else { return }
      findings.report(
        .valueOutOfRange, "`head_dim` must be even; found `\(width.value)`", at: width.span,
        width.path, help: "rotary positions turn pairs of numbers")
    } else if findings.isSound(model.hiddenSize) {
      checkHidden(model.hiddenSize, heads, model.architecture.value, findings)
    }
  }

  private static func checkHidden(
    _ hidden: Setting<Int>, _ heads: Setting<Int>, _ architecture: CreatedModel.Architecture,
    _ findings: Findings
  ) {
    let note = [Diagnostic.Note("`num_attention_heads` is \(heads.value)", at: heads.span)]
    if hidden.value % heads.value != 0 {
      findings.report(
        .valueOutOfRange,
        "`hidden_size` must be a multiple of `num_attention_heads`: "
          + "\(hidden.value) is none of \(heads.value)", at: hidden.span, hidden.path,
        help:
          "for example `\(max(1, hidden.value / heads.value) * heads.value)`, or say `head_dim`",
        notes: note)
    } else if hidden.value / heads.value % 2 != 0, architecture == .llama {
      findings.report(
        .valueOutOfRange,
        "`hidden_size / num_attention_heads` must be even; found `\(hidden.value / heads.value)`",
        at: hidden.span, hidden.path,
        help: "rotary positions turn pairs of numbers; change one of the two, or say `head_dim`",
        notes: note)
    }
  }

  private static func divisors(of count: Int) -> String {
    let divisors = (1...min(count, 64)).filter { count % $0 == 0 }
    return "it may be " + divisors.map { "`\($0)`" }.joined(separator: ", ")
  }
}
