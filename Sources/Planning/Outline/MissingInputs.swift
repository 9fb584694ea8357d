import Artifacts
import Datasets
import Pipelines

/// The inputs of a pipeline that are not there: what an earlier pipeline may still make.
struct MissingInputs {
  /// The model's path, or its weights beside a `config.json` that is there.
  private(set) var model: String?
  private(set) var tokenizer: String?
  /// The first missing file of each section that lacks one, by the section's name.
  private(set) var data: [String: String] = [:]
  /// The adapters that stages begin with, by the stage's path.
  private(set) var adapters: [String: String] = [:]
  /// All of them in the order of the pipeline, each once.
  private(set) var all: [String] = []

  init(_ pipeline: Pipeline, _ paths: InputPaths) {
    if case .load(let path) = pipeline.model.source,
      Self.lacksWeights(
        paths.resolve(path), configuration: pipeline.model.config.map { paths.resolve($0) })
    {
      model = path.value
    }
    tokenizer = pipeline.model.tokenizer.flatMap { setting in
      FilePaths.kind(of: paths.resolve(setting)) == nil ? setting.value : nil
    }
    all = [model, tokenizer].compactMap { $0 }
    for section in pipeline.data { add(section, paths) }
    for stage in pipeline.stages {
      guard case .train(let train) = stage.work, case .lora(let section) = train.method,
        let adapter = section.initialAdapter,
        FilePaths.kind(of: paths.resolve(adapter)) == nil
      else { continue }
      adapters[stage.path] = adapter.value
      add(adapter.value)
    }
  }

  private mutating func add(_ section: DataSection, _ paths: InputPaths) {
    switch section.source {
    case .load(let files):
      for file in files {
        do throws(DatasetError) {
          _ = try DataFile.find([paths.resolve(file)], in: "", format: .jsonl)
        } catch {
          data[section.name] = data[section.name] ?? file.value
          add(file.value)
        }
      }
    case .pair(let source, let target):
      for file in [source, target] where FilePaths.kind(of: paths.resolve(file)) == nil {
        data[section.name] = data[section.name] ?? file.value
        add(file.value)
      }
    case .mix(let parts):
      let names = parts.map { DataNames.section(of: $0.data.value) }
      data[section.name] = names.first { data[$0] != nil }.flatMap { data[$0] }
    }
  }

  private mutating func add(_ path: String) {
    if !all.contains(path) { all.append(path) }
  }

  /// Whether nothing is at `path`, or a directory with a configuration and no weights of any form.
  private static func lacksWeights(_ path: String, configuration: String?) -> Bool {
    switch FilePaths.kind(of: path) {
    case nil: return true
    case .file, .other: return false
    case .directory: break
    }
    do throws(ArtifactError) {
      _ = try Checkpoint.open(path, configuration: configuration)
      return false
    } catch {
      switch error {
      case .noWeights(_, found: nil): return true
      default: return false
      }
    }
  }
}

/// The names by which stages call rows.
enum DataNames {
  /// The section of `section` or `section.part`.
  static func section(of name: String) -> String {
    name.split(separator: ".").first.map(String.init) ?? name
  }
}
