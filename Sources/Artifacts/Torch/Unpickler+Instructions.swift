extension Unpickler {
  /// Performs one instruction other than the last.
  mutating func perform(_ opcode: PickleOpcode) throws(TorchFlaw) {
    switch opcode {
    case .stop: break
    case .protocol: try checkProtocol()
    case .frame: _ = try cursor.integer(UInt64.self)

    case .mark: try mark()
    case .pop: try discard()
    case .popMark: _ = try popMark()
    case .duplicate: try push(try top())

    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .integer1: try push(.integer(Int(try cursor.byte())))
    case .integer2: try push(.integer(Int(try cursor.integer(UInt16.self))))
    case .integer4: try push(.integer(Int(try cursor.integer(Int32.self))))
    case .long1: try push(try cursor.long(UInt64(try cursor.byte())))
    case .long4: try push(try cursor.long(UInt64(try cursor.integer(UInt32.self))))
    case .integerLine, .longLine: try push(try integerLine())
    case .float: try push(.number(try cursor.float()))
    case .floatLine: try push(.number(Double(try cursor.line()) ?? .nan))

    case .stringLine, .unicodeLine: try push(.text(Self.unquoted(try cursor.line())))
    case .string, .unicode: try push(.text(try text(UInt64(try cursor.integer(UInt32.self)))))
    case .shortString, .shortUnicode: try push(.text(try text(UInt64(try cursor.byte()))))
    case .unicode8: try push(.text(try text(try cursor.integer(UInt64.self))))
    case .bytes: try pushBytes(UInt64(try cursor.integer(UInt32.self)))
    case .shortBytes: try pushBytes(UInt64(try cursor.byte()))
    case .bytes8, .byteArray8: try pushBytes(try cursor.integer(UInt64.self))

    case .emptyList, .emptySet: try push(try newList([]))
    case .list, .frozenSet: try push(try newList(try popMark()))
    case .append: try append(try pop(1), to: try top())
    case .appends, .addItems:
      let elements = try popMark()
      try append(elements, to: try top())
    case .emptyTuple: try push(try newTuple([]))
    case .tuple1: try push(try newTuple(try pop(1)))
    case .tuple2: try push(try newTuple(try pop(2)))
    case .tuple3: try push(try newTuple(try pop(3)))
    case .tuple: try push(try newTuple(try popMark()))
    case .emptyDictionary: try push(try newDictionary())
    case .dictionary: try push(try newDictionary(try popMark()))
    case .setItem:
      let pair = try pop(2)
      try set(pair, in: try top())
    case .setItems:
      let pairs = try popMark()
      try set(pairs, in: try top())

    case .get1: try recall(UInt32(try cursor.byte()))
    case .get4: try recall(try cursor.integer(UInt32.self))
    case .getLine: try recall(try placeLine())
    case .put1: try remember(UInt32(try cursor.byte()))
    case .put4: try remember(try cursor.integer(UInt32.self))
    case .putLine: try remember(try placeLine())
    case .memoize: try rememberNext()

    case .global: try push(try globalLines())
    case .stackGlobal: try pushStackGlobal()
    case .reduce: try reduce()
    case .newObject: try newObject(argumentCount: 1)
    case .newObjectWithKeywords: try newObject(argumentCount: 2)
    case .build: try build()
    case .instance: try callInstance()
    case .object: try callObject()
    case .persistent: try push(try persistent(try pop()))

    case .persistentLine: throw .refusedInstruction("PERSID")
    case .extension1: throw .refusedInstruction("EXT1")
    case .extension2: throw .refusedInstruction("EXT2")
    case .extension4: throw .refusedInstruction("EXT4")
    case .nextBuffer: throw .refusedInstruction("NEXT_BUFFER")
    case .readOnlyBuffer: throw .refusedInstruction("READONLY_BUFFER")
    }
  }

  private mutating func checkProtocol() throws(TorchFlaw) {
    let number = try cursor.byte()
    guard number <= 5 else { throw broken("a protocol up to 5") }
  }

  private mutating func text(_ count: UInt64) throws(TorchFlaw) -> String {
    try cursor.text(count)
  }

  private mutating func pushBytes(_ count: UInt64) throws(TorchFlaw) {
    try push(.bytes(try cursor.take(count)))
  }

  /// A decimal integer, or one of the two truth values of the first protocols.
  private mutating func integerLine() throws(TorchFlaw) -> PickleValue {
    let line = try cursor.line()
    switch line {
    case "00": return .bool(false)
    case "01": return .bool(true)
    default:
      guard let value = Int(line.last == "L" ? line.dropLast() : line[...]) else {
        throw broken("an integer of 64 bits")
      }
      return .integer(value)
    }
  }

  private mutating func placeLine() throws(TorchFlaw) -> UInt32 {
    guard let place = UInt32(try cursor.line()) else { throw broken("a number of a value") }
    return place
  }

  private static func unquoted(_ line: String) -> String {
    guard let quote = line.first, quote == "'" || quote == "\"", line.count > 1, line.last == quote
    else { return line }
    return String(line.dropFirst().dropLast())
  }

  private mutating func globalLines() throws(TorchFlaw) -> PickleValue {
    let module = try cursor.line()
    return try newGlobal(module, try cursor.line())
  }

  private mutating func pushStackGlobal() throws(TorchFlaw) {
    let names = try pop(2)
    guard case .text(let module) = names[0], case .text(let name) = names[1] else {
      throw broken("a module and a name")
    }
    try push(try newGlobal(module, name))
  }

  /// `INST`: a call of a name that stands in the instruction.
  private mutating func callInstance() throws(TorchFlaw) {
    let module = try cursor.line()
    let name = module + "." + (try cursor.line())
    let arguments = try popMark()
    try push(try construct(name, arguments))
  }

  /// `OBJ`: a call of the first value above the mark.
  private mutating func callObject() throws(TorchFlaw) {
    let values = try popMark()
    guard let callee = values.first else { throw broken("a class") }
    try push(try construct(try name(of: callee), Array(values.dropFirst())))
  }

  private mutating func reduce() throws(TorchFlaw) {
    let values = try pop(2)
    let callee = try name(of: values[0])
    guard case .tuple(let place) = values[1] else { throw broken("a tuple of arguments") }
    try push(try construct(callee, objects.tuples[place]))
  }

  /// `NEWOBJ`: an object of a class, made without a call; what it is made from is not kept.
  private mutating func newObject(argumentCount: Int) throws(TorchFlaw) {
    let values = try pop(1 + argumentCount)
    let className = try name(of: values[0])
    switch PickleConstructor(rawValue: className) {
    case .orderedDictionary, .defaultDictionary, .counter: try push(try newDictionary())
    case .none, .some: try push(try newInstance(of: className))
    }
  }

  /// `BUILD`: gives an object its state, which stays as it is.
  private mutating func build() throws(TorchFlaw) {
    let state = try pop()
    switch try top() {
    case .instance(let place): objects.instances[place].state = state
    case .dictionary, .list, .tensor, .opaque: break
    case .none, .bool, .integer, .number, .text, .bytes, .tuple, .global, .storage:
      throw broken("an object")
    }
  }

  func name(of value: PickleValue) throws(TorchFlaw) -> String {
    guard case .global(let place) = value else { throw broken("a name") }
    return objects.globals[place]
  }
}
