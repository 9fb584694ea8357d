import JSONSyntax

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How rotary frequencies are stretched for contexts longer than the first training's.
package enum RopeScaling: Hashable, Sendable {
  case none
  /// All frequencies divided by `factor`.
  case linear(factor: Double)
  /// Llama 3.1's: low frequencies divided by `factor`, high ones kept, those between blended.
  case llama3(factor: Double, lowFactor: Double, highFactor: Double, originalContext: Int)

  /// Radians a position, one a pair of a head's `dimension` numbers, in float32 as transformers.
  ///
  /// Source: transformers, `modeling_rope_utils.py`.
  package func inverseFrequencies(theta: Double, dimension: Int) -> [Float] {
    stride(from: 0, to: dimension, by: 2).map { index in
      let frequency = 1 / powf(Float(theta), Float(index) / Float(dimension))
      switch self {
      case .none: return frequency
      case .linear(let factor): return frequency / Float(factor)
      case .llama3(let factor, let low, let high, let context):
        let wavelength = Float(2 * Double.pi) / frequency
        if Double(wavelength) < Double(context) / high { return frequency }
        if Double(wavelength) > Double(context) / low { return frequency / Float(factor) }
        let blend = (Float(context) / wavelength - Float(low)) / Float(high - low)
        return (1 - blend) * frequency / Float(factor) + blend * frequency
      }
    }
  }

  /// Reads `rope_theta` with `rope_scaling`, or `rope_parameters` as transformers 5 writes them.
  static func read(_ reader: ConfigurationReader) throws(ModelError) -> (Double, RopeScaling) {
    let parameters = try reader.nested("rope_parameters")
    let nestedTheta = try parameters?.optionalNumber("rope_theta")
    let olderTheta = try reader.number("rope_theta", default: 10_000)
    let theta = nestedTheta ?? olderTheta
    let older = try reader.nested("rope_scaling")
    return (theta, try read(section: parameters ?? older))
  }

  /// Reads what stands in `rope_scaling` or `rope_parameters`.
  static func read(section: ConfigurationReader?) throws(ModelError) -> RopeScaling {
    guard let section else { return .none }
    let key = section.has("rope_type") ? "rope_type" : "type"
    let kind = try section.choice(key, Kind.allCases.map { ($0.rawValue, $0) }, default: "default")
    switch kind {
    case .default: return .none
    case .linear: return .linear(factor: try section.number("factor"))
    case .llama3:
      let (low, high) = (
        try section.number("low_freq_factor"), try section.number("high_freq_factor")
      )
      if low >= high {
        throw section.invalid("high_freq_factor", .number(high), "above `low_freq_factor` (\(low))")
      }
      return .llama3(
        factor: try section.number("factor"), lowFactor: low, highFactor: high,
        originalContext: try section.integer(
          "original_max_position_embeddings", in: StackLimits.context))
    }
  }

  /// The value of `rope_scaling`.
  var json: JSONValue {
    switch self {
    case .none: nil
    case .linear(let factor): ["factor": .number(factor), "rope_type": "linear"]
    case .llama3(let factor, let low, let high, let context):
      [
        "factor": .number(factor), "high_freq_factor": .number(high),
        "low_freq_factor": .number(low),
        "original_max_position_embeddings": .integer(Int64(context)), "rope_type": "llama3",
      ]
    }
  }

  private enum Kind: String, CaseIterable { case `default`, linear, llama3 }
}
