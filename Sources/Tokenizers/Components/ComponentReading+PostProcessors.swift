import JSONSyntax

extension ComponentReading {
  static func postProcessor(
    _ value: JSONValue?, depth: Int = 0
  ) throws(TokenizerError) -> PostProcessor {
    guard let value, !value.isNull else { return PostProcessor() }
    let kind = try kind(of: value, "post-processor", depth)
    switch kind {
    case "ByteLevel": return PostProcessor()
    case "Sequence":
      var result = PostProcessor()
      for part in try list(value, "processors", in: "post_processor") {
        let part = try postProcessor(part, depth: depth + 1)
        guard part != PostProcessor() else { continue }
        guard result == PostProcessor() else {
          throw .unsupported(component: "post-processor", kind: "Sequence of several templates")
        }
        result = part
      }
      return result
    case "TemplateProcessing":
      let single = try template(value, "single")
      guard let pair = value["pair"], !pair.isNull else { return PostProcessor(single: single) }
      return PostProcessor(single: single, pair: try template(value, "pair"))
    case "BertProcessing":
      let (first, last) = (try token(value, "cls"), try token(value, "sep"))
      return PostProcessor(
        single: [
          .tokens([first], type: 0), .text(isSecond: false, type: 0), .tokens([last], type: 0),
        ],
        pair: [
          .tokens([first], type: 0), .text(isSecond: false, type: 0), .tokens([last], type: 0),
          .text(isSecond: true, type: 1), .tokens([last], type: 1),
        ])
    case "RobertaProcessing":
      let (first, last) = (try token(value, "cls"), try token(value, "sep"))
      return PostProcessor(
        single: [
          .tokens([first], type: 0), .text(isSecond: false, type: 0), .tokens([last], type: 0),
        ],
        pair: [
          .tokens([first], type: 0), .text(isSecond: false, type: 0),
          .tokens([last, last], type: 0), .text(isSecond: true, type: 0),
          .tokens([last], type: 0),
        ])
    default: throw .unsupported(component: "post-processor", kind: kind)
    }
  }

  /// A template's pieces: the first text once, and in a pair the second once.
  private static func template(
    _ value: JSONValue, _ name: String
  ) throws(TokenizerError) -> [PostProcessor.Piece] {
    let member = "post_processor.\(name)"
    let isPair = name == "pair"
    var pieces: [PostProcessor.Piece] = []
    var counts = [0, 0]
    for piece in try list(value, name, in: "post_processor") {
      if let sequence = piece["Sequence"] {
        let isSecond = sequence["id"]?.string == "B"
        guard isPair || !isSecond, counts[isSecond ? 1 : 0] == 0 else {
          throw .unsupported(
            component: "post-processor", kind: "TemplateProcessing with a text too often")
        }
        counts[isSecond ? 1 : 0] += 1
        pieces.append(.text(isSecond: isSecond, type: try type(of: sequence, member)))
      } else if let special = piece["SpecialToken"], let name = special["id"]?.string {
        let numbers = value["special_tokens"]?[name]?["ids"]?.array ?? []
        guard !numbers.isEmpty else { throw .unknownToken(name, role: "template token") }
        var ids: [Int32] = []
        for number in numbers { ids.append(try id(number, of: name)) }
        pieces.append(.tokens(ids, type: try type(of: special, member)))
      } else {
        throw .malformed(member: member, expected: "sequences and special tokens")
      }
    }
    // Hugging Face takes a template without a pair; two texts are no tokens then.
    if isPair, pieces.isEmpty { return [] }
    guard counts[0] == 1, !isPair || counts[1] == 1 else {
      throw .malformed(
        member: member,
        expected: isPair ? "a list of sequences A and B" : "a list that holds sequence A")
    }
    return pieces
  }

  private static func type(
    of piece: JSONValue, _ member: String
  ) throws(TokenizerError) -> Int32 {
    guard let type = piece["type_id"], !type.isNull else { return 0 }
    guard let number = type.integer, let type = Int32(exactly: number), type >= 0 else {
      throw .malformed(member: "\(member).type_id", expected: "a small number")
    }
    return type
  }

  /// A token written with its id: `["[CLS]", 101]`.
  private static func token(_ value: JSONValue, _ name: String) throws(TokenizerError) -> Int32 {
    guard let pair = value[name]?.array, pair.count == 2, let token = pair[0].string else {
      throw .malformed(member: "post_processor.\(name)", expected: "a token and its id")
    }
    return try id(pair[1], of: token)
  }

  private static func id(_ number: JSONValue, of token: String) throws(TokenizerError) -> Int32 {
    guard let id = number.integer, (0..<Vocabulary.largestID).contains(id) else {
      throw .invalidID(number.integer ?? -1, token: token)
    }
    return Int32(truncatingIfNeeded: id)
  }
}
