extension LoRAMatcher {
  private static let key = "trainable_token_indices"

  /// The tables of which some rows are trained, as `trainable_token_indices` says.
  ///
  /// - Throws: ``ModelError`` for a module that is no table or is trained otherwise, and for an id that
  ///   is no row.
  func trainedRows(
    adapted: Set<String>, saved: [String]
  ) throws(ModelError) -> [TrainedRows] {
    var result: [TrainedRows] = []
    for selection in specification.trainableTokens {
      let modules = tables(selection.module)
      if modules.isEmpty {
        throw .deadEntry(
          key: Self.key, entry: selection.module ?? "", near: model.moduleTree.tableNames)
      }
      for module in modules {
        guard case .embedding(let count, _) = module.kind else {
          throw .unsupportedTarget(
            module: module.path, reason: "`\(Self.key)` is for tables of tokens")
        }
        if adapted.contains(module.path) || Self.lies(module.path, in: saved) {
          throw .unsupportedTarget(
            module: module.path,
            reason: "`\(Self.key)` trains some rows of it; `target_modules` or `modules_to_save` "
              + "takes all")
        }
        for id in selection.ids where !(0..<count).contains(id) {
          throw .invalidSetting(
            key: Self.key, found: String(id),
            expected: "from 0 to \(count - 1), the rows of "
              + "`\(module.path)`")
        }
        if selection.ids.isEmpty || Set(selection.ids).count != selection.ids.count {
          throw .invalidSetting(
            key: Self.key, found: "\(selection.ids.count) ids", expected: "different ids")
        }
        let table = model.storedName(of: module.weight)
        if result.contains(where: { $0.table == table }) {
          throw .unsupportedTarget(
            module: module.path, reason: "`\(Self.key)` names its table twice")
        }
        result.append(TrainedRows(path: module.path, table: table, ids: selection.ids))
      }
    }
    return result
  }

  /// The modules called `name`; the first table where there is none.
  private func tables(_ name: String?) -> [Module] {
    guard let name else {
      return model.moduleTree.modules.first(where: \.isTable).map { [$0] } ?? []
    }
    return model.moduleTree.modules.filter { $0.path == name || $0.path.hasSuffix("." + name) }
  }
}

extension Module {
  fileprivate var isTable: Bool {
    switch kind {
    case .embedding: true
    case .linear, .norm, .container, .function: false
    }
  }
}

extension ModuleTree {
  /// The names of the tables, for advice.
  fileprivate var tableNames: [String] { modules.filter(\.isTable).map { String($0.name) } }
}
