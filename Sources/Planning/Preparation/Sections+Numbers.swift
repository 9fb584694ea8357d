import Datasets
import Diagnostics
import Models
import Pipelines
package import Tokenizers
import Training

extension LoRASection {
  /// The numbers that adaptation takes.
  var specification: LoRASpecification {
    let targets: LoRASpecification.Targets =
      switch targetModules {
      case .list(let entries): .list(entries.map(\.value))
      case .pattern(let pattern): .pattern(pattern.value)
      case .allLinear: .allLinear
      case .familyDefault: .familyDefault
      }
    let exclude: LoRASpecification.Selection? =
      switch excludeModules {
      case .list(let entries)?: .list(entries.map(\.value))
      case .pattern(let pattern)?: .pattern(pattern.value)
      case .allLinear?, .familyDefault?, nil: nil
      }
    let bias: LoRASpecification.Bias =
      switch self.bias.value {
      case .none: .none
      case .all: .all
      case .loraOnly: .loraOnly
      }
    return LoRASpecification(
      rank: rank.value, alpha: alpha.value, dropout: dropout.value, bias: bias, targets: targets,
      exclude: exclude, layersToTransform: layersToTransform?.value,
      rankPattern: rankPattern.map { .init($0.pattern, $0.value.value) },
      alphaPattern: alphaPattern.map { .init($0.pattern, $0.value.value) },
      modulesToSave: modulesToSave.map(\.value), useRSLoRA: useRSLoRA.value,
      loraBias: loraBias.value, useDoRA: useDoRA.value, start: start.value.specification,
      trainableTokens: trainableTokens.map { .init(module: $0.module, ids: $0.ids.value) })
  }
}

extension LoRASection.Start {
  fileprivate var specification: LoRASpecification.Start {
    switch self {
    case .kaimingUniform: .kaimingUniform
    case .gaussian: .gaussian
    case .pissa: .pissa
    case .olora: .olora
    }
  }
}

extension OptimizerSection {
  /// The optimizer with its numbers.
  var resolved: Optimizer {
    let kind: OptimizerKind =
      switch self.kind {
      case .sgd(let momentum, let nesterov):
        .sgd(momentum: momentum.value, nesterov: nesterov.value)
      case .adam(let section): .adam(section.settings)
      case .adamw(let section): .adamw(section.settings)
      }
    return Optimizer(kind, weightDecay: weightDecay.value)
  }

  /// The optimizer in the plan's words.
  var text: String {
    var parts: [String] =
      switch kind {
      case .sgd(let momentum, let nesterov):
        ["sgd"] + (momentum.value == 0 ? [] : ["momentum \(Quantities.compact(momentum.value))"])
          + (nesterov.value ? ["nesterov"] : [])
      case .adam(let section): ["adam"] + (section.amsgrad.value ? ["amsgrad"] : [])
      case .adamw(let section): ["adamw"] + (section.amsgrad.value ? ["amsgrad"] : [])
      }
    if weightDecay.value != 0 {
      parts.append("weight decay \(Quantities.compact(weightDecay.value))")
    }
    return parts.joined(separator: ", ")
  }
}

extension OptimizerSection.AdamSection {
  fileprivate var settings: OptimizerKind.AdamSettings {
    OptimizerKind.AdamSettings(
      beta1: beta1.value, beta2: beta2.value, epsilon: epsilon.value, amsgrad: amsgrad.value)
  }
}

extension ScheduleSection {
  /// The schedule over `totalSteps` steps.
  ///
  /// - Throws: what makes it none, at the setting that does.
  func resolved(
    learningRate: Double, totalSteps: Int, stepsPerEpoch: Int
  ) throws(DiagnosticError) -> LearningRateSchedule {
    let warmupSteps = warmupSteps(of: totalSteps)
    if warmupSteps > 0, warmupSteps >= totalSteps {
      throw DiagnosticError(
        diagnostic(of: .warmupExceedsSteps(warmup: warmupSteps, steps: totalSteps)))
    }
    let kind: LearningRateSchedule.Kind =
      switch self.kind {
      case .constant: .constant
      case .linear: .linear
      case .cosine(let cycles): .cosine(cycles: cycles.value)
      case .polynomial(let power, let end):
        .polynomial(power: power.value, endLearningRate: end.value)
      case .inverseSquareRoot(let timescale): .inverseSquareRoot(timescale: timescale?.value)
      case .step(let every, let gamma):
        .step(
          every: every.value.count, unit: every.value.unit == .epoch ? .epoch : .step,
          gamma: gamma.value)
      }
    do throws(LearningRateSchedule.ScheduleError) {
      return try LearningRateSchedule(
        kind, learningRate: learningRate, warmupSteps: warmupSteps, totalSteps: totalSteps,
        stepsPerEpoch: stepsPerEpoch)
    } catch {
      throw DiagnosticError(diagnostic(of: error))
    }
  }

  private func diagnostic(of error: LearningRateSchedule.ScheduleError) -> Diagnostic {
    switch error {
    case .warmupExceedsSteps(let warmup, let steps):
      Diagnostic(
        .error, .warmupExceedsSteps,
        "the warm-up of \(warmup) step\(warmup == 1 ? "" : "s") is not over within the training of "
          + "\(steps)",
        at: self.warmup.span, path: self.warmup.path,
        help: "the learning rate would never be reached: lower `warmup`, or train longer")
    case .intervalBelowOne(let count):
      Diagnostic(
        .error, .valueOutOfRange, "`every` must be at least 1; found `\(count)`",
        help: "write `every: 1 epoch` or `every: 100 steps`")
    case .endAboveStart(let end, let start):
      Diagnostic(
        .error, .valueOutOfRange,
        "`lr_end` of \(Quantities.compact(end)) is not below the learning rate of "
          + Quantities.compact(start), help: "lower `lr_end`")
    case .timescaleBelowOne(let timescale):
      Diagnostic(
        .error, .valueOutOfRange, "`timescale` must be at least 1; found `\(timescale)`",
        help: "leave it out to take the warm-up")
    }
  }

  /// The schedule in the plan's words; the learning rates themselves say the rest.
  var text: String {
    switch kind {
    case .constant: "constant"
    case .linear: "linear"
    case .cosine: "cosine"
    case .polynomial(let power, _): "polynomial (power \(Quantities.compact(power.value)))"
    case .inverseSquareRoot: "inverse_sqrt"
    case .step(let every, let gamma):
      "× \(Quantities.compact(gamma.value)) every \(every.value.words)"
    }
  }
}

extension Cadence {
  /// The cadence in optimizer steps.
  func steps(stepsPerEpoch: Int) -> Int {
    switch unit {
    case .step: count
    case .epoch: count * stepsPerEpoch
    }
  }
}

extension Tokenizer {
  /// A user's turn as the chat template writes it, up to where the assistant begins.
  ///
  /// - Throws: `missing-chat-template`, or what the template found.
  package func chatPrompt(_ text: String) throws -> String {
    guard let chatTemplate else {
      throw DiagnosticError(
        Diagnostic(
          .error, .missingChatTemplate, "the tokenizer has no chat template for `chat`",
          help: "remove `chat`, or use the instruction-tuned model"))
    }
    return try chatTemplate.render(
      messages: [ChatMessage(role: "user", content: text)], addGenerationPrompt: true,
      beginningToken: beginningID.flatMap(token(of:)), endToken: endID.flatMap(token(of:))
    ).text
  }
}

extension TrainStage.Recomputation {
  /// What the programs of a training stage compute again.
  var resolved: Recomputation {
    switch self {
    case .none: .none
    case .attention: .attention
    case .block: .block
    }
  }
}
