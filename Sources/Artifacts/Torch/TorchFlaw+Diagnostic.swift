import Diagnostics

extension TorchFlaw {
  /// The finding as the user reads it, in the torch checkpoint at `path`.
  func diagnostic(path: String) -> Diagnostic {
    let span = SourceSpan(file: path, line: 1)
    switch self {
    case .refusedCall(let name):
      return Diagnostic(
        .error, .refusedPickle,
        "`\(path)` asks to call `\(name)`, which is not among what makes tensors", at: span,
        help: Self.saveAgain)
    case .refusedInstruction(let name):
      return Diagnostic(
        .error, .refusedPickle,
        "`\(path)` has the instruction `\(name)`, which stands for what the file does not say",
        at: span, help: Self.saveAgain)
    case .severalModels(let names):
      let shown = names.prefix(8).map { "`\(Self.shortened($0))`" }.joined(separator: ", ")
      return Diagnostic(
        .error, .invalidCheckpoint, "more than one entry of `\(path)` holds tensors: \(shown)",
        at: span,
        help: "save the one that is the model alone: "
          + "torch.save(checkpoint[\"\(Self.shortened(names.first ?? "model"))\"], …)")
    case .unknownContainer, .tarFormat, .torchScript, .archive, .bigEndian, .truncated,
      .unknownInstruction, .brokenPickle, .tooMany, .storageDisagrees, .storageMissing,
      .storageSize, .duplicateTensor, .viewBeyondStorage, .trailingBytes, .noTensors,
      .modulesTooDeep:
      return Diagnostic(
        .error, .invalidCheckpoint,
        "`\(path)` is not a torch checkpoint that is read: \(words)", at: span, help: help)
    }
  }

  private static let saveAgain =
    "save the state dict, torch.save(model.state_dict(), …), or convert it to safetensors"

  private var help: String {
    switch self {
    case .truncated, .archive(.noDirectory), .archive(.directoryOutOfPlace), .archive(.badEntry),
      .archive(.headerDisagrees), .archive(.checksum), .storageMissing, .storageSize,
      .trailingBytes:
      "copy the file again from where it came; or \(Self.saveAgain)"
    case .unknownContainer:
      "give a file that torch.save wrote, a `.safetensors` file or a `.gguf` file"
    case .tarFormat: "load it with torch and save it again; or \(Self.saveAgain)"
    case .archive(.duplicate), .archive(.compressed), .archive(.encrypted), .archive(.overlap),
      .archive(.missing), .torchScript, .bigEndian, .unknownInstruction, .brokenPickle,
      .refusedCall, .refusedInstruction, .tooMany, .storageDisagrees, .duplicateTensor,
      .viewBeyondStorage, .noTensors, .severalModels, .modulesTooDeep:
      Self.saveAgain
    }
  }

  private var words: String {
    switch self {
    case .unknownContainer: "it begins neither as an archive nor as torch's older format does"
    case .tarFormat: "it is a tar archive, the format of torch before 2017"
    case .torchScript: "it is a program that `torch.jit.save` wrote"
    case .archive(let flaw): flaw.words
    case .bigEndian: "its numbers are in big-endian order"
    case .truncated(let part): "it ends within \(Self.shortened(part))"
    case .unknownInstruction(let byte, let offset):
      "the instruction \(byte) at byte \(offset) of its pickle is unknown"
    case .brokenPickle(let what, let offset):
      "the instruction at byte \(offset) of its pickle does not find \(what)"
    case .refusedCall(let name): "it calls `\(name)`"
    case .refusedInstruction(let name): "it has the instruction `\(name)`"
    case .tooMany(let what, let limit): "it has more than \(limit) \(what)"
    case .storageDisagrees(let key): "the storage `\(Self.shortened(key))` is described in two ways"
    case .storageMissing(let key): "the bytes of the storage `\(Self.shortened(key))` are missing"
    case .storageSize(let key, let expected, let found):
      "the storage `\(Self.shortened(key))` needs \(expected) bytes and has \(found)"
    case .duplicateTensor(let tensor): "the tensor `\(Self.shortened(tensor))` occurs twice"
    case .viewBeyondStorage(let tensor):
      "the sizes and strides of `\(Self.shortened(tensor))` lead out of its storage"
    case .trailingBytes(let count): "\(count) bytes follow its last storage"
    case .noTensors: "nothing in it holds tensors by name"
    case .severalModels: "several entries hold tensors"
    case .modulesTooDeep: "its modules are nested too deeply"
    }
  }

  fileprivate static func shortened(_ text: String) -> String {
    text.utf8.count <= 200 ? text : String(text.prefix(200)) + "…"
  }
}

extension TorchArchiveFlaw {
  fileprivate var words: String {
    switch self {
    case .noDirectory: "the archive has no directory at its end"
    case .directoryOutOfPlace: "the archive's directory is not where its end says"
    case .badEntry(let index): "entry \(index + 1) of the archive's directory is damaged"
    case .duplicate(let name): "`\(TorchFlaw.shortened(name))` is in the archive twice"
    case .compressed(let name): "`\(TorchFlaw.shortened(name))` is compressed"
    case .encrypted(let name): "`\(TorchFlaw.shortened(name))` is encrypted"
    case .headerDisagrees(let name):
      "`\(TorchFlaw.shortened(name))` is not where the archive's directory has it"
    case .overlap(let name): "`\(TorchFlaw.shortened(name))` overlaps another entry of the archive"
    case .missing(let name): "the archive has no `\(name)`"
    case .checksum(let name): "the checksum of `\(TorchFlaw.shortened(name))` is wrong"
    }
  }
}
