import ArgumentParser
import Diagnostics
import Pipelines
import Planning

/// What `--compare` names: methods with their settings, or other pipelines.
enum ComparedMethod {
  case variant(title: String, MethodVariant)
  /// Another pipeline, as it is.
  case pipeline(file: String)

  /// Reads `full,lora,lora:r=16`.
  ///
  /// - Throws: a usage error that says what can be written.
  static func list(_ text: String) throws -> [ComparedMethod] {
    let entries = text.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0.drop { $0 == " " })
    }
    return try entries.map(method)
  }

  private static func method(_ text: String) throws -> ComparedMethod {
    if text.hasSuffix(".yaml") || text.hasSuffix(".yml") { return .pipeline(file: text) }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch parts.first {
    case "full" where parts.count == 1: return .variant(title: text, .full)
    case "lora":
      var changes = MethodVariant.LoRAChanges()
      for setting in parts.dropFirst() { try read(setting, into: &changes) }
      return .variant(title: text, .lora(changes))
    default:
      throw ValidationError(
        "`\(text)` is no method to compare; write them as "
          + "`--compare full,lora,lora:r=16:alpha=32`, or name another pipeline's file")
    }
  }

  private static let keys = ["r", "alpha", "target_modules", "use_rslora"]

  private static func read(
    _ setting: String, into changes: inout MethodVariant.LoRAChanges
  ) throws {
    let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    let (key, value) = (parts[0], parts.count == 2 ? parts[1] : "")
    switch key {
    case "r":
      guard let rank = Int(value), rank > 0, rank <= 1 << 20 else {
        throw ValidationError("`\(setting)` sets no rank; write `lora:r=16`")
      }
      changes.rank = rank
    case "alpha":
      guard let alpha = Double(value), alpha.isFinite, alpha > 0 else {
        throw ValidationError("`\(setting)` sets no alpha; write `lora:alpha=32`")
      }
      changes.alpha = alpha
    case "target_modules":
      let names = value.split(separator: "+").map(String.init)
      guard !names.isEmpty else {
        throw ValidationError(
          "`\(setting)` names no modules; write `lora:target_modules=q_proj+v_proj` or "
            + "`lora:target_modules=all-linear`")
      }
      changes.targetModules = names
    case "use_rslora":
      guard let flag = Bool(value) else {
        throw ValidationError("`\(setting)` is neither true nor false")
      }
      changes.useRSLoRA = flag
    default:
      let near = Suggestion.nearest(to: key, among: keys).map { ", did you mean `\($0)`?" }
      throw ValidationError(
        "`\(key)` cannot be compared\(near ?? ""); settings of lora: "
          + keys.joined(separator: ", "))
    }
  }
}
