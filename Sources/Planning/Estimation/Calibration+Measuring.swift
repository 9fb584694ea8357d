package import Tensors

extension Calibration {
  /// How long each kind of work is measured, in seconds: all together take a third of a second.
  private static let budget = 0.025

  /// Measures `backend` by small programs of real operations; `now` tells seconds.
  ///
  /// What is bound by memory is measured on more than a processor's caches hold, as in a step the
  /// operands of an operation are seldom there any more.
  ///
  /// - Throws: ``BackendError``, ``ProgramError`` or ``AllocationError`` where it cannot run them.
  package static func measuring(
    _ backend: any ComputeBackend, now: @escaping () -> Double
  ) throws -> Calibration {
    var meter = CalibrationMeter(backend, budget: budget, now: now)
    try meter.measure(
      .operations, .chain(.add(Add()), rows: 1, columns: 16, count: 64, operands: 2))
    try meter.measure(
      .streams, .chain(.add(Add()), rows: 32, columns: 512, count: 4, operands: 2),
      .chain(.add(Add()), rows: 2048, columns: 1024, operands: 2))
    try meter.measure(
      .activations, .chain(.activation(Activation(.silu)), rows: 32, columns: 512),
      .chain(.activation(Activation(.silu)), rows: 256, columns: 512))
    let dropout = Dropout(rate: 0.1, stream: "probe")
    try meter.measure(
      .dropout, .chain(.dropout(dropout), rows: 32, columns: 512),
      .chain(.dropout(dropout), rows: 256, columns: 512))
    try meter.measure(
      .attention, .attention(length: 32, heads: 4, headDimension: 32),
      .attention(length: 256, heads: 4, headDimension: 64))
    try meter.measureProducts(
      dense: [
        .product(rows: 32, inner: 64, columns: 64), .product(rows: 128, inner: 256, columns: 256),
        .product(rows: 256, inner: 512, columns: 512),
      ],
      thin: [
        .product(rows: 32, inner: 64, columns: 8), .product(rows: 2048, inner: 1024, columns: 8),
      ])
    if backend.capabilities.weightTypes.contains(.bfloat16) {
      try meter.measure(
        .bfloat16Products, .product(rows: 32, inner: 64, columns: 64, type: .bfloat16),
        .product(rows: 128, inner: 256, columns: 256, type: .bfloat16),
        .product(rows: 256, inner: 512, columns: 512, type: .bfloat16))
    }
    try meter.measure(
      .vectorProducts, .product(rows: 1, inner: 64, columns: 64),
      .product(rows: 1, inner: 1024, columns: 1024))
    try meter.measureUpdates()
    return meter.calibration
  }
}
