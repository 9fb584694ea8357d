/// The closed list of what a pickle may ask to call; everything else ends the reading.
///
/// None of them is called: ``Unpickler`` builds the data that the call would have made.
/// Source: what `torch.save` writes, and the list of PyTorch's own `weights_only` reader.
enum PickleConstructor: String, CaseIterable {
  case rebuildTensor = "torch._utils._rebuild_tensor"
  case rebuildTensorV2 = "torch._utils._rebuild_tensor_v2"
  case rebuildTensorV3 = "torch._utils._rebuild_tensor_v3"
  case rebuildParameter = "torch._utils._rebuild_parameter"
  case rebuildParameterWithState = "torch._utils._rebuild_parameter_with_state"
  case rebuildFromType = "torch._tensor._rebuild_from_type_v2"
  case parameter = "torch.nn.parameter.Parameter"
  case size = "torch.Size"
  case orderedDictionary = "collections.OrderedDict"
  case defaultDictionary = "collections.defaultdict"
  case counter = "collections.Counter"

  case set = "builtins.set"
  case frozenSet = "builtins.frozenset"
  case oldSet = "__builtin__.set"
  case oldFrozenSet = "__builtin__.frozenset"

  case reconstructor = "copyreg._reconstructor"
  case oldReconstructor = "copy_reg._reconstructor"

  case device = "torch.device"
  case layout = "torch.serialization._get_layout"
  case encode = "_codecs.encode"
  case bytes = "builtins.bytes"
  case byteArray = "builtins.bytearray"
  case complex = "builtins.complex"
  case slice = "builtins.slice"
  case range = "builtins.range"
  case oldBytes = "__builtin__.bytes"
  case oldByteArray = "__builtin__.bytearray"
  case oldComplex = "__builtin__.complex"
  case oldSlice = "__builtin__.slice"
  case oldRange = "__builtin__.xrange"
  case deque = "collections.deque"
  case partial = "functools.partial"
  case date = "datetime.date"
  case dateTime = "datetime.datetime"
  case timeDelta = "datetime.timedelta"
  case path = "pathlib.PosixPath"
  case purePath = "pathlib.PurePosixPath"
  case windowsPath = "pathlib.WindowsPath"
  case numpyScalar = "numpy.core.multiarray.scalar"
  case numpyArray = "numpy.core.multiarray._reconstruct"
  case newNumpyScalar = "numpy._core.multiarray.scalar"
  case newNumpyArray = "numpy._core.multiarray._reconstruct"
  case numpyType = "numpy.dtype"
}

extension Unpickler {
  /// Builds what the call of `name` with `arguments` would have made.
  ///
  /// - Throws: ``TorchFlaw/refusedCall(_:)`` if it is not in the list.
  mutating func construct(
    _ name: String, _ arguments: [PickleValue]
  ) throws(TorchFlaw) -> PickleValue {
    guard let constructor = PickleConstructor(rawValue: name) else { throw .refusedCall(name) }
    switch constructor {
    case .rebuildTensor, .rebuildTensorV2: return try tensor(arguments, typePlace: nil)
    case .rebuildTensorV3: return try tensor(arguments, typePlace: 6)
    case .rebuildParameter, .rebuildParameterWithState, .parameter:
      guard let first = arguments.first else { throw broken("the data of a parameter") }
      return first
    case .rebuildFromType: return try tensorOfType(arguments)
    case .size:
      guard let first = arguments.first else { return try newTuple([]) }
      return first
    case .orderedDictionary, .defaultDictionary, .counter: return try dictionary(arguments)
    case .set, .frozenSet, .oldSet, .oldFrozenSet:
      return try newList(arguments.first.flatMap { objects.elements(of: $0) } ?? [])
    case .reconstructor, .oldReconstructor:
      guard let first = arguments.first else { throw broken("a class") }
      return try newInstance(of: try self.name(of: first))
    case .device, .layout, .encode, .bytes, .byteArray, .complex, .slice, .range, .oldBytes,
      .oldByteArray, .oldComplex, .oldSlice, .oldRange, .deque, .partial, .date, .dateTime,
      .timeDelta, .path, .purePath, .windowsPath, .numpyScalar, .numpyArray, .newNumpyScalar,
      .newNumpyArray, .numpyType:
      return .opaque
    }
  }

  /// A dictionary, from pairs where there are any.
  private mutating func dictionary(_ arguments: [PickleValue]) throws(TorchFlaw) -> PickleValue {
    let dictionary = try newDictionary()
    guard let last = arguments.last else { return dictionary }
    if case .dictionary(let place) = last {
      try set(objects.dictionaries[place].flatMap { [$0.key, $0.value] }, in: dictionary)
    }
    for pair in objects.elements(of: last) ?? [] {
      guard let elements = objects.elements(of: pair), elements.count == 2 else {
        throw broken("a pair of key and value")
      }
      try set(elements, in: dictionary)
    }
    return dictionary
  }

  /// A tensor with attributes of its own: `(function, type, arguments, state)`.
  private mutating func tensorOfType(
    _ arguments: [PickleValue]
  ) throws(TorchFlaw) -> PickleValue {
    guard arguments.count >= 3, let inner = objects.elements(of: arguments[2]) else {
      throw broken("a tensor's function, type and arguments")
    }
    let function = try name(of: arguments[0])
    switch PickleConstructor(rawValue: function) {
    case .rebuildTensor, .rebuildTensorV2, .rebuildTensorV3, .rebuildParameter,
      .rebuildParameterWithState:
      return try construct(function, inner)
    case .none, .some: throw .refusedCall(function)
    }
  }

  /// A view: `(storage, offset, sizes, strides, …)`, with the type at `typePlace` where the
  /// storage does not say it.
  private mutating func tensor(
    _ arguments: [PickleValue], typePlace: Int?
  ) throws(TorchFlaw) -> PickleValue {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1], offset >= 0,
      let sizes = integers(arguments[2]), let strides = integers(arguments[3]),
      sizes.count == strides.count
    else { throw broken("a storage, an offset, sizes and strides") }
    var element = objects.storages[storage].element
    if let typePlace {
      guard arguments.count > typePlace else { throw broken("the type of a tensor") }
      element = TorchElement(named: try name(of: arguments[typePlace]))
    }
    try count()
    objects.tensors.append(
      TorchTensor(
        storage: storage, element: element, offset: offset, sizes: sizes, strides: strides))
    return .tensor(objects.tensors.count - 1)
  }

  /// The elements of a tuple of at most 64 integers.
  private func integers(_ value: PickleValue) -> [Int]? {
    guard let elements = objects.elements(of: value), elements.count <= 64 else { return nil }
    let integers = elements.compactMap { element -> Int? in
      if case .integer(let integer) = element { integer } else { nil }
    }
    return integers.count == elements.count ? integers : nil
  }

  /// What a persistent id stands for: a stretch of a storage, or a class with its source.
  mutating func persistent(_ id: PickleValue) throws(TorchFlaw) -> PickleValue {
    guard namesStorages, let parts = objects.elements(of: id), case .text(let kind)? = parts.first
    else { throw broken("the id of a storage") }
    if kind == "module", parts.count > 1 { return parts[1] }
    guard kind == "storage", parts.count >= 5, case .text(let key) = parts[2],
      case .integer(let count) = parts[4], count >= 0
    else { throw broken("the id of a storage") }
    let className = try name(of: parts[1])
    guard let element = TorchElement(storageClass: className) else {
      throw .refusedCall(className)
    }
    var part = 0..<count
    var view = ""
    if parts.count > 5, let bounds = objects.elements(of: parts[5]) {
      guard bounds.count == 3, case .integer(let start) = bounds[1], start >= 0,
        case .integer(let length) = bounds[2], length >= 0, start <= count,
        length <= count - start
      else { throw broken("a part of a storage") }
      part = start..<start + length
      view = " \(start) \(length)"
    }
    let storage = TorchStorage(key: key, element: element, elementCount: count, part: part)
    if let place = objects.storagePlaces[key + view] {
      guard objects.storages[place] == storage else { throw .storageDisagrees(key) }
      return .storage(place)
    }
    try self.count()
    objects.storages.append(storage)
    objects.storagePlaces[key + view] = objects.storages.count - 1
    return .storage(objects.storages.count - 1)
  }
}
