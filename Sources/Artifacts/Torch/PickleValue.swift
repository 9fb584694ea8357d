/// One value that a pickle describes; what can be shared or changed is a place in
/// ``PickleObjects``.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  /// Bytes, or an integer beyond 64 bits, by where they lie in the file.
  case bytes(Range<Int>)
  case list(Int)
  case tuple(Int)
  case dictionary(Int)
  /// A name that the pickle would import.
  case global(Int)
  case storage(Int)
  case tensor(Int)
  case instance(Int)
  /// Data of no use to a model, such as a device or a scalar of numpy.
  case opaque
}

/// One entry of a dictionary.
struct PickleEntry {
  let key: PickleValue
  let value: PickleValue
}

/// An object of a class that is not known: its name and what it was given, nothing that acts.
struct PickleInstance {
  /// The class, with its module: `torch.nn.modules.linear.Linear`.
  let className: String
  /// What the pickle gives the object as its state.
  var state: PickleValue = .none
}

/// Everything that pickles built, in flat tables, so that neither depth nor cycles cost anything.
struct PickleObjects {
  var lists: [[PickleValue]] = []
  var tuples: [[PickleValue]] = []
  /// In the order of the pickle; a key may occur again, and then counts from there.
  var dictionaries: [[PickleEntry]] = []
  var globals: [String] = []
  var instances: [PickleInstance] = []
  var storages: [TorchStorage] = []
  var tensors: [TorchTensor] = []
  /// The place of a storage in ``storages`` by its key and the part of it that is meant.
  var storagePlaces: [String: Int] = [:]

  /// How many there are in all.
  var count: Int {
    lists.count + tuples.count + dictionaries.count + globals.count + instances.count
      + storages.count + tensors.count
  }

  /// The elements of a list or tuple.
  func elements(of value: PickleValue) -> [PickleValue]? {
    switch value {
    case .list(let place): lists[place]
    case .tuple(let place): tuples[place]
    case .none, .bool, .integer, .number, .text, .bytes, .dictionary, .global, .storage, .tensor,
      .instance, .opaque:
      nil
    }
  }

  /// The entries of a dictionary whose keys are text, the last of each key, in their first order.
  func textEntries(of value: PickleValue) -> [(key: String, value: PickleValue)]? {
    guard case .dictionary(let place) = value else { return nil }
    var entries: [(key: String, value: PickleValue)] = []
    var positions: [String: Int] = [:]
    for entry in dictionaries[place] {
      guard case .text(let key) = entry.key else { continue }
      if let position = positions[key] {
        entries[position].value = entry.value
      } else {
        positions[key] = entries.count
        entries.append((key, entry.value))
      }
    }
    return entries
  }

  /// The value of the last entry of a dictionary with this key.
  func entry(_ key: String, of value: PickleValue) -> PickleValue? {
    guard case .dictionary(let place) = value else { return nil }
    return dictionaries[place].last {
      if case .text(key) = $0.key { true } else { false }
    }?.value
  }
}
