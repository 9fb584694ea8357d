import Datasets
import Randomness
import Testing

@Suite struct HostileFileTests {
  @Test(arguments: DataFormat.allCases)
  func anyBytesGiveRowsOrAnErrorWithAPlace(format: DataFormat) throws {
    let folder = try TemporaryFolder()
    let alphabet = Array("ab,\t\"\"\r\n\n[]{}:\\ 1é\u{FEFF}\0".utf8) + [0xFF]
    let stream = RandomStream(seed: 11, name: "hostile/\(format)")
    for attempt in 0..<400 {
      let count = Int(stream.word(step: UInt64(attempt), element: 0) % 60)
      let bytes = (0..<count).map { index in
        alphabet[Int(stream.word(step: UInt64(attempt), element: index + 1)) % alphabet.count]
      }
      let lines = bytes.count(where: { $0 == UInt8(ascii: "\n") }) + 1
      do {
        let rows = try folder.rows(format, bytes)
        #expect(rows.allSatisfy { (1...lines).contains($0.place.line) })
        #expect(rows.map(\.place.line) == rows.map(\.place.line).sorted())
      } catch let error as DatasetError {
        let line = try #require(error.diagnostic.span).start.line
        #expect((1...lines).contains(line), "\(error) in \(bytes)")
      }
    }
  }

  @Test(arguments: [DataFormat.csv, .tsv])
  func fieldsComeBackAsTheyWereQuoted(format: DataFormat) throws {
    let folder = try TemporaryFolder()
    let alphabet = ["a", ",", "\t", "\"", "\n", "\r\n", "\r", " ", "é"]
    let stream = RandomStream(seed: 12, name: "quoted/\(format)")
    let delimiter = format == .csv ? "," : "\t"
    let records = (0..<200).map { row in
      (0..<3).map { column in
        let count = Int(stream.word(step: UInt64(row), element: column * 10) % 9)
        return (0..<count).map { index in
          let word = stream.word(step: UInt64(row), element: column * 10 + index + 1)
          return alphabet[Int(word) % alphabet.count]
        }.joined()
      }
    }
    let text = ([["x", "y", "z"]] + records).map { fields in
      fields.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }
        .joined(separator: delimiter)
    }.joined(separator: "\r\n")
    let found = try folder.rows(format, text).map { row in
      row.columns.members.map { $0.value.string ?? "" }
    }
    #expect(found.map { $0.map { Array($0.utf8) } } == records.map { $0.map { Array($0.utf8) } })
  }
}
