import Datasets
package import JSONSyntax

extension Preview {
  /// The preview for programs: the sets, their rows, and each token with its id.
  package var json: JSONValue { .array(sets.map(\.json)) }
}

extension PreviewedSet {
  fileprivate var json: JSONValue {
    [
      "data": .string(name),
      "used_by": .array(
        uses.map { ["stage": .string($0.stage), "for": .string($0.purpose.rawValue)] }),
      "order": orderJSON, "rows": .int(statistics.rows),
      "tokens": .int(statistics.tokens),
      "supervised_tokens": .int(statistics.supervisedTokens),
      "truncated_rows": .int(statistics.truncatedRows),
      "dropped_rows": .int(statistics.droppedRows), "empty_rows": .int(statistics.emptyRows),
      "unsupervised_rows": .int(statistics.unsupervisedRows),
      "warnings": .array(warnings.map { .string($0) }), "shown": .array(rows.map(\.json)),
    ]
  }

  private var orderJSON: JSONValue {
    switch order {
    case .training(let stage): ["by": "training", "stage": .string(stage)]
    case .files: ["by": "files"]
    }
  }
}

extension PreviewedRow {
  fileprivate var json: JSONValue {
    [
      "file": place.map { .string($0.file) } ?? .null,
      "line": place.map { .int($0.line) } ?? .null,
      "tokens": .int(tokenCount), "supervised_tokens": .int(supervisedCount),
      "cut_tokens": cut.map { $0.tokenCount.map { .int($0) } ?? .null } ?? 0,
      "sequence": sequence.map {
        [
          "number": .int($0.number), "positions": .int($0.length), "start": .int($0.start),
          "row_tokens": .array($0.rowLengths.map { .int($0) }),
        ]
      } ?? .null,
      "parts": .array(
        parts.map {
          [
            "name": .string($0.name), "start": .int($0.range.lowerBound),
            "end": .int($0.range.upperBound),
          ]
        }),
      "content": .array(pieces.map(\.json)),
      "source": source.map { source in
        ["tokens": .int(source.tokenCount), "content": .array(source.pieces.map(\.json))]
      } ?? .null,
      "labels": labels.map { .array($0.map { .string($0) }) } ?? .null,
      "inputs": .array(inputs.map(\.json)), "numbers": .array(numbers.map(\.json)),
    ]
  }
}

extension PreviewedNumber {
  fileprivate var json: JSONValue {
    ["name": .string(name), "value": value.map { .number(Double($0)) } ?? .null]
  }
}

extension PreviewedRow.Piece {
  /// A token with its text, and its bytes where they are no text; or what is left out.
  fileprivate var json: JSONValue {
    switch self {
    case .omitted(let gap):
      return [
        "omitted": .int(gap.range.count), "supervised_tokens": .int(gap.supervisedCount),
      ]
    case .token(let token):
      var object = JSONObject([
        ("id", .int(Int(token.id))),
        ("text", .string(String(decoding: token.bytes, as: UTF8.self))),
        ("supervised", .bool(token.isSupervised)),
      ])
      if token.isSpecial { object["special"] = true }
      if let label = token.label { object["label"] = .string(label) }
      if String(validating: token.bytes, as: UTF8.self) == nil {
        object["bytes"] = .array(token.bytes.map { .int(Int($0)) })
      }
      return .object(object)
    }
  }
}
