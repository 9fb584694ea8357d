import ArgumentParser
import CPUBackend
import Diagnostics
import Execution
import JSONSyntax

/// `hone bench`.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time LoRA steps on SmolLM2-135M's shape with random weights and tokens.",
    discussion: """
      Prints a JSON object a step; the first is a warm-up.

      Example:
        hone bench --steps 5
      """)

  @Option(help: "How many optimizer steps.")
  var steps = 5

  @Option(help: "Rows of a batch.")
  var rows = 4

  @Option(help: "Tokens of a row.")
  var length = 256

  @Option(help: "Dropout of the adapter.")
  var dropout = 0.0

  @Option(help: "Threads; as many as there are processors if left out.")
  var threads: Int?

  func validate() throws {
    guard steps > 0, rows > 0, length > 0, (0..<1).contains(dropout), threads ?? 1 > 0 else {
      throw ValidationError("numbers must be positive, and the dropout below 1")
    }
  }

  func run() throws {
    let terminal = Terminal.current()
    do throws(DiagnosticError) {
      try StepBenchmark.run(
        steps: steps, rows: rows, length: length, dropout: dropout,
        backend: CPUBackend(threads: threads), now: ProcessFacts.seconds
      ) { step in
        let json: JSONValue = [
          "seconds": .number(step.seconds), "tokens_per_second": .number(step.tokensPerSecond),
          "loss": .number(step.loss),
        ]
        terminal.print(json.text(.spaced) + "\n")
      }
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.stageFailed
    }
    let peak: JSONValue = ["peak_resident_bytes": .integer(Int64(ProcessFacts.peakMemory()))]
    terminal.print(peak.text(.spaced) + "\n")
  }
}
