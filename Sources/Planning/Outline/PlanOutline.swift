package import JSONSyntax

/// What can be said of a run while some of what it reads is not there yet.
package struct PlanOutline: Hashable, Sendable {
  /// A thing that is known, or what has to be there before it is.
  package enum Known<Value: Hashable & Sendable>: Hashable, Sendable {
    case known(Value)
    /// Known after this path, or these, are there.
    case after(String)
  }

  /// A stage, whole or as far as its settings alone tell.
  package enum Stage: Hashable, Sendable {
    case whole(StagePlan)
    case partial(StageOutline)
  }

  package let honeVersion: String
  package let pipeline: PipelineFacts
  package let backend: BackendFacts
  package let model: Known<ModelFacts>
  /// In the order of the pipeline; a split section once a part.
  package let data: [Data]
  package let stages: [Stage]
  package let memory: Known<MemoryFacts>
  /// The inputs that are not there, in the order of the pipeline.
  package let missing: [String]
  /// Every resolved setting, in the order of the pipeline's types.
  package let settings: [ResolvedSetting]

  /// The rows of a section or of a part.
  package struct Data: Hashable, Sendable {
    package let name: String
    package let facts: Known<DataFacts>
  }
}

/// What a stage's settings tell where its rows or its model are not there.
package struct StageOutline: Hashable, Sendable {
  package let name: String
  /// As `stages[0]`.
  package let path: String
  /// The stage's kind by the pipeline's word.
  package let kind: String
  /// What is known, in lines for people.
  package let facts: [String]
  /// The optimizer steps where the pipeline says them.
  package let totalSteps: Int?
  /// PEFT's line where the model is known.
  package let trainableLine: String?
  /// What has to be there for the rest.
  package let knownAfter: String
}

/// What planning came to.
package enum Planned: Sendable {
  case run(PreparedRun)
  /// Nothing is wrong but that inputs are not there.
  case outline(PlanOutline)
  /// Something is wrong.
  case nothing
}

extension PlanOutline.Known {
  /// The value where it is known.
  package var value: Value? { if case .known(let value) = self { value } else { nil } }
}

extension PlanOutline {
  /// The outline as JSON: what is not known is null, with what it waits for beside it.
  package var json: JSONValue {
    [
      "format": .int(Plan.format), "whole": false, "hone_version": .string(honeVersion),
      "missing": .array(missing.map { .string($0) }),
      "pipeline": [
        "file": .string(pipeline.file), "name": .string(pipeline.name),
        "seed": .int(pipeline.seed), "output": .string(pipeline.output),
      ],
      "backend": ["name": .string(backend.name), "threads": .int(backend.threads)],
      "model": model.json(\.json),
      "data": .array(
        data.map { part in
          switch part.facts {
          case .known(let facts): facts.json
          case .after(let missing):
            [
              "name": .string(part.name), "rows": .null, "tokens": .null,
              "supervised_tokens": .null, "known_after": .string(missing),
            ]
          }
        }),
      "stages": .array(stages.map(\.json)), "memory": memory.json(\.json),
      "settings": .array(
        settings.map {
          ["path": .string($0.path), "value": .string($0.value), "origin": .string($0.origin)]
        }),
      "identity": .null,
    ]
  }
}

extension PlanOutline.Known {
  fileprivate func json(_ known: (Value) -> JSONValue) -> JSONValue {
    switch self {
    case .known(let value): known(value)
    case .after(let missing): ["known_after": .string(missing)]
    }
  }
}

extension PlanOutline.Stage {
  fileprivate var json: JSONValue {
    switch self {
    case .whole(let plan): plan.json
    case .partial(let outline):
      [
        "name": .string(outline.name), "kind": .string(outline.kind),
        "trainable_line": outline.trainableLine.map { .string($0) } ?? .null,
        "total_steps": outline.totalSteps.map { .int($0) } ?? .null, "flop": .null,
        "memory": .null, "known_after": .string(outline.knownAfter),
      ]
    }
  }
}
