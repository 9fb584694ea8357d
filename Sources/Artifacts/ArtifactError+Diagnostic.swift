package import Diagnostics
import JSONSyntax

extension ArtifactError {
  /// The finding as the user reads it, placed in the file that it concerns.
  package var diagnostic: Diagnostic {
    switch self {
    case .missing(let path):
      Diagnostic(
        .error, .missingFile, "`\(path)` does not exist",
        help: "check the path; a relative one counts from the directory of the pipeline")
    case .unreadable(let path, let number):
      Diagnostic(
        .error, .unreadableFile, "`\(path)` cannot be read: \(SystemCall.text(of: number))",
        at: Self.place(path), help: "make the file readable for the user who runs Hone")
    case .notAFile(let path):
      Diagnostic(
        .error, .unreadableFile, "`\(path)` is not a regular file", at: Self.place(path),
        help: "give the path of a file")
    case .invalidJSON(let path, let error):
      Diagnostic(
        .error, .invalidJSON, "`\(path)` is not valid JSON: \(error.reason)",
        at: SourceSpan(file: path, line: error.line, column: error.column),
        help: "correct the file, or copy it again from where it came")
    case .unexpectedJSON(let path, let key, let expected):
      Diagnostic(
        .error, .invalidJSON, "`\(key)` in `\(path)` is not \(expected)", at: Self.place(path),
        help: "correct the file, or copy it again from where it came")
    case .safetensors(let path, let flaw):
      Diagnostic(
        .error, .invalidCheckpoint, "`\(path)` is not a whole safetensors file: \(flaw.words)",
        at: Self.place(path), help: "copy the file again from where it came")
    case .gguf(let path, let flaw):
      Diagnostic(
        .error, .invalidCheckpoint, "`\(path)` is not a whole GGUF file: \(flaw.words)",
        at: Self.place(path), help: flaw.help)
    case .torch(let path, let flaw): flaw.diagnostic(path: path)
    case .unsupportedTensorType(let path, let tensor, let type):
      Diagnostic(
        .error, .unsupportedTensorType,
        "tensor `\(tensor)` is stored as `\(type)`, which Hone does not read",
        at: Self.place(path),
        help: "convert the checkpoint; "
          + "`\(StoredType.allCases.map(\.rawValue).joined(separator: "`, `"))` are read")
    case .unknownArchitecture(let path, let name):
      Diagnostic(
        .error, .unknownArchitecture, "`\(path)` holds a model of the architecture `\(name)`",
        at: Self.place(path), help: "use a GGUF file of the architecture `llama`")
    case .noWeights(let path, let found):
      Diagnostic(
        .error, .missingFile,
        "`\(path)` holds no `model.safetensors` and no `pytorch_model.bin`, nor an index of either",
        at: Self.place(path),
        help: found.map { "give the path of `\($0)` itself if it holds the weights" }
          ?? "give the directory that holds the weights beside `config.json`")
    case .configurationInside(let path):
      Diagnostic(
        .error, .conflictingKeys, "`\(path)` holds its own configuration",
        at: Self.place(path), help: "remove `config` from `model`")
    case .unknownFormat(let path):
      Diagnostic(
        .error, .invalidCheckpoint, "`\(path)` is in no format of weights that Hone reads",
        at: Self.place(path),
        help:
          "give a directory in Hugging Face layout, or a `.safetensors`, `.gguf`, `.pt`, `.pth` or "
          + "`.bin` file")
    case .missingShard(let index, let shard):
      Diagnostic(
        .error, .missingShard, "the shard `\(shard)` that `\(index)` names does not exist",
        at: Self.place(index), help: "copy the missing file beside the index")
    case .missingTensor(let index, let tensor, let shard):
      Diagnostic(
        .error, .missingTensor, "tensor `\(tensor)` is not in `\(shard)`, where `\(index)` has it",
        at: Self.place(index), help: "copy the index and all shards again from one revision")
    case .adapter(let path, let flaw):
      Diagnostic(
        .error, .invalidAdapter, flaw.words, at: Self.place(path), help: flaw.help)
    case .unwritable(let path, let number):
      Diagnostic(
        .error, .unwritableOutput, "`\(path)` cannot be written: \(SystemCall.text(of: number))",
        at: Self.place(path),
        help: "choose another output, or make room and permission for this one")
    }
  }

  private static func place(_ path: String) -> SourceSpan { SourceSpan(file: path, line: 1) }
}

extension SafetensorsFlaw {
  fileprivate var words: String {
    switch self {
    case .shorterThanLength(let count):
      "it has \(count) bytes, fewer than the 8 of its length field"
    case .headerTooLarge(let count): "its header claims \(count) bytes, more than 100,000,000"
    case .headerBeyondEnd(let header, let file):
      "its header claims \(header) bytes, but the file ends after \(file)"
    case .headerNotObject: "its header is not a JSON object"
    case .headerNotJSON(let error):
      "its header is not JSON (column \(error.column)): \(error.reason)"
    case .metadataNotText: "`__metadata__` is not an object of strings"
    case .entryNotTensor(let tensor):
      "the entry `\(tensor)` has no valid `dtype`, `shape` and `data_offsets`"
    case .shapeOverflow(let tensor): "the shape of `\(tensor)` has too many elements"
    case .offsetsOutOfRange(let tensor): "`\(tensor)` lies beyond the end of the file"
    case .sizeMismatch(let tensor, let expected, let found):
      "`\(tensor)` needs \(expected) bytes for its shape and has \(found)"
    case .gapOrOverlap(let tensor, let expected, let found):
      "`\(tensor)` starts at byte \(found) of the data and not at \(expected)"
    case .trailingBytes(let covered, let data):
      "its tensors cover \(covered) bytes of \(data)"
    }
  }
}

extension GGUFFlaw {
  fileprivate var words: String {
    switch self {
    case .notGGUF: "it does not start with `GGUF`"
    case .unsupportedVersion(let version): "its version is \(version)"
    case .truncated(let part): "it ends within \(part)"
    case .countTooLarge(let part, let count):
      "it claims \(count) \(part), more than it has bytes for"
    case .nameNotUnicode(let part): "the name of \(part) is not UTF-8"
    case .unknownValueType(let key, let type): "`\(key)` has the unknown value type \(type)"
    case .nestingTooDeep(let key): "`\(key)` nests arrays too deeply"
    case .duplicateKey(let key): "the key `\(key)` occurs twice"
    case .duplicateTensor(let tensor): "the tensor `\(tensor)` occurs twice"
    case .badAlignment: "`general.alignment` is not a power of two from 8 to 65536"
    case .tooManyDimensions(let tensor, let count): "`\(tensor)` has \(count) dimensions"
    case .shapeOverflow(let tensor): "the shape of `\(tensor)` has too many elements"
    case .partialBlock(let tensor, let columns):
      "the rows of `\(tensor)`, \(columns) long, are not whole blocks of its type"
    case .misalignedOffset(let tensor): "`\(tensor)` does not start at a multiple of the alignment"
    case .beyondEnd(let tensor): "`\(tensor)` lies beyond the end of the file"
    case .overlap(let tensor, let other): "`\(tensor)` overlaps `\(other)`"
    case .missingKey(let key): "the key `\(key)` is missing"
    case .badValue(let key, let expected): "`\(key)` is not \(expected)"
    }
  }

  fileprivate var help: String {
    switch self {
    case .unsupportedVersion: "use a little-endian GGUF file of version 2 or 3"
    case .missingKey, .badValue: "convert the model to GGUF again with a current converter"
    case .notGGUF, .truncated, .countTooLarge, .nameNotUnicode, .unknownValueType, .nestingTooDeep,
      .duplicateKey, .duplicateTensor, .badAlignment, .tooManyDimensions, .shapeOverflow,
      .partialBlock, .misalignedOffset, .beyondEnd, .overlap:
      "copy the file again from where it came"
    }
  }
}

extension AdapterFlaw {
  fileprivate var words: String {
    switch self {
    case .unsupportedKind(let kind): "the adapter is of the kind `\(kind)`, not `LORA`"
    case .unsupportedFeature(let key, let value):
      "the adapter uses `\(key)` (\(value)), which Hone does not have"
    case .badValue(let key, let expected): "`\(key)` of the adapter is not \(expected)"
    case .missingKey(let key): "the adapter's configuration has no `\(key)`"
    case .conflictingKeys(let key, let other):
      "`\(key)` of the adapter cannot stand beside `\(other)`"
    case .needsKey(let key, let because): "`\(because)` of the adapter needs `\(key)`"
    }
  }

  fileprivate var help: String {
    switch self {
    case .unsupportedKind: "use an adapter that was trained with LoRA"
    case .unsupportedFeature(let key, _): "use an adapter that was trained without `\(key)`"
    case .badValue, .missingKey, .conflictingKeys, .needsKey:
      "correct `adapter_config.json`, or save the adapter again with PEFT"
    }
  }
}
