/// Builds the values that pickles describe, and does nothing else.
///
/// A pickle is a program for a machine that can import any name and call it. This machine imports
/// nothing and calls nothing: a name stays a name, an object of an unknown class becomes a record
/// of what it was given, and a call is either one of ``PickleConstructor``, whose data is built
/// here, or the end of reading. Memory and time are bounded by the length of the pickle and by the
/// limits below.
struct Unpickler {
  /// The most containers, names, objects and tensors.
  static let maximumObjects = 1 << 20
  /// The most elements of all containers together.
  static let maximumElements = 1 << 22
  /// The most values on the stack, and the most that are remembered.
  static let maximumStack = 1 << 20
  /// The longest name of a class or function, in bytes.
  static let maximumNameBytes = 1024
  /// The longest pickle.
  static let maximumBytes = 1 << 27

  var objects = PickleObjects()
  var cursor: PickleCursor
  /// Whether persistent ids stand for storages: not so in what surrounds an old file's pickle.
  let namesStorages: Bool
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [UInt32: PickleValue] = [:]
  private var elementCount = 0
  /// Where the instruction at work begins.
  private var instructionOffset = 0

  /// Reads pickles from `range` of `bytes` on.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, namesStorages: Bool = true) {
    let end = min(range.upperBound, range.lowerBound + Self.maximumBytes)
    cursor = PickleCursor(bytes, range.lowerBound..<end)
    self.namesStorages = namesStorages
  }

  /// Reads one pickle to its end and returns its value.
  ///
  /// - Throws: ``TorchFlaw`` where the pickle is broken, too large or asks for a call.
  mutating func load() throws(TorchFlaw) -> PickleValue {
    stack.removeAll(keepingCapacity: true)
    marks.removeAll()
    memo.removeAll()
    while true {
      instructionOffset = cursor.offset
      let code = try cursor.byte()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw .unknownInstruction(code, offset: instructionOffset)
      }
      if opcode == .stop { return try pop() }
      try perform(opcode)
    }
  }

  /// Says that the instruction at work does not find `what`.
  func broken(_ what: String) -> TorchFlaw { .brokenPickle(what, offset: instructionOffset) }

  // MARK: The stack

  mutating func push(_ value: PickleValue) throws(TorchFlaw) {
    guard stack.count < Self.maximumStack else {
      throw .tooMany("values", limit: Self.maximumStack)
    }
    stack.append(value)
  }

  mutating func pop() throws(TorchFlaw) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw broken("a value")
    }
    return value
  }

  func top() throws(TorchFlaw) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw broken("a value") }
    return value
  }

  mutating func mark() throws(TorchFlaw) {
    guard marks.count < Self.maximumStack else {
      throw .tooMany("marks", limit: Self.maximumStack)
    }
    marks.append(stack.count)
  }

  /// Takes what lies above the last mark, and the mark.
  mutating func popMark() throws(TorchFlaw) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw broken("a mark") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  /// Takes away a value, or a mark if nothing lies above it.
  mutating func discard() throws(TorchFlaw) {
    if let mark = marks.last, mark == stack.count {
      marks.removeLast()
    } else {
      _ = try pop()
    }
  }

  /// Takes the last `count` values, in their order.
  mutating func pop(_ count: Int) throws(TorchFlaw) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw broken("a value") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  // MARK: The memory

  mutating func remember(_ place: UInt32) throws(TorchFlaw) {
    guard memo.count < Self.maximumStack else {
      throw .tooMany("remembered values", limit: Self.maximumStack)
    }
    memo[place] = try top()
  }

  mutating func rememberNext() throws(TorchFlaw) { try remember(UInt32(memo.count)) }

  mutating func recall(_ place: UInt32) throws(TorchFlaw) {
    guard let value = memo[place] else { throw broken("the value that it recalls") }
    try push(value)
  }

  // MARK: Containers

  /// Counts a new object and `elements` of it, which are to be kept.
  mutating func count(_ elements: Int = 0) throws(TorchFlaw) {
    guard objects.count < Self.maximumObjects else {
      throw .tooMany("objects", limit: Self.maximumObjects)
    }
    elementCount += elements
    guard elementCount <= Self.maximumElements else {
      throw .tooMany("elements", limit: Self.maximumElements)
    }
  }

  mutating func newList(_ elements: [PickleValue]) throws(TorchFlaw) -> PickleValue {
    try count(elements.count)
    objects.lists.append(elements)
    return .list(objects.lists.count - 1)
  }

  mutating func newTuple(_ elements: [PickleValue]) throws(TorchFlaw) -> PickleValue {
    try count(elements.count)
    objects.tuples.append(elements)
    return .tuple(objects.tuples.count - 1)
  }

  mutating func newDictionary(_ pairs: [PickleValue] = []) throws(TorchFlaw) -> PickleValue {
    try count()
    objects.dictionaries.append([])
    let dictionary = PickleValue.dictionary(objects.dictionaries.count - 1)
    try set(pairs, in: dictionary)
    return dictionary
  }

  mutating func newGlobal(_ module: String, _ name: String) throws(TorchFlaw) -> PickleValue {
    try count()
    guard module.utf8.count + name.utf8.count <= Self.maximumNameBytes else {
      throw .tooMany("bytes of a name", limit: Self.maximumNameBytes)
    }
    objects.globals.append(module + "." + name)
    return .global(objects.globals.count - 1)
  }

  mutating func newInstance(of className: String) throws(TorchFlaw) -> PickleValue {
    try count()
    objects.instances.append(PickleInstance(className: className))
    return .instance(objects.instances.count - 1)
  }

  /// Adds `elements` to a list, or to an object that is one too.
  mutating func append(_ elements: [PickleValue], to target: PickleValue) throws(TorchFlaw) {
    try count(elements.count)
    switch target {
    case .list(let place): objects.lists[place].append(contentsOf: elements)
    case .instance, .opaque: break
    case .none, .bool, .integer, .number, .text, .bytes, .tuple, .dictionary, .global, .storage,
      .tensor:
      throw broken("a list")
    }
  }

  /// Sets `pairs`, keys and values by turns, in a dictionary, or in an object that is one too.
  mutating func set(_ pairs: [PickleValue], in target: PickleValue) throws(TorchFlaw) {
    guard pairs.count.isMultiple(of: 2) else { throw broken("a value for each key") }
    try count(pairs.count)
    switch target {
    case .dictionary(let place):
      for index in stride(from: 0, to: pairs.count, by: 2) {
        objects.dictionaries[place].append(
          PickleEntry(key: pairs[index], value: pairs[index + 1]))
      }
    case .instance, .opaque: break
    case .none, .bool, .integer, .number, .text, .bytes, .list, .tuple, .global, .storage, .tensor:
      throw broken("a dictionary")
    }
  }
}
