package import JSONSyntax

/// What a backend takes for each kind of work, measured on the machine at hand.
package struct Calibration: Hashable, Sendable {
  private let secondsPerUnit: [Double]

  /// A backend that takes `seconds` for a unit of each kind.
  package init(_ seconds: (StageCost.Kind) -> Double) {
    secondsPerUnit = StageCost.Kind.allCases.map(seconds)
  }

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
  /// The seconds of a unit by kind.
  package var json: JSONValue {
    .object(
      JSONObject(
        StageCost.Kind.allCases.map { ($0.rawValue, .number(seconds(perUnitOf: $0))) }))
  }

  /// Reads what ``json`` writes; nil where a kind is missing or no time.
  package init?(json: JSONValue) {
    var seconds: [Double] = []
    for kind in StageCost.Kind.allCases {
      guard let value = json[kind.rawValue]?.number, value.isFinite, value >= 0 else { return nil }
      seconds.append(value)
    }
    secondsPerUnit = seconds
  }
}
