import JSONSyntax
import RegularExpressions
import Testing
import Tokenizers

@Test func `a match deeper than the compiled code's stack is found all the same`() throws {
  let expression = try RegularExpression("(?:(a)|(b))*c")
  let text = Array((String(repeating: "ab", count: 20_000) + "c").utf8)
  text.withUnsafeBufferPointer { #expect(expression.matches(in: $0) == [0..<40_001]) }
}

@Test func `a search that takes too many steps says so`() throws {
  let expression = try RegularExpression("(?:x+x+)+[yz]")
  let text = Array(("xy " + String(repeating: "x", count: 60)).utf8)
  text.withUnsafeBufferPointer { text in
    #expect(!expression.forEachMatch(in: text) { _ in })
  }
}

@Test func `no text is lost where a pattern takes too many steps`() throws {
  let split: JSONValue = [
    "type": "Split", "pattern": ["Regex": "(?:x+x+)+[yz]"], "behavior": "Isolated",
  ]
  let tokenizer = try Tokenizer(
    tokenizerJSON: [
      "pre_tokenizer": split,
      "model": ["type": "BPE", "vocab": ["x": 0, "y": 1, " ": 2], "merges": []],
    ], configuration: nil)
  let text = "xxy " + String(repeating: "x", count: 60) + " xxy"
  #expect(tokenizer.decode(tokenizer.encode(text).ids, skipSpecialTokens: false).utf8.count > 0)
  #expect(tokenizer.encode(text).ids.count == text.utf8.count)
}

@Test func `empty matches go forward by characters`() throws {
  let expression = try RegularExpression("x*")
  let text = Array("éxx漢".utf8)
  text.withUnsafeBufferPointer { #expect(expression.matches(in: $0) == [0..<0, 2..<4, 7..<7]) }
}

@Test func `line anchors stand at every line where asked for`() throws {
  let plain = try RegularExpression("^.")
  let multiline = try RegularExpression("^.", multiline: true)
  let text = Array("a\nb".utf8)
  text.withUnsafeBufferPointer { text in
    #expect(plain.matches(in: text) == [0..<1])
    #expect(multiline.matches(in: text) == [0..<1, 2..<3])
  }
}
