package import JSONSyntax

extension Plan {
  /// The plan as JSON, format ``Plan/format``; `identity` is that of everything else.
  package var json: JSONValue {
    guard case .object(var object) = content else { return content }
    if case .object(var facts)? = object["pipeline"] {
      facts["case"] = pipeline.caseName.map { .string($0) } ?? .null
      facts["overrides"] = .array(pipeline.overrides.map(\.json))
      object["pipeline"] = .object(facts)
    }
    object["identity"] = .string(identity)
    return .object(object)
  }

  /// Everything but the identity, which is made of it.
  var content: JSONValue {
    [
      "format": .integer(Int64(Self.format)),
      "hone_version": .string(honeVersion),
      "pipeline": [
        "file": .string(pipeline.file), "name": .string(pipeline.name),
        "seed": .int(pipeline.seed), "output": .string(pipeline.output),
      ],
      "backend": ["name": .string(backend.name), "threads": .int(backend.threads)],
      "model": model.json,
      "data": .array(data.map(\.json)),
      "stages": .array(stages.map(\.json)),
      "memory": memory.json,
      "settings": .array(
        settings.map {
          ["path": .string($0.path), "value": .string($0.value), "origin": .string($0.origin)]
        }),
      "outputs": .array(
        outputs.map {
          [
            "path": .string($0.path), "content": .string($0.content),
            "bytes": $0.byteCount.map { .int($0) } ?? .null,
          ]
        }),
    ]
  }
}

extension JSONValue {
  /// An integer of the machine's width.
  static func int(_ value: Int) -> JSONValue { .integer(Int64(value)) }
}

extension ModelFacts {
  var json: JSONValue {
    [
      "path": path.map { .string($0) } ?? .null, "family": .string(family),
      "parameters": .int(parameterCount), "dtype": .string(weightType),
      "context_length": .int(contextLength), "vocabulary_size": .int(vocabularySize),
      "layers": .int(layerCount), "encoder_layers": .int(encoderLayerCount),
      "new_weights": .array(newWeights.map { .string($0) }),
      "header_sha256": headerIdentity.map { .string($0) } ?? .null,
      "tokenizer_sha256": .string(tokenizerIdentity),
      "chat_template_sha256": chatTemplateIdentity.map { .string($0) } ?? .null,
    ]
  }
}

extension DataFacts {
  var json: JSONValue {
    var object = JSONObject([
      ("name", .string(name)), ("rows", .int(rows)), ("tokens", .int(tokens)),
      ("supervised_tokens", .int(supervisedTokens)), ("truncated_rows", .int(truncatedRows)),
      ("dropped_rows", .int(droppedRows)), ("longest_row", .int(longestRow)),
      ("sha256", .string(identity)),
    ])
    if sourceTokens > 0 { object["source_tokens"] = .int(sourceTokens) }
    if missingValues > 0 { object["missing_values"] = .int(missingValues) }
    if !labels.isEmpty {
      object["labels"] = .array(
        labels.map { ["name": .string($0.name), "count": .int($0.count)] })
    }
    return .object(object)
  }
}

extension MemoryFacts {
  var json: JSONValue {
    [
      "frozen_bytes": .int(frozenBytes), "mapped_bytes": .int(mappedBytes),
      "trainable_bytes": .int(trainableBytes), "gradient_bytes": .int(gradientBytes),
      "optimizer_bytes": .int(optimizerBytes), "activation_bytes": .int(activationBytes),
      "workspace_bytes": .int(workspaceBytes), "cache_bytes": .int(cacheBytes),
      "data_bytes": .int(dataBytes), "process_bytes": .int(processBytes),
      "peak_bytes": .int(peakBytes),
    ]
  }
}

extension StageMemory {
  var json: JSONValue {
    [
      "trainable_bytes": .int(trainableBytes), "gradient_bytes": .int(gradientBytes),
      "optimizer_bytes": .int(optimizerBytes), "activation_bytes": .int(activationBytes),
      "workspace_bytes": .int(workspaceBytes), "cache_bytes": .int(cacheBytes),
    ]
  }
}

extension StagePlan {
  /// The stage's facts, its identity last where it has one.
  var json: JSONValue {
    let facts: JSONValue =
      switch work {
      case .train(let plan): plan.json(name)
      case .evaluate(let plan): plan.json(name)
      case .generate(let plan): plan.json(name)
      case .export(let plan): plan.json(name)
      }
    guard !identity.isEmpty, case .object(var object) = facts else { return facts }
    object["identity"] = .string(identity)
    return .object(object)
  }
}

extension TrainingPlan {
  func json(_ name: String) -> JSONValue {
    let facts = everything(name)
    guard dropout.json == nil, case .object(var object) = facts else { return facts }
    object["model_dropout"] = nil
    return .object(object)
  }

  private func everything(_ name: String) -> JSONValue {
    [
      "name": .string(name), "kind": "train", "data": .string(data),
      "evaluation_data": evaluationData.map { .string($0) } ?? .null, "method": method.json,
      "trainable_parameters": .int(trainableCount), "all_parameters": .int(allCount),
      "trainable_line": .string(trainableLine), "epochs": .number(epochs),
      "steps_per_epoch": .int(stepsPerEpoch), "total_steps": .int(totalSteps),
      "tokens": .int(tokens), "supervised_tokens": .int(supervisedTokens),
      "positions": .int(positions),
      "shapes": .array(
        shapes.map {
          ["rows": .int($0.rows), "length": .int($0.length), "micro_batches": .int($0.count)]
        }),
      "optimizer": .string(optimizer), "schedule": .string(schedule),
      "warmup_steps": .int(warmupSteps),
      "learning_rates": .array(learningRates.map { .number($0) }),
      "batch": [
        "size": .int(batch.size), "accumulate": .int(batch.accumulate),
        "packing": .bool(batch.packing), "sampler": .string(batch.sampler),
        "start_epoch": .int(batch.startEpoch),
      ],
      "model_dropout": dropout.json ?? .null,
      "flop": .int(floatingPointOperations), "memory": memory.json,
    ]
  }
}

extension MethodFacts {
  var json: JSONValue {
    switch self {
    case .full(let facts):
      [
        "kind": "full", "train_last": facts.trainLast.map { .int($0) } ?? .null,
        "freeze": .array(facts.freeze.map { .string($0) }),
        "frozen_parameters": .int(facts.frozenCount),
      ]
    case .lora(let facts):
      [
        "kind": "lora",
        "targets": .array(
          facts.entries.map { ["target": .string($0.target), "modules": .int($0.count)] }),
        "modules": .array(
          facts.modules.map {
            [
              "path": .string($0.path), "r": .int($0.rank), "scaling": .number($0.scaling),
              "in": .int($0.inputDimension), "out": .int($0.outputDimension),
            ]
          }),
        "modules_to_save": .array(facts.modulesToSave.map { .string($0) }),
        "use_dora": .bool(facts.usesDoRA), "use_rslora": .bool(facts.usesRSLoRA),
        "lora_bias": .bool(facts.hasBias), "init_lora_weights": .string(facts.start),
        "trainable_tokens": .array(
          facts.trainedRows.map { ["module": .string($0.target), "tokens": .int($0.count)] }),
        "loraplus_ratio": facts.loraPlusRatio.map { .number($0) } ?? .null,
        "covered_layers": .int(facts.coveredLayers), "layers": .int(facts.layerCount),
        "modules_by_layer": .array(facts.modulesByLayer.map { .int($0) }),
      ]
    }
  }
}

extension EvaluationPlan {
  func json(_ name: String) -> JSONValue {
    [
      "name": .string(name), "kind": "evaluate", "data": .string(data),
      "metrics": .array(metrics.map { .string($0) }), "rows": .int(rows),
      "supervised_tokens": .int(supervisedTokens), "batches": .int(batches),
      "flop": .int(floatingPointOperations), "memory": memory.json,
    ]
  }
}

extension GenerationPlan {
  func json(_ name: String) -> JSONValue {
    [
      "name": .string(name), "kind": "generate",
      "prompt_tokens": .array(promptTokens.map { .int($0) }),
      "max_new_tokens": .int(maxNewTokens), "sampling": .string(sampling),
      "flop": .int(floatingPointOperations), "memory": memory.json,
    ]
  }
}

extension ExportPlan {
  func json(_ name: String) -> JSONValue {
    var json = JSONObject([
      ("name", .string(name)), ("kind", "export"), ("what", .string(kind)),
      ("path", .string(path)), ("bytes", .int(byteCount)),
    ])
    switch format {
    case .safetensors: break
    case .torch: json["format"] = .string(format.rawValue)
    }
    return .object(json)
  }
}
