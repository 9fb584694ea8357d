extension Pipeline {
  /// The pipeline with other stages, made of its own; the rest stays as it was said.
  package func replacingStages(_ replacement: (Stage) -> Stage?) -> Pipeline {
    Pipeline(
      file: file, name: name, seed: seed, backend: backend, model: model, data: data,
      stages: stages.compactMap(replacement), output: output)
  }

  /// The pipeline with frozen weights kept in another type.
  package func replacing(dtype: ModelSection.WeightType, origin: Origin) -> Pipeline {
    let other = ModelSection(
      source: model.source, config: model.config, task: model.task, labels: model.labels,
      problemType: model.problemType,
      dtype: Setting(dtype, path: model.dtype.path, origin: origin), dropout: model.dropout,
      tokenizer: model.tokenizer,
      tokenizerTraining: model.tokenizerTraining, span: model.span)
    return Pipeline(
      file: file, name: name, seed: seed, backend: backend, model: other, data: data,
      stages: stages, output: output)
  }
}

extension Stage {
  /// The stage with other settings of the same kind.
  package func replacing(_ work: Work) -> Stage {
    Stage(name: name, work: work, span: span, path: path)
  }
}

extension TrainStage {
  /// The stage with another method.
  package func replacing(_ method: Method) -> TrainStage {
    TrainStage(
      data: data, method: method, length: length, startEpoch: startEpoch, batch: batch,
      optimizer: optimizer,
      schedule: schedule, clipNorm: clipNorm, recompute: recompute, checkpoint: checkpoint,
      evaluate: evaluate)
  }

  /// The stage with another length.
  package func replacing(_ length: Length) -> TrainStage {
    TrainStage(
      data: data, method: method, length: length, startEpoch: startEpoch, batch: batch,
      optimizer: optimizer,
      schedule: schedule, clipNorm: clipNorm, recompute: recompute, checkpoint: checkpoint,
      evaluate: evaluate)
  }

  /// The stage with micro-batches of `size` rows, `accumulate` of them a step.
  package func replacingBatch(size: Int, accumulate: Int, origin: Origin) -> TrainStage {
    let other = BatchSection(
      size: Setting(size, path: batch.size.path, origin: origin),
      accumulate: Setting(accumulate, path: batch.accumulate.path, origin: origin),
      order: batch.order, dropLast: batch.dropLast, packing: batch.packing)
    return TrainStage(
      data: data, method: method, length: length, startEpoch: startEpoch, batch: other,
      optimizer: optimizer,
      schedule: schedule, clipNorm: clipNorm, recompute: recompute, checkpoint: checkpoint,
      evaluate: evaluate)
  }
}

extension EvaluateStage {
  /// The stage with batches of `batchSize` rows.
  package func replacing(batchSize: Int, origin: Origin) -> EvaluateStage {
    EvaluateStage(
      data: data, measurement: measurement,
      batchSize: Setting(batchSize, path: self.batchSize.path, origin: origin))
  }
}
