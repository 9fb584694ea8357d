package import JSONSyntax

/// What a backend takes for each kind of work, measured on the machine at hand.
package struct Calibration: Hashable, Sendable {
  private let secondsPerUnit: [Double]
  /// Whether the machine was at rest: repeated runs took much the same time.
  package let isSteady: Bool
  /// How often it was measured; of several times the least counts.
  package let measurements: Int

  /// A backend that takes `seconds` for a unit of each kind.
  package init(isSteady: Bool = true, _ seconds: (StageCost.Kind) -> Double) {
    secondsPerUnit = StageCost.Kind.allCases.map(seconds)
    self.isSteady = isSteady
    measurements = 1
  }

  /// The least time of each kind in two measurements of one backend.
  package init(leastOf first: Calibration, _ second: Calibration) {
    secondsPerUnit = zip(first.secondsPerUnit, second.secondsPerUnit).map(min)
    isSteady = first.isSteady || second.isSteady
    measurements = first.measurements + second.measurements
  }

  /// Whether it is worth measuring again: the machine was busy, and not yet five times.
  var isProvisional: Bool { !isSteady && measurements < 5 }

  /// The time of a unit of `kind`.
  package func seconds(perUnitOf kind: StageCost.Kind) -> Double {
    StageCost.Kind.allCases.firstIndex(of: kind).map { secondsPerUnit[$0] } ?? 0
  }

  /// The time of `cost`: its parts one after the other.
  package func seconds(for cost: StageCost) -> Double {
    StageCost.Kind.allCases.reduce(0) { $0 + cost[$1] * seconds(perUnitOf: $1) }
  }
}

extension Calibration {
  /// The seconds of a unit by kind, and how they were measured.
  package var json: JSONValue {
    let times = StageCost.Kind.allCases.map {
      ($0.rawValue, JSONValue.number(seconds(perUnitOf: $0)))
    }
    return .object(
      JSONObject(
        times + [("steady", .bool(isSteady)), ("measurements", .int(measurements))]))
  }

  /// Reads what ``json`` writes; nil where a kind is missing or no time.
  package init?(json: JSONValue) {
    var seconds: [Double] = []
    for kind in StageCost.Kind.allCases {
      guard let value = json[kind.rawValue]?.number, value.isFinite, value >= 0 else { return nil }
      seconds.append(value)
    }
    guard let isSteady = json["steady"]?.bool, let measurements = json["measurements"]?.integer,
      measurements > 0
    else { return nil }
    secondsPerUnit = seconds
    self.isSteady = isSteady
    self.measurements = measurements
  }
}
