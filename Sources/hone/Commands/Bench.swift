import ArgumentParser
import Artifacts
import CPUBackend
import Diagnostics
import Execution
import JSONSyntax
import Models
import Tensors

/// `hone bench`.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time training steps on SmolLM2-135M's shape with random weights and tokens.",
    discussion: """
      Prints a JSON object a step; the first is a warm-up.

      Example:
        hone bench --steps 5
        hone bench --all-linear --bfloat16
        hone bench --full --profile                     where the time goes
        hone bench --all-linear --estimate              and what a plan says of it
        hone bench --lengths steps.json --packed 1024   each step's own lengths: [[80, 312], [45]]
      """)

  @Option(help: "How many optimizer steps.")
  var steps = 5

  @Option(help: "Rows of a batch.")
  var rows = 4

  @Option(help: "Tokens of a row.")
  var length = 256

  @Option(
    help:
      "A JSON file with a list of row lengths for each step, in place of steps, rows and length.")
  var lengths: String?

  @Option(help: "The share of each row that is supervised, at its end.")
  var supervised = 1.0

  @Option(help: "Pack rows into sequences of this length.")
  var packed: Int?

  @Flag(help: "Adapt all linear modules, not q_proj and v_proj alone.")
  var allLinear = false

  @Flag(help: "Train all weights.")
  var full = false

  @Flag(help: "Keep frozen matrices in bfloat16.")
  var bfloat16 = false

  @Option(help: "Dropout of the adapter.")
  var dropout = 0.0

  @Option(help: "Threads; as many as there are processors if left out.")
  var threads: Int?

  @Option(help: "What the backward pass computes again: none, attention or block.")
  var recompute = Recomputation.none

  @Flag(help: "Print what a plan would say that each step takes, too.")
  var estimate = false

  @Flag(help: "After the steps print the time by operation, the first step left out.")
  var profile = false

  func validate() throws {
    guard steps > 0, rows > 0, length > 0, packed ?? 1 > 0, (0..<1).contains(dropout),
      threads ?? 1 > 0, supervised > 0, supervised <= 1
    else {
      throw ValidationError("numbers must be positive, shares at most 1, and the dropout below 1")
    }
    if full && (allLinear || bfloat16) {
      throw ValidationError("--full trains every weight in float32: it goes alone")
    }
  }

  func run() throws {
    let terminal = Terminal.current()
    do throws(DiagnosticError) {
      let operations = profile ? OperationProfile() : nil
      let backend = CPUBackend(threads: threads, profile: operations)
      var number = 0
      var seconds = 0.0
      let calibration = estimate ? MeasuredBackends.calibration(of: backend) : nil
      try StepBenchmark.run(
        work(), backend: backend, calibration: calibration, now: ProcessFacts.seconds
      ) { step in
        number += 1
        if number == 1 { _ = operations?.take() } else { seconds += step.seconds }
        var numbers: [(String, Double)] = [
          ("seconds", step.seconds),
          ("tokens_per_second", Double(step.tokens) / step.seconds),
          ("supervised_tokens_per_second", Double(step.supervisedTokens) / step.seconds),
          ("loss", step.loss),
        ]
        if let estimated = step.estimatedSeconds {
          numbers.append(("estimated_seconds", estimated))
        }
        let json = JSONValue.object(JSONObject(numbers.map { ($0, .number($1)) }))
        terminal.print(json.text(.spaced) + "\n")
      }
      if let operations, seconds > 0 {
        let report = ProfileReport(
          entries: operations.take(), calibration: MeasuredBackends.calibration(of: backend),
          seconds: seconds)
        terminal.print(report.lines.map { "\($0)\n" }.joined())
      }
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.stageFailed
    }
    let peak: JSONValue = ["peak_resident_bytes": .integer(Int64(ProcessFacts.peakMemory()))]
    terminal.print(peak.text(.spaced) + "\n")
  }

  private func work() throws(DiagnosticError) -> BenchmarkCase {
    BenchmarkCase(
      method: full
        ? .full : .lora(targets: allLinear ? [] : ["q_proj", "v_proj"], dropout: dropout),
      weightType: bfloat16 ? .bfloat16 : .float32,
      steps: try lengths.map { (path) throws(DiagnosticError) in try Self.steps(in: path) }
        ?? Array(repeating: Array(repeating: length, count: rows), count: steps),
      supervisedShare: supervised, packedLength: packed, recomputation: recompute)
  }

  /// The row lengths that the file at `path` has for each step.
  private static func steps(in path: String) throws(DiagnosticError) -> [[Int]] {
    let value: JSONValue
    do throws(ArtifactError) { value = try JSONFile.value(at: path) } catch {
      throw DiagnosticError(error.diagnostic)
    }
    let steps = value.array?.map { $0.array?.compactMap(\.integer) ?? [] } ?? []
    guard !steps.isEmpty, steps.allSatisfy({ $0.allSatisfy((1...8192).contains) && !$0.isEmpty })
    else {
      throw DiagnosticError(
        Diagnostic(
          .error, .invalidJSON, "`\(path)` is no list of lists of lengths from 1 to 8,192",
          help: "write it as `[[80, 312], [45, 60]]`: a list for each step"))
    }
    return steps
  }
}

extension Recomputation: ExpressibleByArgument {}
