import Diagnostics
import Models
import Pipelines

/// The rank is not above the smaller side of a module that it updates.
///
/// PEFT accepts it and the update is well defined, so it is a warning: a product through `r`
/// dimensions has no more rank than the smaller side, and the weights beyond are wasted.
enum RankWithinDimensions {
  static func findings(_ checked: CheckedAdaptation) -> [Diagnostic] {
    let wide = checked.plan.adapted.filter { $0.rank > $0.smallerSide }
    var findings: [Diagnostic] = []
    for rank in Set(wide.map(\.rank)).sorted() {
      let modules = wide.filter { $0.rank == rank }
      guard let narrowest = modules.min(by: { $0.smallerSide < $1.smallerSide }) else { continue }
      let setting = setting(of: rank, checked.section)
      let others = modules.count - 1
      findings.append(
        Diagnostic(
          .warning, .rankExceedsDimensions,
          "a rank of \(rank) exceeds the \(narrowest.smallerSide) dimensions of "
            + "`\(narrowest.path)`"
            + (others == 0 ? "" : " and of \(others) more module\(others == 1 ? "" : "s")"),
          at: setting.span ?? checked.section.span, path: setting.path,
          help: "write \(narrowest.smallerSide) or less; a higher rank adds weights, but no update "
            + "that \(narrowest.smallerSide) could not make"))
    }
    return findings
  }

  /// The setting that gives modules this rank.
  private static func setting(of rank: Int, _ section: LoRASection) -> Setting<Int> {
    if section.rank.value == rank { return section.rank }
    return section.rankPattern.first { $0.value.value == rank }?.value ?? section.rank
  }
}

extension AdaptedModule {
  /// The largest rank that an update of the module can have.
  fileprivate var smallerSide: Int {
    switch kind {
    case .linear(let inputs, let outputs, _): min(inputs, outputs)
    case .embedding(let count, let dimension): min(count, dimension)
    case .norm, .container, .function: .max
    }
  }
}
