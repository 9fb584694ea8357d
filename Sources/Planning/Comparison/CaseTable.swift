/// The cases of a pipeline's matrix, a line each: what differs, and what each costs.
package struct CaseTable: Hashable, Sendable {
  /// One case with its plan, and its time where that is known.
  package struct Case: Hashable, Sendable {
    package let name: String
    package let plan: Plan
    package let seconds: Double?

    package init(_ name: String, _ plan: Plan, seconds: Double?) {
      self.name = name
      self.plan = plan
      self.seconds = seconds
    }
  }

  /// More settings than these do not fit on a line.
  private static let mostColumns = 4

  private let cases: [Case]
  /// The settings that the cases differ in, but for what follows from their names.
  package let varying: [String]

  /// A table of `cases`, in their order.
  package init(_ cases: [Case]) {
    self.cases = cases
    var values: [String: Set<String?>] = [:]
    var order: [String] = []
    let known = cases.map { Self.values(of: $0.plan) }
    for setting in cases.flatMap(\.plan.settings) where values[setting.path] == nil {
      order.append(setting.path)
      values[setting.path] = Set(known.map { $0[setting.path] })
    }
    varying = order.filter { path in
      (values[path]?.count ?? 0) > 1 && path != "name" && path != "output"
        && !path.contains(".export.")
    }
  }

  private static func values(of plan: Plan) -> [String: String] {
    Dictionary(plan.settings.map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// The table.
  package func text() -> String {
    let shown = Array(varying.prefix(Self.mostColumns))
    let hasTimes = cases.contains { $0.seconds != nil }
    var table = TextTable(
      rightAligned: [false] + shown.map { _ in true } + [true, true, true, true]
        + (hasTimes ? [true] : []) + [false])
    let names = shown.map { Self.short($0, among: shown) }
    table.add(
      ["case"] + names + ["trainable", "steps", "memory", "FLOP"] + (hasTimes ? ["time"] : [])
        + ["plan"])
    for entry in cases {
      let values = Self.values(of: entry.plan)
      let time = entry.seconds.map(Quantities.duration) ?? "–"
      table.add(
        [entry.name] + shown.map { PlanDifference.short(values[$0] ?? "–") }
          + Self.costs(entry.plan) + (hasTimes ? [time] : [])
          + [String(entry.plan.identity.prefix(16))])
    }
    var lines = table.lines
    if varying.count > shown.count {
      lines += [
        "", "they also differ in " + varying.dropFirst(shown.count).joined(separator: ", "),
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func costs(_ plan: Plan) -> [String] {
    let stages = plan.stages.compactMap { stage -> TrainingPlan? in
      if case .train(let training) = stage.work { training } else { nil }
    }
    let operations = stages.reduce(0) { sum, stage in
      let (total, overflow) = sum.addingReportingOverflow(stage.floatingPointOperations)
      return overflow ? .max : total
    }
    return [
      Quantities.grouped(stages.map(\.trainableCount).max() ?? 0),
      Quantities.grouped(stages.reduce(0) { $0 &+ $1.totalSteps }),
      Quantities.bytes(plan.memory.peakBytes), Quantities.scaled(operations).trimmed,
    ]
  }

  /// The last part of a path, or more of it where another ends the same.
  private static func short(_ path: String, among paths: [String]) -> String {
    let parts = path.split(separator: ".").map(String.init)
    for count in 1...max(1, parts.count) {
      let name = parts.suffix(count).joined(separator: ".")
      if paths.filter({ $0 == name || $0.hasSuffix("." + name) }).count <= 1 { return name }
    }
    return path
  }
}

extension String {
  /// Without a space at its end.
  fileprivate var trimmed: String { last == " " ? String(dropLast()) : self }
}
