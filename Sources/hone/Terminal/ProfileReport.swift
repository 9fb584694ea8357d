import Planning
import Tensors

/// What the operations of a stage took, as a table.
struct ProfileReport {
  let entries: [OperationProfile.Entry]
  /// What the machine does at best; nil where it was not measured.
  let calibration: Calibration?
  /// The time of the whole stage.
  let seconds: Double

  /// The table's lines; the share of the roofline is the least time that the machine needs for the
  /// operation's arithmetic or its bytes, against the time that it took.
  var lines: [String] {
    var table = TextTable(rightAligned: [false, true, true, true, true, true, true])
    table.add(["operation", "calls", "time", "share", "GFLOP/s", "GB/s", "of roofline"])
    for entry in entries {
      table.add([
        entry.operation, Quantities.grouped(entry.calls), Quantities.duration(entry.seconds),
        percent(entry.seconds / seconds),
        rate(Double(entry.floatingPointOperations) / entry.seconds),
        rate(Double(entry.byteCount) / entry.seconds),
        shareOfRoofline(entry).map(percent) ?? "",
      ])
    }
    let inOperations = entries.reduce(0) { $0 + $1.seconds }
    table.add([
      "beside operations", "", Quantities.duration(max(0, seconds - inOperations)),
      percent(max(0, seconds - inOperations) / seconds),
    ])
    return table.lines
  }

  private func shareOfRoofline(_ entry: OperationProfile.Entry) -> Double? {
    guard let calibration, entry.seconds > 0 else { return nil }
    let arithmetic =
      Double(entry.floatingPointOperations) * calibration.seconds(perUnitOf: .products)
    let memory = Double(entry.byteCount) * calibration.seconds(perUnitOf: .streams)
    return min(1, max(arithmetic, memory) / entry.seconds)
  }

  private func percent(_ share: Double) -> String {
    "\(Quantities.decimal(100 * share, digits: 1)) %"
  }

  private func rate(_ perSecond: Double) -> String {
    perSecond >= 1e7 ? Quantities.decimal(perSecond / 1e9, digits: 1) : ""
  }
}
