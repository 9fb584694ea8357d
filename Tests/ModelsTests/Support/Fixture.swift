import Artifacts
import Foundation
import JSONSyntax
import Models
import Tensors
import Testing

/// Reads the oracles' files in `Tests/Fixtures`.
enum Fixture {
  /// The path of a file or directory.
  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/\(name)")
      .path(percentEncoded: false)
  }

  static func json(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: String(contentsOfFile: path(name), encoding: .utf8))
  }

  /// All tensors of a safetensors file as float32.
  static func tensors(_ name: String) throws -> [String: [Float]] {
    let file = try SafetensorsFile.open(path(name))
    return Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.floats) })
  }

  /// The description of a model of the fixtures, with `settings` in its config.json.
  static func description(
    _ name: String, task: ModelTask? = nil, settings: JSONObject = JSONObject()
  ) throws -> ModelDescription {
    var object = try #require(json("\(name)/config.json").object)
    for (key, value) in settings.members { object[key] = value }
    return ModelDescription(try ModelConfiguration(json: .object(object)), task: task)
  }

  /// A model's stored weights, from one file or from shards.
  static func weights(_ name: String) throws -> [String: [Float]] {
    let checkpoint = try Checkpoint.open(path(name))
    return checkpoint.tensors.mapValues(\.floats)
  }
}

extension StoredTensor {
  var floats: [Float] {
    [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
      readFloat32(into: UnsafeMutableBufferPointer(rebasing: buffer[..<shape.count]))
      count = shape.count
    }
  }
}

extension JSONValue {
  /// The integers of an array.
  var integers: [Int] { (array ?? []).compactMap(\.integer) }
  /// The numbers of an array.
  var numbers: [Double] { (array ?? []).compactMap(\.number) }
  /// The strings of an array.
  var strings: [String] { (array ?? []).compactMap(\.string) }
  /// The rows of an array of arrays of integers.
  var rows: [[Int]] { (array ?? []).map(\.integers) }
}

/// ‖a − b‖ / ‖b‖, or ‖a‖ where b is zero.
func relativeDifference(_ a: [Float], _ b: [Float]) -> Double {
  guard a.count == b.count else { return .infinity }
  var (difference, size) = (0.0, 0.0)
  for (x, y) in zip(a, b) {
    difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
    size += Double(y) * Double(y)
  }
  return size == 0 ? difference.squareRoot() : (difference / size).squareRoot()
}

/// max |a − b|.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
