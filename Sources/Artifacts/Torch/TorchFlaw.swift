/// Why a torch checkpoint cannot be read, or is refused.
package enum TorchFlaw: Error, Hashable, Sendable {
  /// It starts neither as a zip archive nor as torch's older format.
  case unknownContainer
  /// The format before 2017, a tar archive.
  case tarFormat
  /// A program that `torch.jit.save` wrote.
  case torchScript
  /// The archive's directory or one of its entries is wrong.
  case archive(TorchArchiveFlaw)
  /// The numbers are in big-endian order.
  case bigEndian
  /// The file ends within a part.
  case truncated(String)
  /// The pickle has an instruction that no protocol knows.
  case unknownInstruction(UInt8, offset: Int)
  /// An instruction finds something else than it needs.
  case brokenPickle(String, offset: Int)
  /// The pickle asks to call what is not in the closed list.
  case refusedCall(String)
  /// The pickle asks for what its own text does not say.
  case refusedInstruction(String)
  /// There is more of something than is built.
  case tooMany(String, limit: Int)
  /// A storage is described in two ways.
  case storageDisagrees(String)
  /// The bytes of a storage are not in the file.
  case storageMissing(String)
  /// A storage has other bytes than its elements need.
  case storageSize(String, expectedBytes: Int, foundBytes: Int)
  /// Two tensors have the same name.
  case duplicateTensor(String)
  /// A tensor is no view of its storage.
  case viewBeyondStorage(tensor: String)
  /// After the last storage there is more.
  case trailingBytes(Int)
  /// Nothing in the file holds tensors by name.
  case noTensors
  /// Several entries could be the model.
  case severalModels([String])
  /// Modules hold each other.
  case modulesTooDeep
}

/// What is wrong with the zip archive around a torch checkpoint.
package enum TorchArchiveFlaw: Hashable, Sendable {
  case noDirectory
  case directoryOutOfPlace
  case badEntry(Int)
  case duplicate(String)
  case compressed(String)
  case encrypted(String)
  case headerDisagrees(String)
  case overlap(String)
  case missing(String)
  case checksum(String)
}
