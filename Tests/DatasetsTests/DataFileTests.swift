import Datasets
import Testing

@Suite struct DataFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func formatsFollowTheSuffix() {
    let found = ["a.jsonl", "b/c.JSON", "d.csv", "e.tsv", "f.txt", "g.parquet", "h", ".csv"]
      .map { DataFormat(suffixOf: $0) }
    #expect(found == [.jsonl, .json, .csv, .tsv, .text, nil, nil, nil])
  }

  @Test func globsAreSortedAndFilesReadOnce() throws {
    for name in ["b.jsonl", "a.jsonl", "B.jsonl", "sub/a.jsonl"] { try folder.write(name, "") }
    let files = try DataFile.find(["b.jsonl", "*.jsonl", "sub"], in: folder.path, format: .text)
    #expect(
      files.map(\.path)
        == ["b.jsonl", "B.jsonl", "a.jsonl", "sub"].map { folder.path + "/" + $0 })
    #expect(Set(files.map(\.format)) == [.text])
  }

  @Test func namesWithSpacesAndBracketsAreFound() throws {
    try folder.write("my [data] *dir/a b[1].csv", "")
    let files = try DataFile.find(
      ["a b[1].csv", "a*.csv"], in: folder.path + "/my [data] *dir/", format: nil)
    #expect(files.map(\.path) == [folder.path + "/my [data] *dir/a b[1].csv"])
  }

  @Test func whatIsNotThereIsAnError() throws {
    try folder.write("a.parquet", "")
    let path = folder.path
    #expect(throws: DatasetError.missingFile(path: path + "/x.csv")) {
      try DataFile.find(["x.csv"], in: path, format: nil)
    }
    #expect(throws: DatasetError.noMatch(pattern: path + "/*.csv")) {
      try DataFile.find(["*.csv"], in: path, format: nil)
    }
    #expect(throws: DatasetError.unknownFormat(path: path + "/a.parquet")) {
      try DataFile.find(["a.*"], in: path, format: nil)
    }
  }
}
