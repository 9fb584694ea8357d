/// What Python's `str` does, over Unicode scalars and bytes rather than Swift's characters.
enum PythonText {
  /// Whether Python's `str.isspace` holds.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    ScalarClass.whiteSpace.contains(scalar) || (0x1C...0x1F).contains(scalar.value)
  }

  /// Whether two texts have the same scalars; `String` takes other spellings for equal.
  static func equal(_ lhs: String, _ rhs: String) -> Bool { lhs.utf8.elementsEqual(rhs.utf8) }

  /// Whether `lhs` comes before `rhs` by code points.
  static func precedes(_ lhs: String, _ rhs: String) -> Bool {
    lhs.utf8.lexicographicallyPrecedes(rhs.utf8)
  }

  /// Where `range` of UTF-8 begins without the white space at its start.
  static func trimmedStart(of bytes: [UInt8], _ range: Range<Int>) -> Int {
    bytes.withUnsafeBufferPointer { buffer in
      var start = range.lowerBound
      while start < range.upperBound {
        let (scalar, end) = UTF8Scan.scalar(at: start, in: buffer)
        guard isSpace(scalar) else { break }
        start = end
      }
      return min(start, range.upperBound)
    }
  }

  /// Where `range` of UTF-8 ends without the white space at its end.
  static func trimmedEnd(of bytes: [UInt8], _ range: Range<Int>) -> Int {
    bytes.withUnsafeBufferPointer { buffer in
      var end = range.upperBound
      while end > range.lowerBound {
        let before = UTF8Scan.start(before: end, in: buffer)
        guard before >= range.lowerBound, isSpace(UTF8Scan.scalar(at: before, in: buffer).scalar)
        else { break }
        end = before
      }
      return end
    }
  }

  /// `text` without the scalars of `set` (white space where nil) at the ends asked for.
  static func stripped(
    _ text: String, of set: String? = nil, left: Bool = true, right: Bool = true
  ) -> String {
    let scalars = text.unicodeScalars
    func isStripped(_ scalar: Unicode.Scalar) -> Bool {
      set.map { $0.unicodeScalars.contains(scalar) } ?? isSpace(scalar)
    }
    var start = scalars.startIndex
    var end = scalars.endIndex
    while left, start < end, isStripped(scalars[start]) { start = scalars.index(after: start) }
    while right, end > start {
      let before = scalars.index(before: end)
      guard isStripped(scalars[before]) else { break }
      end = before
    }
    return String(scalars[start..<end])
  }

  /// Where `part` begins in `text` at or after `start`, in bytes.
  static func find(_ part: [UInt8], in text: [UInt8], from start: Int = 0) -> Int? {
    guard !part.isEmpty else { return start <= text.count ? start : nil }
    guard text.count >= part.count else { return nil }
    var index = start
    while index + part.count <= text.count {
      if text[index] == part[0], text[index..<index + part.count].elementsEqual(part) {
        return index
      }
      index += 1
    }
    return nil
  }

  /// Whether `part` is in `text`.
  static func contains(_ text: String, _ part: String) -> Bool {
    find(Array(part.utf8), in: Array(text.utf8)) != nil
  }

  /// `text` cut at `separator`, at most `limit` times; at runs of white space where it is nil.
  static func split(_ text: String, at separator: String?, limit: Int = .max) -> [String] {
    let bytes = Array(text.utf8)
    var parts: [String] = []
    func add(_ range: Range<Int>) { parts.append(String(decoding: bytes[range], as: UTF8.self)) }
    guard let separator else {
      var start = trimmedStart(of: bytes, 0..<bytes.count)
      while start < bytes.count {
        guard parts.count < limit else {
          add(start..<trimmedEnd(of: bytes, start..<bytes.count))
          break
        }
        let end = spaceStart(in: bytes, from: start)
        add(start..<end)
        start = trimmedStart(of: bytes, end..<bytes.count)
      }
      return parts
    }
    let part = Array(separator.utf8)
    var start = 0
    while parts.count < limit, let found = find(part, in: bytes, from: start) {
      add(start..<found)
      start = found + part.count
    }
    add(start..<bytes.count)
    return parts
  }

  private static func spaceStart(in bytes: [UInt8], from start: Int) -> Int {
    bytes.withUnsafeBufferPointer { buffer in
      var index = start
      while index < buffer.count {
        let (scalar, end) = UTF8Scan.scalar(at: index, in: buffer)
        if isSpace(scalar) { break }
        index = end
      }
      return index
    }
  }

  /// `text` cut at `separator` from the right, at most `limit` times.
  static func splitFromRight(_ text: String, at separator: String, limit: Int) -> [String] {
    var parts = split(text, at: separator)
    while parts.count > max(0, limit) + 1 {
      let second = parts.remove(at: 1)
      parts[0] += separator + second
    }
    return parts
  }

  /// `text` cut into lines without their ends.
  static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var wasReturn = false
    var isOpen = false
    for scalar in text.unicodeScalars {
      if scalar == "\n", wasReturn {
        wasReturn = false
        continue
      }
      wasReturn = scalar == "\r"
      switch scalar.value {
      case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
        lines.append(String(line))
        line = .init()
        isOpen = false
      default:
        line.append(scalar)
        isOpen = true
      }
    }
    if isOpen { lines.append(String(line)) }
    return lines
  }

  /// `text` with `old` written as `new`, the first `limit` times.
  static func replacing(
    _ old: String, with new: String, in text: String, limit: Int = .max
  ) -> String {
    let bytes = Array(text.utf8)
    let part = Array(old.utf8)
    var result: [UInt8] = []
    if part.isEmpty {
      var count = 0
      for scalar in text.unicodeScalars {
        if count < limit { result += Array(new.utf8) }
        count += 1
        result += Array(String(scalar).utf8)
      }
      if count < limit { result += Array(new.utf8) }
      return String(decoding: result, as: UTF8.self)
    }
    var start = 0
    var count = 0
    while count < limit, let found = find(part, in: bytes, from: start) {
      result += bytes[start..<found]
      result += Array(new.utf8)
      start = found + part.count
      count += 1
    }
    result += bytes[start...]
    return String(decoding: result, as: UTF8.self)
  }

  /// `text` with its first letter large and the others small.
  static func capitalized(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return "" }
    let rest = String(text.unicodeScalars.dropFirst())
    return first.properties.titlecaseMapping + rest.lowercased()
  }

  /// `text` with the first letter of every run of letters large and the others small.
  static func titled(_ text: String) -> String {
    var result = ""
    var follows = false
    for scalar in text.unicodeScalars {
      let isCased = scalar.properties.isCased
      result +=
        follows ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
      follows = isCased
    }
    return result
  }

  /// What the escapes of a text between quotes stand for.
  static func unescaped(_ bytes: [UInt8]) -> String {
    guard bytes.contains(0x5C) else { return String(decoding: bytes, as: UTF8.self) }
    var result: [UInt8] = []
    var index = 0
    func append(_ value: UInt32?) -> Bool {
      guard let value, let scalar = Unicode.Scalar(value) else { return false }
      result += Array(String(scalar).utf8)
      return true
    }
    func number(_ start: Int, _ count: Int, radix: Int) -> UInt32? {
      guard start + count <= bytes.count else { return nil }
      return UInt32(String(decoding: bytes[start..<start + count], as: UTF8.self), radix: radix)
    }
    while index < bytes.count {
      guard bytes[index] == 0x5C, index + 1 < bytes.count else {
        result.append(bytes[index])
        index += 1
        continue
      }
      let next = bytes[index + 1]
      index += 2
      switch Unicode.Scalar(next) {
      case "\n": break
      case "\\", "'", "\"": result.append(next)
      case "n": result.append(0x0A)
      case "t": result.append(0x09)
      case "r": result.append(0x0D)
      case "a": result.append(0x07)
      case "b": result.append(0x08)
      case "f": result.append(0x0C)
      case "v": result.append(0x0B)
      case "x" where append(number(index, 2, radix: 16)): index += 2
      case "u" where append(number(index, 4, radix: 16)): index += 4
      case "U" where append(number(index, 8, radix: 16)): index += 8
      case "0", "1", "2", "3", "4", "5", "6", "7":
        var end = index - 1
        while end < bytes.count, end < index + 2, (0x30...0x37).contains(bytes[end]) { end += 1 }
        _ = append(number(index - 1, end - index + 1, radix: 8))
        index = end
      default: result += [0x5C, next]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension PythonText {
  /// Where `part` stands in `text`, in scalars.
  static func places(of part: String, in text: String, overlapping: Bool = false) -> [Int] {
    let bytes = Array(text.utf8)
    let searched = Array(part.utf8)
    if searched.isEmpty { return Array(0...text.unicodeScalars.count) }
    var places: [Int] = []
    var scalars = 0
    var counted = 0
    var start = 0
    while let found = find(searched, in: bytes, from: start) {
      for byte in bytes[counted..<found] where byte & 0xC0 != 0x80 { scalars += 1 }
      counted = found
      places.append(scalars)
      start = found + (overlapping ? 1 : searched.count)
    }
    return places
  }
}
