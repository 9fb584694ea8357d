import CJansson

/// Why a text is no JSON value, and where.
package struct JSONError: Error, Hashable, Sendable {
  /// What the parser found, in its words.
  package let reason: String
  /// The line, from 1.
  package let line: Int
  /// The column in bytes, from 1.
  package let column: Int
}

extension JSONValue {
  /// Parses one JSON text of UTF-8, any kind of value at the top.
  ///
  /// Depth is bounded by the parser (2,048); a repeated key is an error.
  ///
  /// - Throws: ``JSONError`` with the place.
  package init(parsing text: String) throws(JSONError) {
    var text = text
    let parsed: Result<JSONValue, JSONError> = text.withUTF8 { bytes in
      Result { () throws(JSONError) -> JSONValue in
        try JSONValue(parsing: UnsafeRawBufferPointer(bytes))
      }
    }
    self = try parsed.get()
  }

  /// Parses one JSON text from bytes, which must be UTF-8.
  ///
  /// An integer beyond 64 bits is the nearest number: transformers writes 10³⁰ where a tokenizer has no
  /// longest text. In such a text whole numbers may stand as `3.0` or `3` alike.
  ///
  /// - Throws: ``JSONError`` with the place.
  package init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var failure = json_error_t()
    let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL)
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    var root = json_loadb(start, bytes.count, flags, &failure)
    var hasWideIntegers = false
    if root == nil, json_error_code(&failure) == json_error_numeric_overflow {
      hasWideIntegers = true
      root = json_loadb(start, bytes.count, flags | Int(JSON_DECODE_INT_AS_REAL), &failure)
    }
    guard let root else {
      let reason = withUnsafePointer(to: &failure.text) { pointer in
        String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      throw JSONError(
        reason: reason, line: max(1, Int(failure.line)), column: max(1, Int(failure.column)))
    }
    defer { json_decref(root) }
    self = Self.converted(root, wholeNumbers: hasWideIntegers)
  }

  /// The value of `node`; with `wholeNumbers`, numbers without a fraction are integers.
  private static func converted(
    _ node: UnsafeMutablePointer<json_t>, wholeNumbers: Bool
  ) -> JSONValue {
    switch node.pointee.type {
    case JSON_OBJECT:
      var object = JSONObject()
      var cursor = json_object_iter(node)
      while let position = cursor {
        if let value = json_object_iter_value(position) {
          let length = json_object_iter_key_len(position)
          object[text(json_object_iter_key(position), length)] = converted(
            value, wholeNumbers: wholeNumbers)
        }
        cursor = json_object_iter_next(node, position)
      }
      return .object(object)
    case JSON_ARRAY:
      return .array(
        (0..<json_array_size(node)).compactMap {
          json_array_get(node, $0).map { converted($0, wholeNumbers: wholeNumbers) }
        })
    case JSON_STRING: return .string(text(json_string_value(node), json_string_length(node)))
    case JSON_INTEGER: return .integer(Int64(json_integer_value(node)))
    case JSON_REAL:
      let value = json_real_value(node)
      // Up to 2⁵³ every integer is a number of its own.
      if wholeNumbers, abs(value) <= 0x1p53, let whole = Int64(exactly: value) {
        return .integer(whole)
      }
      return .number(value)
    case JSON_TRUE: return .bool(true)
    case JSON_FALSE: return .bool(false)
    default: return .null
    }
  }

  private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    guard let start else { return "" }
    return start.withMemoryRebound(to: UInt8.self, capacity: count) {
      String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
    }
  }
}
