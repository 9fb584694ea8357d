extension Stage {
  /// The settings that name rows, in their order.
  var data: [Setting<String>] {
    switch work {
    case .train(let train): [train.data] + (train.evaluate.map { [$0.data] } ?? [])
    case .evaluate(let evaluate): [evaluate.data]
    case .generate, .export: []
    }
  }
}

extension Pipeline {
  /// The names of the rows that stages use: entries of `data` and parts of them.
  package var dataOfStages: Set<String> {
    Set(stages.flatMap(\.data).map(\.value))
  }
}
