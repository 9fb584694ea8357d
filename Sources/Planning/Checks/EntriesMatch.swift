import Diagnostics

/// Each entry of the lists and maps beside `target_modules` matches a module.
enum EntriesMatch {
  static func findings(_ checked: CheckedAdaptation) -> [Diagnostic] {
    checked.plan.unmatched.map { entry in
      let place = checked.section.place(ofEntry: entry.entry, key: entry.key)
      return Diagnostic(
        .warning, .deadTarget, "`\(entry.entry)` in `\(entry.key)` matches no module",
        at: place?.span ?? checked.section.span, path: place?.path,
        help: "remove it, or correct the name")
    }
  }
}
