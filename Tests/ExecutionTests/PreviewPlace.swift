import Diagnostics
import JSONSyntax
import Planning
import Testing
import Tokenizers

/// A workplace whose tokenizer has every byte and a chat's marks, so that rows can be read.
struct PreviewPlace {
  let place: Workplace

  /// Makes a tokenizer of `words`; with `prefix` it puts `<s>` before a text.
  init(
    prefix: Bool = false, template: String? = PreviewPlace.template,
    words: [String] = Workplace.sentences
  ) throws {
    place = try Workplace()
    let trained = try BytePairTrainer.train(
      texts: words, vocabularySize: 300,
      specialTokens: ["<|end|>", "<s>", "<|im_start|>", "<|im_end|>"])
    var description = try #require(trained.tokenizerJSON().object)
    if prefix {
      let begin = try #require(trained.id(of: "<s>"))
      description["post_processor"] = [
        "type": "TemplateProcessing",
        "single": [
          ["SpecialToken": ["id": "<s>", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
        ],
        "pair": [],
        "special_tokens": [
          "<s>": ["id": "<s>", "ids": [.integer(Int64(begin))], "tokens": ["<s>"]]
        ],
      ]
    }
    var configuration = JSONObject([("bos_token", "<s>"), ("eos_token", "<|end|>")])
    if let template { configuration["chat_template"] = .string(template) }
    try place.write("tokenizer/tokenizer.json", JSONValue.object(description).text())
    try place.write("tokenizer/tokenizer_config.json", JSONValue.object(configuration).text())
  }

  static let template = """
    {% for m in messages %}<|im_start|>{{ m.role }}
    {{ m.content }}<|im_end|>
    {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
    {% endif %}
    """

  /// The run of a pipeline that trains on section `rows` of `file`.
  func run(
    _ section: String, rows: String, file: String = "rows.jsonl", batch: String = "{size: 2}",
    stages: String = ""
  ) throws -> PreparedRun {
    try place.write(file, rows)
    return try place.plan(
      place.text(
        data: "rows: {load: \(file), \(section)}",
        """
          - train:
              data: rows
              method: {lora: {r: 4, alpha: 16, target_modules: all-linear}}
              epochs: 1
              batch: \(batch)
              optimizer: {adamw: {learning_rate: 1e-2}}
        \(stages)
        """))
  }

  /// The preview's text with the workplace's directory taken out.
  func text(
    _ run: PreparedRun, rows: Int = 3, data: String? = nil, isWhole: Bool = false,
    style: PreviewStyle = PreviewStyle()
  ) throws -> String {
    try run.preview(PreviewRequest(rowCount: rows, data: data, isWhole: isWhole)).text(style)
      .replacing(place.directory + "/", with: "")
  }
}
