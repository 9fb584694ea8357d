/// The type of the elements of a torch storage.
struct TorchElement: Hashable {
  /// Torch's word, such as `float32`.
  let name: String
  /// Nil for what Hone does not read.
  let type: StoredType?
  /// How many bytes one takes; nil where that is not known.
  let byteCount: Int?

  private init(_ name: String, _ type: StoredType?, _ byteCount: Int?) {
    self.name = name
    self.type = type
    self.byteCount = byteCount
  }

  /// The elements of the storage class of this full name: `torch.HalfStorage`.
  init?(storageClass name: String) {
    let bare = ["torch.storage.", "torch.cuda.", "torch."].first { name.hasPrefix($0) }
      .map { String(name.dropFirst($0.count)) }
    switch bare {
    case "FloatStorage": self.init(.float32)
    case "DoubleStorage": self.init(.float64)
    case "HalfStorage": self.init(.float16)
    case "BFloat16Storage": self.init(.bfloat16)
    case "LongStorage": self.init(.int64)
    case "IntStorage": self.init(.int32)
    case "ShortStorage": self.init(.int16)
    case "CharStorage": self.init(.int8)
    case "ByteStorage": self.init(.uint8)
    case "BoolStorage": self.init(.bool)
    case "UntypedStorage", "_UntypedStorage": self.init("bytes", nil, 1)
    case "ComplexFloatStorage": self.init("complex64", nil, 8)
    case "ComplexDoubleStorage": self.init("complex128", nil, 16)
    case "QInt8Storage": self.init("qint8", nil, 1)
    case "QUInt8Storage": self.init("quint8", nil, 1)
    case "QInt32Storage": self.init("qint32", nil, 4)
    default: return nil
    }
  }

  /// A type that is named but has no storage class of its own, such as `torch.float8_e4m3fn`.
  init(named name: String) { self.init(name, nil, nil) }

  private init(_ type: StoredType) { self.init(type.rawValue, type, type.blockBytes) }
}

/// A stretch of a storage that a pickle names: its bytes lie elsewhere in the file.
struct TorchStorage: Hashable {
  /// The name by which the file places the bytes.
  let key: String
  let element: TorchElement
  /// The elements of the whole storage.
  let elementCount: Int
  /// The elements that are meant: all of them, unless an old file takes a part.
  let part: Range<Int>
}

/// A tensor as a pickle describes it: a view of a storage.
struct TorchTensor {
  let storage: Int
  let element: TorchElement
  /// In elements from the start of the storage's part.
  let offset: Int
  let sizes: [Int]
  let strides: [Int]

  /// Whether the elements lie one after the other in the order of the shape.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(sizes, strides).reversed() where size != 1 {
      if stride != expected { return false }
      expected = expected.multipliedReportingOverflow(by: size).partialValue
    }
    return true
  }

  /// How many elements lie from the first to the last, both counted; nil if that is too many to
  /// count, or a size or stride is negative.
  var span: Int? {
    guard sizes.count == strides.count, let count = StoredType.elementCount(sizes),
      strides.allSatisfy({ $0 >= 0 })
    else { return nil }
    if count == 0 { return 0 }
    var last = 0
    for (size, stride) in zip(sizes, strides) {
      let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflowOfSum) = last.addingReportingOverflow(step)
      if overflow || overflowOfSum { return nil }
      last = sum
    }
    return last == .max ? nil : last + 1
  }
}
