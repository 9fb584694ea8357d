package import JSONSyntax

/// Something that happened in a run, in the order in which it did.
package enum RunEvent: Sendable {
  case runStarted(name: String, output: String, resumedAt: Int?)
  case stageStarted(name: String, index: Int, count: Int, kind: String)
  case step(StepMetrics)
  case evaluation(EvaluationMetrics)
  case generation(Generation)
  case checkpoint(stage: String, step: Int, path: String)
  case exported(stage: String, kind: String, path: String, byteCount: Int)
  case stageFinished(name: String, seconds: Double)
  case memory(MemoryUse)
  case interrupted(stage: String, step: Int)
  case runFinished(seconds: Double)
}

/// What one optimizer step did.
package struct StepMetrics: Hashable, Sendable {
  package let stage: String
  /// From 1.
  package let step: Int
  package let totalSteps: Int
  /// Epochs done after the step.
  package let epoch: Double
  /// Mean cross-entropy of the step's supervised tokens, before the update.
  package let loss: Double
  package let learningRate: Double
  /// Before clipping.
  package let gradientNorm: Double
  /// Tokens of the rows, padding not counted.
  package let tokens: Int
  package let supervisedTokens: Int
  package let seconds: Double
}

/// A measurement on held-out rows.
package struct EvaluationMetrics: Hashable, Sendable {
  package let stage: String
  package let data: String
  /// The optimizer step after which it was taken; nil outside training.
  package let step: Int?
  /// The mean of what training makes small.
  package let loss: Double
  /// What was asked for, in the pipeline's order; the value is nil where it is not defined.
  package let values: [MetricValue]
  package let rows: Int
  package let supervisedTokens: Int
  package let seconds: Double
}

/// One number of an evaluation.
package struct MetricValue: Hashable, Sendable {
  /// The pipeline's word.
  package let name: String
  /// Nil where the rows do not define it, as a correlation with what is constant.
  package let value: Double?
}

/// A sample of the model.
package struct Generation: Hashable, Sendable {
  package let stage: String
  package let prompt: String
  /// Whether the prompt is a user's turn, so that the text answers it instead of going on with it.
  package let isChat: Bool
  package let text: String
  package let tokens: Int
  package let seconds: Double
}

/// What a stage really took, beside what the plan said.
package struct MemoryUse: Hashable, Sendable {
  package let stage: String
  package let trainableBytes: Int
  package let gradientBytes: Int
  package let optimizerBytes: Int
  package let activationBytes: Int
  package let workspaceBytes: Int
  package let cacheBytes: Int
  /// The process's peak resident memory so far.
  package let processPeakBytes: Int
}

extension RunEvent {
  /// The event as one object, `event` naming its kind.
  package var json: JSONValue {
    switch self {
    case .runStarted(let name, let output, let step):
      [
        "event": "run_started", "name": .string(name), "output": .string(output),
        "resumed_at": step.map { .integer(Int64($0)) } ?? .null,
      ]
    case .stageStarted(let name, let index, let count, let kind):
      [
        "event": "stage_started", "stage": .string(name), "index": .integer(Int64(index)),
        "count": .integer(Int64(count)), "kind": .string(kind),
      ]
    case .step(let metrics): metrics.json.prefixed(event: "step")
    case .evaluation(let metrics): metrics.json.prefixed(event: "evaluation")
    case .generation(let generation): generation.json.prefixed(event: "generation")
    case .checkpoint(let stage, let step, let path):
      [
        "event": "checkpoint", "stage": .string(stage), "step": .integer(Int64(step)),
        "path": .string(path),
      ]
    case .exported(let stage, let kind, let path, let byteCount):
      [
        "event": "exported", "stage": .string(stage), "kind": .string(kind),
        "path": .string(path), "bytes": .integer(Int64(byteCount)),
      ]
    case .stageFinished(let name, let seconds):
      ["event": "stage_finished", "stage": .string(name), "seconds": .number(seconds)]
    case .memory(let use): use.json.prefixed(event: "memory")
    case .interrupted(let stage, let step):
      ["event": "interrupted", "stage": .string(stage), "step": .integer(Int64(step))]
    case .runFinished(let seconds): ["event": "run_finished", "seconds": .number(seconds)]
    }
  }
}

extension JSONValue {
  /// The object with `event` as its first member.
  fileprivate func prefixed(event: String) -> JSONValue {
    let members = object?.members.map { ($0.key, $0.value) } ?? []
    return .object(JSONObject([("event", .string(event))] + members))
  }
}

extension StepMetrics {
  /// The line of metrics.jsonl.
  var json: JSONValue {
    [
      "stage": .string(stage), "step": .integer(Int64(step)),
      "total_steps": .integer(Int64(totalSteps)), "epoch": .number(epoch), "loss": .number(loss),
      "learning_rate": .number(learningRate), "gradient_norm": .number(gradientNorm),
      "tokens": .integer(Int64(tokens)), "supervised_tokens": .integer(Int64(supervisedTokens)),
      "seconds": .number(seconds),
    ]
  }
}

extension EvaluationMetrics {
  /// The line of metrics.jsonl.
  var json: JSONValue {
    [
      "stage": .string(stage), "step": step.map { .integer(Int64($0)) } ?? .null,
      "evaluation": .object(evaluation),
      "seconds": .number(seconds),
    ]
  }
}

extension EvaluationMetrics {
  /// What was measured: the loss, and what else was asked for.
  private var evaluation: JSONObject {
    var object = JSONObject([("data", .string(data)), ("loss", .number(loss))])
    for metric in values where metric.name != "loss" {
      object[metric.name] = metric.value.map { .number($0) } ?? .null
    }
    object["rows"] = .integer(Int64(rows))
    object["supervised_tokens"] = .integer(Int64(supervisedTokens))
    return object
  }
}

extension Generation {
  /// The object in events.jsonl.
  var json: JSONValue {
    [
      "stage": .string(stage), "prompt": .string(prompt), "chat": .bool(isChat),
      "text": .string(text),
      "tokens": .integer(Int64(tokens)), "seconds": .number(seconds),
    ]
  }
}

extension MemoryUse {
  /// The object in events.jsonl.
  var json: JSONValue {
    [
      "stage": .string(stage), "trainable_bytes": .integer(Int64(trainableBytes)),
      "gradient_bytes": .integer(Int64(gradientBytes)),
      "optimizer_bytes": .integer(Int64(optimizerBytes)),
      "activation_bytes": .integer(Int64(activationBytes)),
      "workspace_bytes": .integer(Int64(workspaceBytes)),
      "cache_bytes": .integer(Int64(cacheBytes)),
      "process_peak_bytes": .integer(Int64(processPeakBytes)),
    ]
  }
}
