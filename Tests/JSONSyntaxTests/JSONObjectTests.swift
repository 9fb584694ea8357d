import JSONSyntax
import Testing

/// An object of `members`, whose literals are JSON values.
private func object(_ members: (String, JSONValue)...) -> JSONObject { JSONObject(members) }

@Suite("Objects keep the order of their keys")
struct JSONObjectTests {
  @Test func aNewKeyComesLastAndAnOldOneKeepsItsPlace() {
    var pairs = object(("b", 1), ("a", 2), ("b", 3))
    #expect(pairs.members.map(\.key) == ["b", "a"])
    #expect(pairs["b"] == 3)
    pairs["c"] = true
    pairs["b"] = .string("again")
    #expect(JSONValue.object(pairs).text() == #"{"b":"again","a":2,"c":true}"#)
  }

  @Test func aRemovedKeyIsGoneAndTheOthersAreFound() {
    var pairs = object(("a", 1), ("b", 2), ("c", 3))
    pairs["a"] = Optional.none
    pairs["nothing"] = Optional.none
    #expect(pairs.members.map(\.key) == ["b", "c"])
    #expect(pairs["a"] == Optional.none)
    #expect(pairs["b"] == 2)
    #expect(pairs["c"] == 3)
  }

  @Test func keysAreComparedByTheirBytes() {
    let composed = "\u{e9}"
    let decomposed = "e\u{301}"
    #expect(composed == decomposed)
    let pairs = object((composed, 1), (decomposed, 2))
    #expect(pairs.members.count == 2)
    #expect(pairs[composed] == 1)
    #expect(pairs[decomposed] == 2)
    #expect(object((composed, 1)) != object((decomposed, 1)))
  }

  @Test func equalObjectsHaveEqualHashesAndOrderCounts() {
    let one = object(("a", 1), ("b", [2, nil]))
    #expect(one.hashValue == object(("a", 1), ("b", [2, nil])).hashValue)
    #expect(one != object(("b", [2, nil]), ("a", 1)))
  }

  @Test func valuesAreAskedForByKind() {
    let value: JSONValue = ["text": "a", "whole": 2.0, "half": 0.5, "list": [1], "no": false]
    #expect(value["text"]?.string == "a")
    #expect(value["whole"]?.integer == 2)
    #expect(value["half"]?.integer == nil)
    #expect(value["half"]?.number == 0.5)
    #expect(value["list"]?.array == [1])
    #expect(value["no"]?.bool == false)
    #expect(value["text"]?.number == nil)
    #expect(value["absent"] == Optional.none)
    #expect(JSONValue.number(1e300).integer == nil)
  }
}
