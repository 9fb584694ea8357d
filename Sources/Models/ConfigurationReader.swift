import JSONSyntax

/// Reads the keys of a config.json, each with the range that it must lie in.
struct ConfigurationReader {
  let object: JSONObject
  private let prefix: String

  /// - Throws: ``ModelError/invalidValue(key:found:expected:)`` when `json` is no object.
  init(_ json: JSONValue, key: String = "") throws(ModelError) {
    guard let object = json.object else {
      throw .invalidValue(
        key: key.isEmpty ? "config.json" : key, found: Self.shown(json), expected: "an object")
    }
    self.object = object
    prefix = key.isEmpty ? "" : key + "."
  }

  /// Whether the key is there and not null.
  func has(_ key: String) -> Bool { value(key) != nil }

  /// Whether the key is there, null or not.
  func isPresent(_ key: String) -> Bool { object[key] != nil }

  /// Throws where the key asks for something that is not built.
  func refuse(_ key: String, supported: String) throws(ModelError) {
    guard let value = value(key), value.bool != false else { return }
    throw .unsupportedValue(
      key: prefix + key, found: value.object == nil ? Self.shown(value) : "an object",
      supported: supported)
  }

  func integer(_ key: String, in range: ClosedRange<Int>, default standard: Int)
    throws(ModelError) -> Int
  {
    try optionalInteger(key, in: range) ?? standard
  }

  /// An integer or null; `standard` where the key is not there.
  func nullableInteger(_ key: String, in range: ClosedRange<Int>, default standard: Int?)
    throws(ModelError) -> Int?
  {
    isPresent(key) ? try optionalInteger(key, in: range) : standard
  }

  func number(_ key: String, default standard: Double) throws(ModelError) -> Double {
    try optionalNumber(key) ?? standard
  }

  /// A list of strings.
  func optionalStrings(_ key: String) throws(ModelError) -> [String]? {
    guard let value = value(key) else { return nil }
    var strings: [String] = []
    for element in value.array ?? [] {
      if let string = element.string { strings.append(string) }
    }
    guard let array = value.array, strings.count == array.count else {
      throw invalid(key, value, "a list of strings")
    }
    return strings
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int {
    guard let found = try optionalInteger(key, in: range) else {
      throw .missingKey(prefix + key)
    }
    return found
  }

  func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let found = value.integer, range.contains(found) else {
      throw invalid(
        key, value, "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return found
  }

  func number(_ key: String) throws(ModelError) -> Double {
    guard let found = try optionalNumber(key) else { throw .missingKey(prefix + key) }
    return found
  }

  /// A finite number above zero.
  func optionalNumber(_ key: String) throws(ModelError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let found = value.number, found > 0, found.isFinite, Float(found).isFinite else {
      throw invalid(key, value, "a number above 0")
    }
    return found
  }

  func bool(_ key: String, default standard: Bool) throws(ModelError) -> Bool {
    guard let value = value(key) else { return standard }
    guard let found = value.bool else { throw invalid(key, value, "true or false") }
    return found
  }

  func optionalString(_ key: String) throws(ModelError) -> String? {
    guard let value = value(key) else { return nil }
    guard let found = value.string else { throw invalid(key, value, "a string") }
    return found
  }

  /// One of `choices`, the words that stand in the file.
  func choice<Choice>(
    _ key: String, _ choices: [(word: String, choice: Choice)], default standard: String
  ) throws(ModelError) -> Choice {
    let word = try optionalString(key) ?? standard
    guard let found = choices.first(where: { $0.word == word }) else {
      throw .unsupportedValue(
        key: prefix + key, found: word,
        supported: choices.map { "`\($0.word)`" }.joined(separator: ", "))
    }
    return found.choice
  }

  /// One integer or a list of them.
  func integers(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> [Int] {
    guard let value = value(key) else { return [] }
    var found: [Int] = []
    for element in value.array ?? [value] {
      guard let number = element.integer, range.contains(number) else {
        throw invalid(key, value, "an integer, or a list of them, up to \(range.upperBound)")
      }
      found.append(number)
    }
    return found
  }

  func nested(_ key: String) throws(ModelError) -> ConfigurationReader? {
    guard let value = value(key) else { return nil }
    return try ConfigurationReader(value, key: prefix + key)
  }

  func invalid(_ key: String, _ value: JSONValue, _ expected: String) -> ModelError {
    .invalidValue(key: prefix + key, found: Self.shown(value), expected: expected)
  }

  /// The value of `key` where it is not null.
  private func value(_ key: String) -> JSONValue? {
    guard let value = object[key], !value.isNull else { return nil }
    return value
  }

  private static func shown(_ value: JSONValue) -> String {
    let text = value.text()
    return text.count > 60 ? text.prefix(57) + "…" : text
  }
}
