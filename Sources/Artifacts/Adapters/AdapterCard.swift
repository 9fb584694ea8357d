import JSONSyntax

/// The page that the Hugging Face Hub shows of an adapter, README.md.
package struct AdapterCard: Hashable, Sendable {
  /// The class of transformers that loads the base; nil where none does.
  private let className: String?
  /// The Hub's word for what the base does.
  private let hubTask: String?
  /// The labels of a head that the base gets anew; nil where it has its own number.
  private let labelCount: Int?

  /// The card of an adapter whose base `className` loads, which the Hub lists under `hubTask`.
  package init(className: String, hubTask: String, labelCount: Int? = nil) {
    self.className = className
    self.hubTask = hubTask
    self.labelCount = labelCount
  }

  /// The card of an adapter whose base Hone alone reads.
  package init() { (className, hubTask, labelCount) = (nil, nil, nil) }

  /// The page, with the names that `configuration` gives.
  func text(of configuration: AdapterConfiguration) -> String {
    let base = configuration.baseModel ?? "unknown"
    // A JSON string is a YAML string.
    return """
      ---
      base_model: \(JSONValue.string(base).text())
      library_name: peft
      \(hubTask.map { "pipeline_tag: \($0)\n" } ?? "")tags:
      - \(JSONValue.string("base_model:adapter:" + base).text())
      - lora
      ---

      # LoRA adapter

      A low-rank adapter (rank \(configuration.rank)) for `\(base)`, trained with Hone and saved in
      the layout of PEFT \(AdapterConfiguration.peftVersion).

      \(usage(of: base))

      """
  }

  private func usage(of base: String) -> String {
    guard let className else {
      return
        "Its base reads numbers, which transformers does not: `lora: {init: …}` in a pipeline goes on from it."
    }
    let labels = labelCount.map { ", num_labels=\($0)" } ?? ""
    return """
      ```python
      from peft import PeftModel
      from transformers import \(className)

      model = \(className).from_pretrained(\(JSONValue.string(base).text())\(labels))
      model = PeftModel.from_pretrained(model, "path/to/this/directory")
      ```
      """
  }
}
