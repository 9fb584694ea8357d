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
  /// - Throws: ``JSONError`` with the place.
  package init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var failure = json_error_t()
    let flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    guard let root = json_loadb(start, bytes.count, Int(flags), &failure) else {
      let reason = withUnsafePointer(to: &failure.text) { pointer in
        String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      throw JSONError(
        reason: reason, line: max(1, Int(failure.line)), column: max(1, Int(failure.column)))
    }
    defer { json_decref(root) }
    self = Self.converted(root)
  }

  private static func converted(_ node: UnsafeMutablePointer<json_t>) -> JSONValue {
    switch node.pointee.type {
    case JSON_OBJECT:
      var object = JSONObject()
      var cursor = json_object_iter(node)
      while let position = cursor {
        if let value = json_object_iter_value(position) {
          let length = json_object_iter_key_len(position)
          object[text(json_object_iter_key(position), length)] = converted(value)
        }
        cursor = json_object_iter_next(node, position)
      }
      return .object(object)
    case JSON_ARRAY:
      return .array(
        (0..<json_array_size(node)).compactMap { json_array_get(node, $0).map(converted) })
    case JSON_STRING: return .string(text(json_string_value(node), json_string_length(node)))
    case JSON_INTEGER: return .integer(Int64(json_integer_value(node)))
    case JSON_REAL: return .number(json_real_value(node))
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
