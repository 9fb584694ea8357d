import Artifacts
import Planning

/// The tensors of a file with their shapes and types.
struct TensorListing {
  /// Every layer on a line of its own.
  let showsAll: Bool

  private struct Fact: Hashable {
    let shape: String
    let type: StoredType
  }

  /// A line for the whole, then one for each tensor or group of tensors.
  func lines(_ tensors: [StoredTensor]) -> [String] {
    let bytes = tensors.reduce(0) { $0 + $1.byteCount }
    let groups = LayerGroups(
      tensors.map { (name: $0.name, fact: Fact(shape: "\($0.shape)", type: $0.type)) },
      showsAll: showsAll
    ).groups
    let width = groups.map(\.name.count).max() ?? 0
    return ["\(Quantities.grouped(tensors.count)) tensors, \(Quantities.bytes(bytes))"]
      + groups.map { group in
        let count = group.count == 1 ? "" : "  ×\(group.count)"
        return "  \(Quantities.left(group.name, width))  \(group.fact.shape)  "
          + "\(group.fact.type.rawValue)\(count)"
      }
  }
}
