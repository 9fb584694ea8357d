import Artifacts
import Diagnostics
import JSONSyntax
import Models
import Pipelines
import Planning
import Tensors
import Tokenizers

/// Writes what a run made, in the layouts that PEFT and transformers load.
struct Exporter {
  let state: ModelState

  private var model: PreparedModel { state.model }

  /// Writes the adapter to `directory`; returns the bytes of its tensors.
  ///
  /// - Throws: when it cannot be written; then `directory` is as it was.
  func writeAdapter(to directory: String) throws -> Int {
    guard let adaptation = state.adaptation, case .lora(let lora) = adaptation.adaptation else {
      throw DiagnosticError(
        Diagnostic(
          .error, .missingAdapter, "there is no adapter to export",
          help: "train with `lora` before"))
    }
    var outputs: [TensorOutput] = []
    for parameter in adaptation.trainable {
      guard let key = parameter.adapterKey, let source = state.address(of: parameter.name) else {
        continue
      }
      let values = UnsafeBufferPointer(start: source, count: parameter.shape.count)
      if !adaptation.splitModules.isEmpty, let factor = adaptation.factor(parameter) {
        outputs.append(difference(key, parameter, factor, Array(values)))
      } else if parameter.isTransposedInFile {
        outputs.append(
          TensorOutput(key, parameter.fileShape, Self.transposed(values, parameter.shape)))
      } else {
        outputs.append(
          TensorOutput(key, .float32, parameter.shape, bytes: UnsafeRawBufferPointer(values)))
      }
    }
    try AdapterFiles.write(
      directory, configuration(lora, adaptation), outputs,
      card: AdapterCard(of: model.description), extraFiles: tokenizerFiles)
    return outputs.reduce(0) { $0 + $1.byteCount }
  }

  /// A matrix of an update that began as a part of the weights, beside its beginning.
  ///
  /// The difference that training made is `B·A − B₀·A₀ = [B, −B₀]·[A; A₀]`: an update of twice the rank
  /// of the weights as they were, as PEFT's `path_initial_model_for_weight_conversion` has it. An
  /// embedding's update took no part: zeros stand beside it.
  private func difference(
    _ key: String, _ parameter: TrainableParameter, _ factor: AdaptationPlan.Factor,
    _ values: [Float]
  ) -> TensorOutput {
    let beginning =
      state.beginnings[parameter.name] ?? [Float](repeating: 0, count: values.count)
    switch factor {
    case .first:
      let shape = Shape(2 * parameter.fileShape[0], parameter.fileShape[1])
      guard parameter.isTransposedInFile else {
        return TensorOutput(key, shape, values + beginning)
      }
      let file = values.withUnsafeBufferPointer { Self.transposed($0, parameter.shape) }
      return TensorOutput(key, shape, file + beginning)
    case .second:
      let (rows, rank) = (parameter.shape[0], parameter.shape[1])
      var joined: [Float] = []
      joined.reserveCapacity(2 * values.count)
      for row in 0..<rows {
        joined += values[row * rank..<(row + 1) * rank]
        for value in beginning[row * rank..<(row + 1) * rank] { joined.append(-value) }
      }
      return TensorOutput(key, Shape(rows, 2 * rank), joined)
    }
  }

  /// Writes the whole model to `directory`, adapter merged; returns the bytes of its tensors.
  ///
  /// - Throws: when it cannot be written; then `directory` is as it was.
  func writeMerged(to directory: String, format: ExportStage.Format) throws -> Int {
    let description = model.description
    let type: StoredType = model.weightType == .bfloat16 ? .bfloat16 : .float32
    let tensors =
      state.adaptation?.mergedTensors(of: description)
      ?? description.storedParameters.map {
        MergedTensor(name: $0.name, shape: $0.shape, source: .base($0.name), update: nil)
      }
    let outputs = tensors.map { tensor in
      TensorOutput(tensor.name, type, tensor.shape) { (file) throws(ArtifactError) in
        let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.shape.count)
        defer { values.deallocate() }
        if let start = values.baseAddress { state.read(tensor, into: start) }
        switch model.weightType {
        case .bfloat16: try file.write(roundingToBFloat16: UnsafeBufferPointer(values))
        case .float32, .float16, .int32, .q80, .q40, .nf4:
          try file.write(UnsafeRawBufferPointer(values))
        }
      }
    }
    var configuration = model.checkpoint?.configuration.object ?? JSONObject()
    let written = description.json(weightType: model.weightType.exported, labels: model.labels)
    for (key, value) in written.object?.members ?? [] {
      configuration[key] = value
    }
    if state.adaptation?.untiesWeights(of: description) ?? false {
      configuration["tie_word_embeddings"] = false
    }
    try ModelFiles.write(
      directory, configuration: .object(configuration),
      generationConfiguration: model.checkpoint?.generationConfiguration, tensors: outputs,
      format: weightFormat(format, Set(tensors.map(\.name))),
      extraFiles: tokenizerFiles)
    return outputs.reduce(0) { $0 + $1.byteCount }
  }

  /// The form of the weights; torch's state dicts name tied weights too.
  private func weightFormat(
    _ format: ExportStage.Format, _ written: Set<String>
  ) -> ModelFiles.WeightFormat {
    switch format {
    case .safetensors: .safetensors
    case .torch:
      .torch(
        aliases: model.description.parameters.compactMap { parameter in
          guard let target = parameter.tiedTo, !written.contains(parameter.name) else {
            return nil
          }
          return TensorAlias(parameter.name, of: target)
        })
    }
  }

  private var tokenizerFiles: [(name: String, bytes: [UInt8])] {
    if model.description.readsValues { return [] }
    return [
      ("tokenizer.json", Array(model.tokenizer.tokenizerJSON().text(.indented).utf8)),
      ("tokenizer_config.json", Array(model.tokenizer.configurationJSON().text(.indented).utf8)),
    ]
  }

  private func configuration(
    _ lora: LoRASpecification, _ plan: AdaptationPlan
  ) -> AdapterConfiguration {
    let targets: AdapterConfiguration.Targets =
      switch lora.targets {
      case .list(let entries): .names(entries)
      case .pattern(let pattern): .pattern(pattern)
      case .allLinear:
        .names(
          Set(plan.adapted.compactMap { $0.path.split(separator: ".").last.map(String.init) })
            .sorted())
      case .familyDefault: .names(model.description.family.defaultTargets)
      }
    var configuration = AdapterConfiguration(targetModules: targets)
    configuration.rank = lora.rank
    configuration.fanInFanOut = plan.storesInputsFirst
    configuration.alpha = lora.alpha
    configuration.dropout = lora.dropout
    configuration.bias =
      switch lora.bias {
      case .none: .none
      case .all: .all
      case .loraOnly: .loraOnly
      }
    configuration.excludeModules =
      switch lora.exclude {
      case .list(let entries)?: .names(entries)
      case .pattern(let pattern)?: .pattern(pattern)
      case nil: nil
      }
    configuration.layersToTransform = lora.layersToTransform
    configuration.layersPattern = lora.layersPattern.isEmpty ? nil : lora.layersPattern
    configuration.rankPattern = lora.rankPattern.map { .init($0.pattern, $0.value) }
    configuration.alphaPattern = lora.alphaPattern.map { .init($0.pattern, $0.value) }
    configuration.modulesToSave = lora.modulesToSave.isEmpty ? nil : lora.modulesToSave
    configuration.usesRankStabilizedScaling = lora.useRSLoRA
    configuration.trainableTokens = lora.trainableTokens.map {
      .init(module: $0.module, ids: $0.ids)
    }
    configuration.hasBias = lora.loraBias
    configuration.isDecomposed = lora.useDoRA
    configuration.initialization = lora.start == .gaussian ? .gaussian : .kaimingUniform
    if !plan.splitModules.isEmpty { configuration.doubleRanks() }
    configuration.taskType = model.description.task.adapterTaskType
    configuration.baseModel = model.checkpoint?.path
    return configuration
  }

  private static func transposed(_ values: UnsafeBufferPointer<Float>, _ shape: Shape) -> [Float] {
    let (rows, columns) = (shape[0], shape[1])
    return (0..<columns).flatMap { column in
      (0..<rows).map { values[$0 * columns + column] }
    }
  }
}
