/// The tensors by name of what a torch file holds: a state dict, a dict with one, or a module.
struct TorchModel {
  /// The most bytes of all their names.
  static let maximumNameBytes = 1 << 26
  /// The most entries of dictionaries that are looked at, each as often as it is.
  static let maximumWork = 1 << 25
  /// The deepest nesting of modules.
  static let maximumDepth = 128

  /// The tensors, in the order of the file.
  private(set) var tensors: [(name: String, tensor: TorchTensor)] = []
  /// The entry of the file's dictionary that was taken, if it is not the whole.
  private(set) var entry: String?
  private var names: Set<String> = []
  private var nameBytes = 0
  private var work = 0
  private let objects: PickleObjects

  /// Finds the model in `root`.
  ///
  /// - Throws: ``TorchFlaw`` if there is none, or more than one.
  init(_ root: PickleValue, _ objects: PickleObjects) throws(TorchFlaw) {
    self.objects = objects
    if case .instance = root {
      try addModule(root)
    } else {
      let entries = try entries(of: root)
      var models: [(key: String, value: PickleValue)] = []
      for entry in entries where try isModel(entry.value) { models.append(entry) }
      switch models.count {
      case 0: try addTensors(entries)
      case 1:
        entry = models[0].key
        if case .instance = models[0].value {
          try addModule(models[0].value)
        } else {
          try addTensors(try self.entries(of: models[0].value))
        }
      default: throw .severalModels(models.map(\.key))
      }
    }
    if tensors.isEmpty { throw .noTensors }
  }

  /// Whether a value is a dict of nothing but tensors, or a module.
  private mutating func isModel(_ value: PickleValue) throws(TorchFlaw) -> Bool {
    if case .instance(let place) = value {
      return try entry("_parameters", of: objects.instances[place].state) != nil
    }
    let entries = try entries(of: value)
    return !entries.isEmpty
      && entries.allSatisfy {
        if case .tensor = $0.value { true } else { false }
      }
  }

  private mutating func addTensors(
    _ entries: [(key: String, value: PickleValue)], prefix: String = ""
  ) throws(TorchFlaw) {
    for (key, value) in entries {
      guard case .tensor(let place) = value else { continue }
      try count(prefix, key)
      let name = prefix + key
      guard names.insert(name).inserted else { throw .duplicateTensor(name) }
      tensors.append((name, objects.tensors[place]))
    }
  }

  /// Adds what the state dict of a module would hold.
  private mutating func addModule(_ module: PickleValue) throws(TorchFlaw) {
    // Parents are named before what is in them, as torch orders a state dict.
    var pending: [(module: PickleValue, prefix: String, depth: Int)] = [(module, "", 0)]
    while let (module, prefix, depth) = pending.popLast() {
      guard depth < Self.maximumDepth else { throw .modulesTooDeep }
      guard case .instance(let place) = module else { continue }
      let state = objects.instances[place].state
      try addTensors(try entries(of: try entry("_parameters", of: state)), prefix: prefix)
      let hidden = try hiddenNames(state)
      let buffers = try entries(of: try entry("_buffers", of: state))
      try addTensors(buffers.filter { !hidden.contains($0.key) }, prefix: prefix)
      for (key, child) in try entries(of: try entry("_modules", of: state)).reversed() {
        try count(prefix, key)
        pending.append((child, prefix + key + ".", depth + 1))
      }
    }
  }

  private mutating func entries(
    of value: PickleValue?
  ) throws(TorchFlaw) -> [(key: String, value: PickleValue)] {
    guard let value else { return [] }
    try countWork(value)
    return objects.textEntries(of: value) ?? []
  }

  private mutating func entry(
    _ key: String, of value: PickleValue
  ) throws(TorchFlaw) -> PickleValue? {
    try countWork(value)
    return objects.entry(key, of: value)
  }

  private mutating func countWork(_ value: PickleValue) throws(TorchFlaw) {
    work += 1
    if case .dictionary(let place) = value { work += objects.dictionaries[place].count }
    guard work <= Self.maximumWork else {
      throw .tooMany("entries of dictionaries", limit: Self.maximumWork)
    }
  }

  /// The buffers that a state dict leaves out.
  private mutating func hiddenNames(_ state: PickleValue) throws(TorchFlaw) -> Set<String> {
    let names = try entry("_non_persistent_buffers_set", of: state)
      .flatMap { objects.elements(of: $0) }
    work += names?.count ?? 0
    return Set(
      (names ?? []).compactMap { name in
        if case .text(let text) = name { text } else { nil }
      })
  }

  private mutating func count(_ prefix: String, _ key: String) throws(TorchFlaw) {
    nameBytes += prefix.utf8.count + key.utf8.count
    guard nameBytes <= Self.maximumNameBytes else {
      throw .tooMany("bytes of names", limit: Self.maximumNameBytes)
    }
  }
}
