import JSONSyntax
import Testing

@Suite("JSON text to values and back")
struct JSONTextTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-9223372036854775808", "9223372036854775807", "0.1", "-1e-07",
    "1.7976931348623157e+308", "5e-324", #""""#, #""é 日本 🦙""#, #""\"\\\n\r\t\u0000\u001f\u007f""#,
    "[]", "{}", "[1,[2,[3,{}]]]", #"{"b":1,"a":{"y":null,"x":[true]}}"#,
  ])
  func whatIsWrittenIsWhatWasRead(text: String) throws {
    let value = try JSONValue(parsing: text)
    #expect(value.text() == text)
    for layout in [JSONValue.Layout.spaced, .indented] {
      #expect(try JSONValue(parsing: value.text(layout)) == value)
    }
  }

  @Test func layoutsAreThoseOfPython() throws {
    let value = try JSONValue(parsing: #"{"a": [1, 2.5], "b": {}, "c": [], "d": {"e": null}}"#)
    #expect(value.text(.spaced) == #"{"a": [1, 2.5], "b": {}, "c": [], "d": {"e": null}}"#)
    // json.dumps(value, indent=2)
    #expect(
      value.text(.indented) == """
        {
          "a": [
            1,
            2.5
          ],
          "b": {},
          "c": [],
          "d": {
            "e": null
          }
        }
        """)
  }

  @Test func escapesAreRead() throws {
    let value = try JSONValue(parsing: #""\u00e9\ud83e\udd99\/\b\f""#)
    #expect(value == .string("é🦙/\u{8}\u{c}"))
    #expect(value.text() == #""é🦙/\u0008\u000c""#)
  }

  /// As transformers writes `model_max_length` where there is none.
  @Test func integersOfMoreThan64BitsAreTheNearestNumber() throws {
    let value = try JSONValue(
      parsing: #"{"a": 1000000000000000019884624838656, "b": 3, "c": 0.5, "d": -9007199254740992}"#)
    #expect(value["a"] == .number(1e30))
    #expect(value["b"] == .integer(3) && value["c"] == .number(0.5))
    #expect(value["d"] == .integer(-9_007_199_254_740_992))
  }

  @Test func numbersThatAreNoneBecomeNull() {
    #expect(JSONValue.array([.number(.nan), .number(.infinity)]).text() == "[null,null]")
  }

  @Test func keysAreSortedByScalarsWhereAsked() throws {
    let value = try JSONValue(parsing: #"{"b": {"z": 1, "y": 2}, "a": 0, "Z": 3, "é": 4}"#)
    #expect(value.text(sortedKeys: true) == #"{"Z":3,"a":0,"b":{"y":2,"z":1},"é":4}"#)
  }

  @Test(arguments: [
    ("", 1, 1), ("{", 1, 1), ("[1,]", 1, 4), ("{\"a\": 1,\n \"a\": 2}", 2, 4), ("nul", 1, 3),
    ("\"\u{1}\"", 1, 1), ("[1] 2", 1, 5), ("01", 1, 1), ("1e999", 1, 5), ("'a'", 1, 1),
    ("[99999999999999999999, 1e999]", 1, 28), (#""\ud800""#, 1, 8),
  ])
  // The column is that of the last byte that the parser had taken.
  func whatIsNoJSONIsRefusedWithItsPlace(text: String, line: Int, column: Int) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.reason.isEmpty == false)
    #expect(error?.line == line, "\(String(describing: error))")
    #expect(error?.column == column, "\(String(describing: error))")
  }

  @Test func bytesThatAreNoUTF8AreRefused() {
    let bytes: [UInt8] = [0x22, 0xC3, 0x28, 0x22]
    bytes.withUnsafeBytes { bytes in
      _ = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }
  }

  @Test func depthIsBounded() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try JSONValue(parsing: nested(2_000)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(100_000)) }
  }
}
